"""What a council still has to make its own, for whoever may know it."""

import pytest
from flask.testing import FlaskClient

from tests.content_folder import ContentFolder


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.file(
        "_data/council.yml",
        'threshold: {label: Threshold, value: "44", audience: open, origin: Thurrock, as_of: 2024-02}\n'
        "unset: {label: Unset value, audience: open, origin: Thurrock}\n"
        "done: {label: Done, value: x, audience: open, origin: Here, confirmed: {on: 2026-11-20, by: Prevent lead}}\n"
        "allowance: {label: Allowance, value: £67.20, audience: staff, origin: Thurrock}\n",
    )
    content.file(
        "_data/contacts.yml",
        'emergency: {name: Emergency, audience: open, phone: "999", origin: national}\n'
        "silent: {name: Silent team, audience: open, hours: Weekdays, origin: Thurrock}\n",
    )
    content.page("about/index")
    content.page("about/set-up")
    content.page("mixed", "Words.\n\n/// staff-only\n{{ council.threshold }}\n///\n")
    content.page("numbers", "{{ council.threshold }} {{ council.threshold }}")
    content.page("staff-numbers", "{{ council.threshold }}", audience="staff")


def text_of(browser: FlaskClient) -> str:
    return " ".join(browser.get("/about/set-up").get_data(as_text=True).split())


def test_what_is_to_be_done_comes_first(anonymous: FlaskClient) -> None:
    text = text_of(anonymous)

    places = [text.index(words) for words in ("Not set (2)", "Not confirmed (1)", "Confirmed (1)", "National (1)")]
    assert places == sorted(places)
    assert text.index("Not set (2)") < text.index("Silent team") < text.index("Unset value") < places[1]


def test_a_value_says_whose_it_is_where_it_stands_and_where_it_is_used(anonymous: FlaskClient) -> None:
    text = text_of(anonymous)

    assert "Thurrock’s, February 2024: not confirmed here" in text
    assert "<code>threshold</code> in <code>council.yml</code>" in text
    assert text.count('<a class="govuk-link" href="/numbers">Numbers</a>') == 1
    assert "Confirmed: Prevent lead, 20 November 2026" in text


def test_a_reader_sees_the_values_and_pages_of_that_reader(anonymous: FlaskClient, staff: FlaskClient) -> None:
    assert "Allowance" not in text_of(anonymous)
    assert "/staff-numbers" not in text_of(anonymous)
    assert "£67.20" in text_of(staff)
    assert "/staff-numbers" in text_of(staff)


def test_a_use_in_a_staff_only_block_is_told_to_staff_only(anonymous: FlaskClient, staff: FlaskClient) -> None:
    assert "/mixed" not in text_of(anonymous)
    assert "/mixed" in text_of(staff)
