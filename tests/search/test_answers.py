"""What stands above the results: the meaning of a term, the way to a contact, a deadline."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.answers import Answer
from knowledge_base.search.results import SectionResults

Write = Callable[..., Path]
WriteFile = Callable[[str, str], None]
Answers = Callable[..., tuple[Answer, ...]]
Found = Callable[..., list[str]]
Search = Callable[..., SectionResults]

GLOSSARY = """
## National transfer scheme {#nts}

/// term
    short: [NTS]
    also: [transfer scheme]
///

How children move to another council. There is more to it.

Another paragraph.

## Child in need {#child-in-need}

A child who needs services.

## Without words {#without}

### Part

Text.
"""


def kinds(answers: tuple[Answer, ...]) -> list[tuple[str, str]]:
    return [(answer.kind, answer.title) for answer in answers]


class TestTerms:
    @pytest.fixture(autouse=True)
    def pages(self, write: Write) -> None:
        write("glossary/index", GLOSSARY, title="Glossary")
        write(
            "glossary/staff",
            "## Wintergreen list {#wl}\n\n/// term\n    short: [WL]\n///\n\nFor staff.\n",
            audience="staff",
        )
        write("moves", "## National transfer scheme {#it}\n\nUse the national transfer scheme: NTS.\n", title="Moves")

    @pytest.mark.parametrize(
        "typed",
        [
            "national transfer scheme",
            "National Transfer Schemes?",
            "the national transfer scheme",
            "NTS",
            "transfer scheme",
            "what is the national transfer scheme",
            "what does NTS mean",
            "what does nts stand for",
            "meaning of nts",
            "nts definition",
            "define national transfer scheme",
            '"national transfer scheme"',
        ],
    )
    def test_a_term_is_answered_by_its_name_or_another_form_and_words_that_ask(
        self, answers: Answers, typed: str
    ) -> None:
        (answer,) = answers(typed)

        assert (answer.kind, answer.title) == ("term", "National transfer scheme (NTS)")
        assert answer.text == "How children move to another council. There is more to it."
        assert (answer.url, answer.page_title) == ("/glossary#nts", "Glossary")

    @pytest.mark.parametrize(
        "typed",
        ["national", "national transfer", "national transfer scheme form", "scheme transfer", "what is it", "mean"],
    )
    def test_more_or_less_than_a_term_is_not_answered(self, answers: Answers, typed: str) -> None:
        assert answers(typed) == ()

    @pytest.mark.parametrize("typed", ["child in need", "what is a child in need", "what does child in need mean"])
    def test_a_term_may_have_a_word_in_it_that_asks_elsewhere(self, answers: Answers, typed: str) -> None:
        assert kinds(answers(typed)) == [("term", "Child in need")]

    def test_a_term_without_a_definition_is_not_answered(self, answers: Answers) -> None:
        assert answers("without words") == ()

    @pytest.mark.parametrize("typed", ["what is the national transfer scheme", "NTS", "meaning of transfer scheme"])
    def test_who_asks_for_the_meaning_gets_the_term_first(self, found: Found, typed: str) -> None:
        assert found(typed)[0] == "/glossary#nts"

    def test_who_types_a_name_gets_what_answers_best_first_and_the_term_among_it(self, found: Found) -> None:
        results = found("national transfer scheme")

        assert results[0] == "/moves#it"
        assert "/glossary#nts" in results

    def test_a_slip_in_a_term_is_corrected_before_it_is_answered(self, answers: Answers) -> None:
        assert kinds(answers("natoinal transfer scheme")) == [("term", "National transfer scheme (NTS)")]

    def test_a_term_that_only_staff_may_read_is_answered_to_staff_alone(self, answers: Answers) -> None:
        assert kinds(answers("wintergreen list", "staff")) == [("term", "Wintergreen list (WL)")]
        for typed in ("wintergreen list", "WL", "what does WL mean"):
            assert answers(typed) == ()
            assert answers(typed, "members") == ()

    def test_of_two_terms_with_one_name_staff_get_the_first_and_others_the_one_they_may_read(
        self, answers: Answers, write: Write
    ) -> None:
        write("glossary/index", "Opening.", title="Glossary")
        write("glossary/a", "## Hub {#hub}\n\nAs staff say it.\n", audience="staff")
        write("glossary/b", "## Hub {#hub}\n\nAs all say it.\n")

        assert [one.text for one in answers("hub", "staff")] == ["As staff say it."]
        assert [one.text for one in answers("hub")] == ["As all say it."]

    def test_only_the_first_page_of_results_has_answers(self, write: Write, results: Callable[..., object]) -> None:
        for number in range(12):
            write(f"nts-{number}", "The NTS.")

        first, second = (results("nts", number=number) for number in (1, 2))

        assert [len(getattr(page, "answers")) for page in (first, second)] == [1, 0]  # noqa: B009 - any page of results


CONTACTS = """
hub: {name: "Safeguarding hub (MASH)", audience: open, origin: national, purpose: Worries, phone: 01234 567 890,
      email: hub@example.gov.uk, hours: Weekdays}
police: {name: Police team, audience: open, origin: national, phone: "101"}
unset: {name: Fostering duty, audience: open, origin: Thurrock, if_unset: "Not set yet: ask your manager"}
half: {name: Virtual school, audience: open, origin: Thurrock, hours: Weekdays, if_unset: "Not set yet: ask the head"}
other: {name: Night service, audience: open, origin: Thurrock, phone: 01375 000 000}
gated: {name: Wintergreen desk, audience: staff, origin: national, phone: 01999 999 999}
nowhere: {name: Bergamot office, audience: open, origin: national, phone: 01888 888 888}
"""


class TestContacts:
    @pytest.fixture(autouse=True)
    def pages(self, write: Write, content_file: WriteFile) -> None:
        content_file("_data/contacts.yml", CONTACTS)
        blocks = {name: f"/// contact | {name}\n///\n" for name in ("hub", "police", "unset", "half", "other")}
        write("who", "".join(f"## Team {name} {{#{name}}}\n\n{block}\n" for name, block in blocks.items()), title="Who")
        write("desk/index", "For staff.", title="Desk", audience="staff")
        write("desk/contact", "/// contact | gated\n///\n", title="The desk")

    @pytest.mark.parametrize(
        "typed",
        [
            "safeguarding hub",
            "Safeguarding Hub (MASH)",
            "MASH",
            "mash phone number",
            "01234567890",
            "01234 567890",
            "phone number for the safeguarding hub",
            "who is the safeguarding hub",
            "how do i contact mash",
            "what is the email address of mash",
            "mash opening hours",
            "safeguarding phone",
            "01234 567 890",
        ],
    )
    def test_a_contact_is_answered_by_its_name_or_number_and_words_that_ask(self, answers: Answers, typed: str) -> None:
        (answer,) = answers(typed)

        assert (answer.kind, answer.title, answer.text) == ("contact", "Safeguarding hub (MASH)", "Worries")
        assert (answer.url, answer.page_title) == ("/who#hub", "Who")
        assert answer.details == (("Phone", "01234 567 890"), ("Email", "hub@example.gov.uk"), ("Hours", "Weekdays"))

    @pytest.mark.parametrize(
        "typed", ["safeguarding", "hub", "phone", "contact", "who to ring", "567 890", "safeguarding hub form"]
    )
    def test_less_or_more_than_a_name_is_not_answered(self, answers: Answers, typed: str) -> None:
        assert answers(typed) == ()

    def test_a_contact_without_a_number_says_so(self, answers: Answers) -> None:
        (answer,) = answers("fostering duty")

        assert answer.details == (("Phone", "Not set yet: ask your manager"),)

    def test_a_contact_with_hours_and_no_number_says_so(self, answers: Answers) -> None:
        (answer,) = answers("virtual school")

        assert ("Phone", "Not set yet: ask the head") in answer.details
        assert ("Hours", "Weekdays") in answer.details

    def test_a_number_that_this_council_has_not_confirmed_says_so(self, answers: Answers) -> None:
        (answer,) = answers("night service")

        assert any("not confirmed here" in words for _, words in answer.details)

    def test_the_section_that_names_the_contact_is_among_the_results(self, found: Found) -> None:
        assert "/who#police" in found("101")
        assert "/who#hub" in found("mash phone number")

    def test_a_contact_of_staff_is_answered_to_staff_alone(self, answers: Answers) -> None:
        assert kinds(answers("wintergreen desk", "staff")) == [("contact", "Wintergreen desk")]
        for typed in ("wintergreen desk", "wintergreen phone number", "01999 999 999"):
            assert answers(typed) == ()

    def test_an_open_page_that_names_a_contact_of_staff_does_not_open_its_number(
        self, answers: Answers, write: Write
    ) -> None:
        write("office", "Staff ask the Wintergreen desk.")

        assert kinds(answers("wintergreen desk", "staff")) == [("contact", "Wintergreen desk")]
        assert answers("wintergreen desk") == answers("wintergreen desk phone") == ()

    def test_an_open_contact_that_only_a_staff_page_names_is_not_answered_to_others(
        self, answers: Answers, write: Write
    ) -> None:
        write("desk/office", "/// contact | nowhere\n///\n", title="The office")

        assert kinds(answers("bergamot office", "staff")) == [("contact", "Bergamot office")]
        assert answers("bergamot office") == ()

    def test_a_contact_that_no_page_names_is_not_answered(self, answers: Answers) -> None:
        assert answers("bergamot office", "staff") == ()

    def test_what_names_too_many_contacts_names_none(
        self, answers: Answers, write: Write, content_file: WriteFile
    ) -> None:
        lines = [f"t{n}: {{name: Region team {n}, audience: open, origin: national, phone: '{n}'}}" for n in range(4)]
        content_file("_data/contacts.yml", "\n".join(lines))
        write("regions", "".join(f"/// contact | t{n}\n///\n\n" for n in range(4)))

        assert answers("region team phone") == ()
        assert kinds(answers("region team 2 phone")) == [("contact", "Region team 2")]

    def test_several_contacts_with_the_name_are_all_answered(
        self, answers: Answers, write: Write, content_file: WriteFile
    ) -> None:
        lines = [f"t{n}: {{name: Region team {n}, audience: open, origin: national, phone: '{n}'}}" for n in range(2)]
        content_file("_data/contacts.yml", "\n".join(lines))
        write("regions", "".join(f"/// contact | t{n}\n///\n\n" for n in range(2)))

        assert [title for _, title in kinds(answers("region team phone"))] == ["Region team 0", "Region team 1"]


STEPS = """
## Visits {#visits}

/// steps

1. Visit the child at home. {who: Social worker} {by: 48 hours after placement}
2. Write the plan of care. {by: 10 working days}
3. Ring the carer.

///
"""


class TestDeadlines:
    @pytest.fixture(autouse=True)
    def pages(self, write: Write) -> None:
        write("visits", STEPS, title="Placement")
        write("other", "Other words about the zoo.")

    @pytest.mark.parametrize(
        "typed",
        [
            "when must i visit the child",
            "how long do we have to visit the child at home",
            "deadline visit child",
            "how soon do i visit a child",
            "by when to visit the child",
            "time limit child visit",
        ],
    )
    def test_a_step_says_by_when_it_must_be_done(self, answers: Answers, typed: str) -> None:
        (answer,) = answers(typed)

        assert (answer.kind, answer.title, answer.url, answer.page_title) == (
            "deadline",
            "Visits",
            "/visits#visits",
            "Placement",
        )
        assert answer.details == (("Visit the child at home.", "48 hours after placement"),)

    def test_another_step_of_the_section_is_not_answered(self, answers: Answers) -> None:
        (answer,) = answers("deadline for the plan of care")

        assert answer.details == (("Write the plan of care.", "10 working days"),)

    @pytest.mark.parametrize(
        "typed",
        [
            "visit the child",
            "when must i ring the carer",
            "deadline for placement",
            "deadline",
            "when do i go to the zoo",
            "how long is the zzzzzz",
        ],
    )
    def test_without_a_question_for_it_or_a_step_that_says_it_there_is_none(self, answers: Answers, typed: str) -> None:
        assert answers(typed) == ()

    def test_a_deadline_in_a_staff_block_is_answered_to_staff_alone(self, answers: Answers, write: Write) -> None:
        step = "1. Send the wintergreen form. {by: 3 days}"
        write("forms", f"Forms.\n\n//// staff-only\n\n/// steps\n\n{step}\n\n///\n\n////\n", title="Forms")

        assert [one.details for one in answers("deadline for the wintergreen form", "staff")] == [
            (("Send the wintergreen form.", "3 days"),)
        ]
        assert answers("deadline for the wintergreen form") == ()
