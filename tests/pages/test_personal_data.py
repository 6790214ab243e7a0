"""Addresses and numbers of people, and what only looks like them."""

import pytest

from knowledge_base.pages.personal_data import personal_data_in

KNOWN = {"prevent@council.gov.uk", "child.asuappointment@homeoffice.gov.uk"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Write to jo.bloggs@council.gov.uk", "a person's own"),
        ("Jo.Bloggs2@council.gov.uk.", "a person's own"),
        ("<j.o-brien@council.gov.uk>", "a person's own"),
        ("[Jo](mailto:jo_bloggs@council.gov.uk)", "a person's own"),
        ("team@council.gov.uk", "not in contacts.yml"),
        ("prevent.team@council.gov.uk", "not in contacts.yml"),
        ("07700 900123", "mobile"),
        ("07700900123", "mobile"),
        ("+44 7700 900 123", "mobile"),
        ("+44(0)7700-900-123", "mobile"),
        ("0044 7700900123", "mobile"),
        ("(07700 900123)", "mobile"),
    ],
)
def test_details_of_a_person_are_found(text: str, words: str) -> None:
    found = list(personal_data_in(text, KNOWN))

    assert len(found) == 1
    assert words in found[0][0]
    assert found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "Prevent@Council.gov.uk and Child.ASUappointment@homeoffice.gov.uk",
        "jo.bloggs@example.org, jo.bloggs@mail.example.gov.uk",
        "@council, a@b, 3 @ 4.50",
        "01375 390000, 0800 789 321, 020 7946 0000, 101",
        "0770 090 012",
        "077009001234",
        "1107700900123",
        "+1 7700 900123",
        "in 2007 700 900 123 people",
    ],
)
def test_what_only_looks_like_them_is_not(text: str) -> None:
    assert list(personal_data_in(text, KNOWN)) == []
