"""What is found, what is corrected, and what is put behind others that answer as well."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.search.finding import MOST_SHOWN, Found, find
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import ResultPage, SectionResults
from knowledge_base.search.snapshot import Asker

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
Search = Callable[..., SectionResults]
Addresses = Callable[..., list[str]]
ResultPages = Callable[..., ResultPage]
WriteFile = Callable[[str, str], None]


@pytest.fixture
def finding(index: SearchIndex, look: Look, asker: MakeAsker) -> Callable[[str], Found]:
    """Find as someone who has not signed in."""

    def run(text: str) -> Found:
        asked = asker(look())
        return index.ask(asked.edition, lambda snapshot: find(snapshot.view_for(asked), text, asked))

    return run


class TestWhatMatches:
    def test_other_forms_of_a_word_are_found(self, found: Addresses, write: Write) -> None:
        write("share", "Send the referral form.")

        assert found("referrals") == found("referral forms") == found("form") == ["/share"]

    def test_who_do_i_tell_finds_the_page_with_those_keywords(self, found: Addresses, write: Write) -> None:
        write("concerns", "Ask the hub.", keywords=["who do I tell", "report"])
        write("about", "We tell you what this site does. Tell us what you think.")
        write("training", "Trainers tell people what to do.")

        assert found("Who do I tell?")[0] == "/concerns"
        assert found("who do i tell") == found("WHO do I tell")

    def test_common_words_alone_find_keywords_and_no_text(self, found: Addresses, write: Write) -> None:
        write("concerns", keywords=["what should I do"])
        write("about", "This is what you should do.")

        assert found("what should i do") == ["/concerns"]

    def test_a_question_that_an_author_gave_a_section_finds_it(self, found: Addresses, write: Write) -> None:
        write("share", "## Plan {#plan}\n\nAsk a colleague.\n\n/// asked\nwhat if the lorry is full\n///\n")

        assert found("lorry full") == ["/share#plan"]

    def test_a_myth_is_found_by_its_words(self, found: Addresses, write: Write) -> None:
        write("myths", "## Prevent protects {#safe}\n\n/// myth\n\nIt spies on folk.\n\n///\n\nIt helps.\n")

        assert found("spies on folk")[0] == "/myths#safe"

    def test_with_enough_sections_for_all_words_no_others_follow(self, found: Addresses, write: Write) -> None:
        for number in range(30):
            write(f"both-{number}", "Mental health.")
        write("one", "Health and safety.")

        assert sorted(found("mental health")) == sorted(f"/both-{number}" for number in range(30))

    def test_with_few_sections_for_all_words_those_with_about_as_much_follow(
        self, found: Addresses, write: Write
    ) -> None:
        write("all", "Mental health training.")
        write("most", "Mental health.")
        write("little", "Training for drivers. Other training.")
        for number in range(30):
            write(f"other-{number}", "Training days.")

        assert found("mental health training") == ["/all", "/most"]

    def test_where_no_section_holds_all_words_the_ones_that_hold_most_are_found(
        self, found: Addresses, write: Write
    ) -> None:
        write("most", "Mental health.")
        write("little", "Training.")
        for number in range(30):
            write(f"other-{number}", "Training days.")

        assert found("mental health training zzzzzz") == ["/most"]

    def test_words_of_which_nothing_is_known_find_nothing(self, finding: Callable[[str], Found], write: Write) -> None:
        write("share", "Make a referral.")

        found = finding("zzzzzzzz qqqqqqqq")

        assert (found.matching, found.shown, found.best) == (frozenset(), 0, ())
        assert (found.answers, found.correction) == ((), None)

    def test_all_that_match_are_counted_and_the_best_hundred_shown(
        self, finding: Callable[[str], Found], write: Write
    ) -> None:
        write("many", "".join(f"## Part {number}\n\nA word on consent.\n\n" for number in range(MOST_SHOWN + 20)))
        write("best", "A word on consent.", title="Consent")

        found = finding("consent")

        assert (len(found.matching), found.shown, len(found.best)) == (MOST_SHOWN + 21, MOST_SHOWN + 21, MOST_SHOWN)


class TestPhrases:
    def test_a_phrase_is_found_as_it_stands(self, found: Addresses, write: Write) -> None:
        write("phrase", "They must have due regard to it.")
        write("apart", "With regard to what is due.")
        write("other", "They are duly regarded.")

        assert found('"due regard"') == ["/phrase"]
        assert found('"DUE regard"') == ["/phrase"]

    def test_a_phrase_may_hold_common_words_in_their_order(self, found: Addresses, write: Write) -> None:
        write("phrase", "They had regard to the need.")
        write("other", "They had regard for a need.")

        assert found('"regard to the need"') == ["/phrase"]

    @pytest.mark.parametrize("place", ["title", "heading", "text"])
    def test_a_phrase_may_stand_in_a_title_a_heading_or_a_text(
        self, found: Addresses, write: Write, place: str
    ) -> None:
        texts = {**dict.fromkeys(("title", "heading", "text"), "Other words"), place: "Have due regard now"}
        write("page", f"## {texts['heading']} {{#it}}\n\n{texts['text']}.\n", title=texts["title"])

        assert "/page#it" in found('"due regard"')

    def test_a_phrase_does_not_reach_from_one_part_into_the_next(self, found: Addresses, write: Write) -> None:
        write("page", "## All that is due {#it}\n\nRegard it.\n", title="Regard")

        assert found('"due regard"') == []

    def test_every_phrase_and_every_other_word_is_needed(self, found: Addresses, write: Write) -> None:
        write("both", "They have due regard to mental health in schools.")
        write("one", "They have due regard to health in schools.")
        write("phrases", "They have due regard to mental health.")

        assert sorted(found('"due regard" "mental health"')) == ["/both", "/phrases"]
        assert found('"due regard" "mental health" schools') == ["/both"]

    def test_a_phrase_is_part_of_no_longer_word(self, found: Addresses, write: Write) -> None:
        write("page", "An overdue regardless.")

        assert found('"due regard"') == []


class TestCorrecting:
    @pytest.fixture(autouse=True)
    def pages(self, write: Write) -> None:
        write("share", "Make a referral to the hub about safeguarding.")
        write("hub", "The hub.")

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("refferal", "referral"),
            ("hub refferal", "hub referral"),
            ("refreral", "referral"),
            ("safe guarding", "safeguarding"),
            ("hubreferral", "hub referral"),
            ("how do i make a refferal to the hub", "how do i make a referral to the hub"),
        ],
    )
    def test_a_word_that_nothing_has_is_corrected(self, search: Search, typed: str, meant: str) -> None:
        results = search(typed)

        assert (results.suggestion, results.hits[0].url) == (meant, "/share")

    def test_words_that_are_found_are_not_corrected(self, search: Search, write: Write) -> None:
        write("slip", "A refferal.")

        assert search("refferal").suggestion is None
        assert [hit.url for hit in search("refferal").hits] == ["/slip"]

    def test_a_form_of_a_word_that_is_found_is_not_corrected(self, search: Search) -> None:
        assert search("referrals").suggestion is None

    def test_a_real_word_is_kept_where_other_words_find_something(self, search: Search, write: Write) -> None:
        write("horses", "The hub has a shed.")

        results = search("hub shod")

        assert results.suggestion is None
        assert {hit.url for hit in results.hits} == {"/hub", "/share", "/horses"}

    def test_a_real_word_is_corrected_where_nothing_else_is_found(self, search: Search, write: Write) -> None:
        write("horses", "The shed.")

        results = search("shod")

        assert (results.suggestion, [hit.url for hit in results.hits]) == ("shed", ["/horses"])

    def test_a_real_word_is_kept_beside_one_that_is_corrected(self, search: Search, write: Write) -> None:
        write("horses", "The shed.")

        assert search("shod refferal").suggestion == "shod referral"

    def test_a_short_word_is_not_corrected(self, search: Search) -> None:
        assert search("hx").suggestion is None
        assert search("hbu").suggestion == "hub"

    @pytest.mark.parametrize("typed", ['"refferal"', '"refferal" hub', 'hub "refferal"', "“refferal”"])
    def test_what_is_quoted_is_not_corrected(self, search: Search, typed: str) -> None:
        assert search(typed).suggestion is None
        assert search(typed).total == 0

    def test_a_correction_can_be_refused(self, results: ResultPages) -> None:
        corrected, refused = results("hub refferal"), results("hub refferal", exact=True)

        assert (corrected.suggestion, refused.suggestion) == ("hub referral", None)
        assert {group.best.page_url for group in refused.groups} == {"/hub", "/share"}

    def test_refusing_a_correction_may_find_nothing(self, results: ResultPages) -> None:
        assert (results("refferal", exact=True).total, results("refferal", exact=True).groups) == (0, ())

    def test_a_correction_that_finds_nothing_either_is_not_offered(self, search: Search, write: Write) -> None:
        write("other", "Text.", keywords=["flowers"])

        assert search("flowxrs").suggestion == "flowers"
        assert search("zzzzzzz").suggestion is None

    def test_a_word_that_only_synonyms_know_is_not_corrected(self, search: Search, content_file: WriteFile) -> None:
        content_file("_data/synonyms.yml", "- {words: [refferal], mean: [hub]}\n")

        results = search("refferal")

        assert results.suggestion is None
        assert {hit.url for hit in results.hits} == {"/hub", "/share"}

    def test_an_abbreviation_of_the_glossary_is_not_corrected(self, search: Search, write: Write) -> None:
        write("glossary/index", "## Referral hub {#rh}\n\n/// term\n    short: [HUBB]\n///\n\nWhere to refer.\n")

        assert search("hubb").suggestion is None

    def test_the_question_that_is_shown_is_the_corrected_one(self, finding: Callable[[str], Found]) -> None:
        found = finding("hub refferal")

        assert [concept.forms[0].stems[0] for concept in found.question.concepts] == ["hub", "referr"]


class TestStanding:
    def test_a_superseded_page_comes_after_its_like(self, found: Addresses, write: Write) -> None:
        write("b-new", "Words about consent.", title="Words")
        write("a-old", "Words about consent.", title="Words", status="superseded", superseded_by="/b-new")

        assert found("consent") == ["/b-new", "/a-old"]

    def test_an_overdue_page_comes_after_its_like(self, found: Addresses, write: Write) -> None:
        write("b-reviewed", "Words about consent.", title="Words")
        write("a-overdue", "Words about consent.", title="Words", last_reviewed="2019-01-01", review_by="2020-01-01")

        assert found("consent") == ["/b-reviewed", "/a-overdue"]

    def test_a_superseded_page_that_hardly_answers_comes_after_its_like(self, found: Addresses, write: Write) -> None:
        write("b-new", "Words about consent.", title="Words")
        write("a-old", "Words about consent.", title="Words", status="superseded", superseded_by="/b-new")
        write("other", "A form.", title="Words")

        results = found("consent form")

        assert results.index("/b-new") < results.index("/a-old")

    def test_a_page_is_overdue_by_the_day_of_the_asker(
        self, index: SearchIndex, look: Look, asker: MakeAsker, write: Write
    ) -> None:
        write("b-later", "Words about consent.", title="Words", review_by="2030-01-01")
        write("a-sooner", "Words about consent.", title="Words", review_by="2027-01-01")
        edition = look()

        def order(day: date) -> list[str]:
            asked = Asker(edition, asker(edition).may_read, today=day)
            found = index.ask(edition, lambda snapshot: find(snapshot.view_for(asked), "consent", asked))
            view = index.ask(edition, lambda snapshot: snapshot.view_for(asked))
            return [view.stored(number)["page"] for number in found.best]

        assert order(date(2026, 12, 1)) == ["/a-sooner", "/b-later"]
        assert order(date(2028, 12, 1)) == ["/b-later", "/a-sooner"]

    def test_a_definition_comes_after_what_says_what_to_do(self, found: Addresses, write: Write) -> None:
        write("glossary/index", "Opening.\n\n## Words {#words}\n\nWords about consent.", title="Words")
        write("share", "Opening.\n\n## Words {#words}\n\nWords about consent.", title="Words")

        assert found("about consent") == ["/share#words", "/glossary#words"]

    def test_a_better_answer_of_an_overdue_page_comes_first_all_the_same(self, found: Addresses, write: Write) -> None:
        write("late", "Text.\n\n## Consent {#it}\n\nConsent.", last_reviewed="2019-01-01", review_by="2020-01-01")
        write("other", "Some words that also touch on consent, among many other words and matters.")

        assert found("consent")[0] == "/late#it"


class TestOrderAmongEquals:
    def test_equal_sections_keep_their_order_when_a_staff_part_changes(self, found: Addresses, write: Write) -> None:
        for name in ("a", "b", "c"):
            write(name, "A juniper.", title="Notes")
        before = found("juniper")

        write("a", "A juniper.\n\n/// staff-only\n\nWintergreen.\n\n///\n", title="Notes")

        assert found("juniper") == before == ["/a", "/b", "/c"]

    def test_an_index_that_was_brought_up_to_date_gives_the_order_of_one_that_was_built(
        self, found: Addresses, write: Write, index: SearchIndex, look: Look
    ) -> None:
        for name in ("a", "b", "c"):
            write(name, "A juniper.", title="Notes")
        found("juniper")
        write("b", "A marigold.", title="Notes")
        found("juniper")
        write("b", "A juniper.", title="Notes")
        updated = found("juniper")

        index.rebuild(look())

        assert found("juniper") == updated
