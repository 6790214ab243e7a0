from pathlib import Path

import pytest

from knowledge_base.access.audiences import Audience, Audiences
from knowledge_base.pages.library import Library
from knowledge_base.pages.pinned import Pinned, load_pinned
from knowledge_base.settings import ROOT

STAFF = Audiences({"staff": Audience(title="Staff", description="Staff.", groups=("staff",))})


def load(tmp_path: Path, text: str) -> Pinned:
    path = tmp_path / "pinned.yml"
    path.write_text(text)
    return load_pinned(path, audiences=STAFF)


def test_searches_lead_to_a_section_for_everyone_unless_it_says_for_whom(tmp_path: Path) -> None:
    entries = load(
        tmp_path,
        "- searches: [in danger, 999, ' bomb ']\n  leads_to: /referral#now\n"
        "- {searches: [inbox], leads_to: /desk, audience: staff}\n",
    ).entries

    assert [(one.searches, one.leads_to, one.audience) for one in entries] == [
        (("in danger", "999", "bomb"), "/referral#now", "open"),
        (("inbox",), "/desk", "staff"),
    ]


@pytest.mark.parametrize(
    "address", ["/", "/referral", "/uasc/procedures/age-16", "/referral#now", "/uasc#staff-only-1"]
)
def test_an_address_of_the_site_may_be_led_to(tmp_path: Path, address: str) -> None:
    (pin,) = load(tmp_path, f"- searches: [a]\n  leads_to: '{address}'\n").entries

    assert pin.leads_to == address


@pytest.mark.parametrize(
    "entry",
    [
        "{searches: [a]}",
        "{leads_to: /referral}",
        "{searches: [], leads_to: /referral}",
        "{searches: a, leads_to: /referral}",
        "{searches: [' '], leads_to: /referral}",
        "{searches: [a], leads_to: referral}",
        "{searches: [a], leads_to: 'https://example.gov.uk/referral'}",
        "{searches: [a], leads_to: '//example.gov.uk'}",
        "{searches: [a], leads_to: 'javascript:alert(1)'}",
        "{searches: [a], leads_to: '/Referral.md'}",
        "{searches: [a], leads_to: '/referral#'}",
        "{searches: [a], leads_to: '/referral?q=a'}",
        "{searches: [a], leads_to: /referral, audience: nobody}",
        "{searches: [a], leads_to: /referral, colour: red}",
        "[a, /referral]",
        "just words",
    ],
)
def test_a_wrong_entry_is_left_out_and_reported_and_the_others_hold(tmp_path: Path, entry: str) -> None:
    pinned = load(tmp_path, f"- {entry}\n- {{searches: [b], leads_to: /share}}\n")

    assert [one.leads_to for one in pinned.entries] == ["/share"]
    assert pinned.faults
    assert {fault.path for fault in pinned.faults} == {"_data/pinned.yml"}
    assert all(fault.message.startswith("entry 1: ") for fault in pinned.faults)


def test_a_search_of_any_length_is_too_much(tmp_path: Path) -> None:
    assert load(tmp_path, f"- {{searches: [{'a' * 81}], leads_to: /share}}\n").entries == ()
    assert load(tmp_path, f"- {{searches: [{', '.join(map(str, range(31)))}], leads_to: /share}}\n").entries == ()


def test_without_the_file_nothing_is_pinned(tmp_path: Path) -> None:
    assert load_pinned(tmp_path / "pinned.yml", audiences=STAFF) == Pinned()


def test_what_is_shipped_has_no_faults_and_leads_to_sections_that_exist() -> None:
    edition = Library(ROOT / "content").edition()

    assert edition.pinned.faults == ()
    assert edition.pinned.entries
    for pin in edition.pinned.entries:
        url, _, anchor = pin.leads_to.partition("#")
        page = edition.page(url)
        assert page, pin.leads_to
        assert anchor in {"", *(section.anchor for section in edition.document(page).sections)}, pin.leads_to
