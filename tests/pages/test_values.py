"""Local values and contacts: read, shown with where they are from, and never beyond their audience."""

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.inline import look_up
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.values import NOT_SET, LocalData, load_local_data
from tests.content_folder import ContentFolder

OPEN = Requirement()
STAFF = Requirement(frozenset({"staff"}))

COUNCIL = """
threshold: {label: Threshold, value: "44", audience: open, origin: Thurrock, as_of: 2024-02, source: x}
confirmed: {label: C, value: Yes it is, audience: open, origin: Thurrock, confirmed: {on: 2026-11-20, by: Prevent lead}}
unset: {label: Unset, value: , audience: open, origin: Thurrock}
allowance: {label: Allowance, value: £67.20, audience: staff, origin: Thurrock}
"""
CONTACTS = """
emergency: {name: Emergency services, audience: open, phone: 999, origin: national}
mash: {name: MASH, audience: open, phone: 01375 000000, email: mash@example.gov.uk, hours: Weekdays,
  purpose: A child, note: Ask for the duty desk, origin: Thurrock, as_of: 2024-02-20}
first: {name: First interpreters, audience: staff, phone: "0800 1", group: interpreters, origin: Thurrock}
second: {name: Second interpreters, audience: staff, email: a@example.com, group: interpreters, origin: Thurrock}
silent: {name: Silent team, audience: open, origin: Thurrock}
"""


@pytest.fixture
def data(content: ContentFolder) -> LocalData:
    content.file("_data/council.yml", COUNCIL)
    content.file("_data/contacts.yml", CONTACTS)
    return load_local_data(content.root / "_data" / "council.yml", content.root / "_data" / "contacts.yml")


def html_of(body: str, data: LocalData, requirement: Requirement = OPEN) -> str:
    return render(body, Context("A page", requirement, data)).html_for(lambda _requirement: True)


def test_an_unconfirmed_value_says_whose_it_is(data: LocalData) -> None:
    html = html_of("It is {{ council.threshold }}.", data)

    assert "<span>44</span>" in html
    assert "(Thurrock’s, February 2024: not confirmed here)" in html


def test_a_confirmed_value_stands_alone(data: LocalData) -> None:
    html = html_of("{{ council.confirmed }}", data)

    assert "Yes it is" in html
    assert "confirmed here" not in html


@pytest.mark.parametrize(
    "name",
    ["council.unset", "council.nothing", "contact.silent.phone", "contact.mash.purpose", "contact.mash", "x", ""],
)
def test_what_is_not_there_says_so(data: LocalData, name: str) -> None:
    assert NOT_SET in html_of(f"{{{{ {name} }}}}", data)


def test_a_staff_value_is_not_shown_on_an_open_page(data: LocalData) -> None:
    assert "67.20" not in html_of("{{ council.allowance }}", data)
    assert "£67.20" in html_of("{{ council.allowance }}", data, STAFF)


def test_a_staff_value_is_shown_in_the_staff_only_block_of_an_open_page(data: LocalData) -> None:
    document = render("/// staff-only\n{{ council.allowance }}\n///", Context("A page", OPEN, data))

    assert "67.20" not in document.html_for(lambda requirement: requirement.is_open)
    assert "£67.20" in document.html_for(lambda _requirement: True)


def test_numbers_and_mailboxes_are_links(data: LocalData) -> None:
    html = html_of("{{ contact.mash.phone }} {{ contact.mash.email }} {{ contact.mash.name }}", data)

    assert 'href="tel:01375000000"' in html
    assert 'href="mailto:mash@example.gov.uk"' in html
    assert "<span>MASH</span></span>" in html


def test_a_contact_is_shown_as_a_card(data: LocalData) -> None:
    html = html_of("/// contact | mash\n///", data)

    assert "A child" in html
    assert "<dt>Hours</dt>" in html
    assert "Ask for the duty desk" in html
    assert "Thurrock’s, February 2024: not confirmed here" in html


@pytest.mark.parametrize(
    "block", ["contact | silent", "contact | nobody", "contact | first", "contacts | interpreters"]
)
def test_a_contact_that_is_not_set_or_not_for_the_reader_says_so(data: LocalData, block: str) -> None:
    html = html_of(f"/// {block}\n///", data)

    assert NOT_SET in html
    assert "interpreters" not in html


def test_a_group_of_contacts_keeps_the_order_of_the_file(data: LocalData) -> None:
    html = html_of("/// contacts | interpreters\n///", data, STAFF)

    assert html.index("First interpreters") < html.index("Second interpreters")


def test_a_national_number_needs_no_confirmation(data: LocalData) -> None:
    found = look_up("contact.emergency.phone", data, OPEN)

    assert found
    assert (found.text, found.provenance) == ("999", "")


def test_what_a_value_holds_is_text_and_nothing_else(content: ContentFolder) -> None:
    content.file(
        "_data/council.yml",
        "x: {label: X, value: '**b** <script>alert(1)</script> {{ y }}', audience: open, origin: O}",
    )
    data = load_local_data(content.root / "_data" / "council.yml", content.root / "_data" / "contacts.yml")

    html = html_of("{{ council.x }}", data)

    assert "**b** &lt;script&gt;alert(1)&lt;/script&gt; {{ y }}" in html


@pytest.mark.parametrize("wrong", ["as_of: 2024-13", "as_of: 0000-01", "confirmed: {on: 2024-02-31, by: Lead}"])
def test_a_day_that_is_none_costs_only_its_entry(content: ContentFolder, wrong: str) -> None:
    content.file("_data/council.yml", f"{COUNCIL}\nwrong: {{label: W, value: 1, audience: open, origin: T, {wrong}}}\n")

    data = load_local_data(content.root / "_data" / "council.yml", content.root / "_data" / "contacts.yml")

    assert "threshold" in data.values
    assert "wrong" not in data.values


def test_a_wrong_entry_is_left_out_and_named(content: ContentFolder) -> None:
    content.file("_data/council.yml", f"{COUNCIL}\nwrong: {{label: W, valeu: 1, audience: open, origin: T}}\n")

    data = load_local_data(content.root / "_data" / "council.yml", content.root / "_data" / "contacts.yml")

    assert "threshold" in data.values
    assert "wrong" not in data.values
    assert [fault.path for fault in data.faults] == ["_data/council.yml"]
    assert "'wrong.valeu'" in data.faults[0].message


@pytest.mark.parametrize("broken", ["a: [", "- a list", b"\xff\xfe", "Bad Key: {}", "a: {}\na: {}"])
def test_a_file_that_cannot_be_read_leaves_everything_unset(content: ContentFolder, broken: str | bytes) -> None:
    content.file("_data/council.yml", broken)

    data = load_local_data(content.root / "_data" / "council.yml", content.root / "_data" / "contacts.yml")

    assert data.values == {}
    assert "nothing of the file is used" in data.faults[0].message
