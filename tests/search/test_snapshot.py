"""What one kind of asker may see of the index, and that its statistics come from nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from whoosh.query import And, Term

from knowledge_base.pages.edition import Edition
from knowledge_base.search.generations import Generations, IndexUnusableError
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.snapshot import Asker, Snapshot, View

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
MakeView = Callable[..., View]


def addresses(view: View, numbers: object) -> list[str]:
    assert isinstance(numbers, set | list)
    return [view.stored(number)["page"] for number in numbers]


class TestWhatAViewHolds:
    @pytest.fixture(autouse=True)
    def pages(self, write: Write) -> None:
        write("hub", "Tell the hub.", title="The hub", keywords=["grassing"])
        write("notes/index", "A juniper.", title="Notes")
        write("staff/index", "The hub has a wintergreen.", title="For staff", audience="staff")
        write("leads", "The hub has an elderflower.", audience="leads")

    def test_only_what_the_asker_may_read_matches(self, view: MakeView) -> None:
        query = Term("words", "hub")

        assert addresses(view(), view().matching(query)) == ["/hub"]
        assert sorted(addresses(view("staff"), view("staff").matching(query))) == ["/hub", "/staff"]
        assert sorted(addresses(view("leads"), view("leads").matching(query))) == ["/hub", "/leads"]

    def test_only_what_the_asker_may_read_is_among_the_best(self, view: MakeView) -> None:
        worths = {"hub": 1.0, "wintergreen": 1.0}

        assert addresses(view(), view().best(worths, limit=10)) == ["/hub"]
        assert addresses(view("staff"), view("staff").best(worths, limit=10)) == ["/staff", "/hub"]

    def test_the_best_are_no_more_than_the_limit_and_only_among_those_given(self, view: MakeView) -> None:
        staff, query = view("staff"), Term("words", "hub")
        (hub,) = (number for number in staff.matching(query) if staff.stored(number)["page"] == "/hub")

        assert len(staff.best({"hub": 1.0}, limit=1)) == 1
        assert staff.best({"hub": 1.0}, limit=10, among={hub}) == [hub]
        assert staff.best({"hub": 1.0}, limit=10, among=set()) == []

    def test_a_word_is_held_in_whatever_form_and_only_by_what_may_be_read(self, view: MakeView) -> None:
        assert view().holds("hubs")
        assert view().holds("grass")
        assert not view().holds("wintergreen")
        assert view("staff").holds("wintergreen")
        assert not view("staff").holds("elderflower")

    def test_the_sections_by_area_are_those_that_may_be_read(self, view: MakeView) -> None:
        assert set(view().by_area) == {"hub", "notes"}
        assert set(view("staff").by_area) == {"hub", "notes", "staff"}
        assert addresses(view(), view().by_area["notes"]) == ["/notes"]

    def test_the_sections_by_audience_are_those_that_may_be_read(self, view: MakeView) -> None:
        assert set(view().by_audience) == {"open"}
        assert set(view("staff").by_audience) == {"open", "staff"}
        assert addresses(view("staff"), view("staff").by_audience["staff"]) == ["/staff"]

    def test_who_may_read_nothing_sees_nothing(self, index: SearchIndex, look: Look) -> None:
        nobody = Asker(look(), lambda _requirement: False)

        view = index.ask(nobody.edition, lambda snapshot: snapshot.view_for(nobody))

        assert view.matching(Term("words", "hub")) == set()
        assert view.best({"hub": 1.0}, limit=10) == []
        assert (view.rarity("hub"), view.holds("hub"), dict(view.by_area)) == (0, False, {})

    def test_those_who_may_read_the_same_share_a_view(self, index: SearchIndex, look: Look, asker: MakeAsker) -> None:
        edition = look()

        def views(snapshot: Snapshot) -> list[View]:
            return [snapshot.view_for(asker(edition, *groups)) for groups in ((), ("nobody",), ("staff",))]

        anonymous, other, staff = index.ask(edition, views)

        assert anonymous is other
        assert anonymous is not staff

    def test_a_view_of_an_older_edition_is_not_that_of_a_newer_one(
        self, index: SearchIndex, look: Look, asker: MakeAsker
    ) -> None:
        edition = look()
        index.sync(edition)
        newer = replace(
            edition, version="newer", pages={url: page for url, page in edition.pages.items() if url != "/hub"}
        )

        def count(snapshot: Snapshot) -> list[int]:
            views = (snapshot.view_for(asker(one)) for one in (edition, newer))
            return [len(view.matching(Term("words", "hub"))) for view in views]

        assert index.ask(edition, count) == [1, 0]


class TestHowTellingAWordIs:
    def test_a_word_that_few_sections_have_tells_more(self, view: MakeView, write: Write) -> None:
        for number in range(5):
            write(f"page-{number}", "The juniper and the marigold." if number else "The juniper.")

        one = view()

        assert one.rarity("marigold") > one.rarity("junip") > 0

    def test_a_word_that_nothing_has_tells_nothing(self, view: MakeView, write: Write) -> None:
        write("page", "The juniper.")

        assert view().rarity("marigold") == 0

    def test_it_does_not_depend_on_what_the_asker_may_not_read(self, view: MakeView, write: Write) -> None:
        write("one", "The marigold.")
        write("two", "The juniper.")
        before = [view().rarity(word) for word in ("marigold", "junip", "wintergreen")]

        for number in range(20):
            write(f"staff-{number}", "A juniper with wintergreen.", audience="staff")

        assert [view().rarity(word) for word in ("marigold", "junip", "wintergreen")] == before
        assert view("staff").rarity("junip") < before[1]

    def test_questions_of_authors_are_weighed_by_it(self, view: MakeView, write: Write) -> None:
        write("one", "Text.\n\n## Part {#here}\n\nText.\n\n/// asked\nwintergreen\n///\n")
        write("two", "Wintergreen.", audience="staff")

        assert view().weight_of(" wintergreen ") == view().rarity("wintergreen")
        assert view("staff").weight_of(" wintergreen ") < view().weight_of(" wintergreen ")

    def test_an_opening_is_known_as_one(self, view: MakeView, write: Write) -> None:
        write("one", "Text.\n\n## Part {#part}\n\nText.")
        one = view()

        openings = {one.stored(number)["anchor"]: one.candidate(number).is_opening for number in one.by_area["one"]}

        assert openings == {"": True, "part": False}


class TestChoosingCandidates:
    def test_the_best_for_anonymous_readers_are_the_same_whatever_staff_pages_hold(
        self, view: MakeView, write: Write
    ) -> None:
        write("one", "Marigold, with a few more words of this page.")
        write("two", "Juniper, with a few more words of this page.")
        write("three", "Marigold and marigold, and then much more about other things, so that it is a longer page.")
        worths = {"marigold": 1.0, "junip": 1.0}
        before = addresses(view(), view().best(worths, limit=10))

        for number in range(30):
            write(f"staff-{number}", "Juniper " * number + "wintergreen.", audience="staff")

        assert len(before) == 3
        assert addresses(view(), view().best(worths, limit=10)) == before

    def test_staff_pages_take_no_places_among_the_best_of_others(self, view: MakeView, write: Write) -> None:
        write("one", "Some words of which one is juniper.")
        for number in range(30):
            write(f"staff-{number}", "Juniper.", title="Juniper", audience="staff")

        assert addresses(view(), view().best({"junip": 1.0}, limit=1)) == ["/one"]

    def test_a_rare_word_promises_more(self, view: MakeView, write: Write) -> None:
        for number in range(6):
            write(f"usual-{number}", "A juniper.")
        write("rare", "A marigold.")

        best = view().best({"junip": 1.0, "marigold": 1.0}, limit=3)

        assert addresses(view(), best)[0] == "/rare"

    def test_a_word_in_the_title_and_a_short_text_promise_more(self, view: MakeView, write: Write) -> None:
        write("a-long", "Some words of which one is juniper. " + "And more of them. " * 20)
        write("b-short", "Some words of which one is juniper.")
        write("c-title", "Some words.", title="Juniper")

        best = view().best({"junip": 1.0}, limit=3)

        assert addresses(view(), best) == ["/c-title", "/b-short", "/a-long"]

    def test_all_words_may_be_asked_for(self, view: MakeView, write: Write) -> None:
        write("one", "A juniper.")
        write("two", "A juniper and a marigold.")

        both = And([Term("words", "junip"), Term("words", "marigold")])

        assert addresses(view(), view().matching(both)) == ["/two"]


class TestOpening:
    def test_a_folder_without_an_index_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(IndexUnusableError, match="cannot be read"):
            Snapshot(tmp_path)

    def test_a_snapshot_is_the_newest_until_something_is_written(
        self, index: SearchIndex, look: Look, write: Write, index_folder: Path
    ) -> None:
        write("one", "A juniper.")
        index.sync(look())
        current = Generations(index_folder).current()
        assert current
        snapshot = Snapshot(current)
        assert snapshot.is_newest(current)
        assert not snapshot.is_newest(None)

        write("one", "A marigold.")
        index.sync(look())

        assert not snapshot.is_newest(current)
        snapshot.close()

    def test_caches_that_are_full_keep_nobody_from_an_answer(
        self, view: MakeView, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("knowledge_base.search.sections._CANDIDATES_KEPT", 1)
        monkeypatch.setattr("knowledge_base.search.snapshot._COUNTS_KEPT", 1)
        write("one", "A juniper.")
        write("two", "A juniper and a marigold.")
        one = view()

        numbers = sorted(one.matching(Term("words", "junip")))
        bodies = [[one.candidate(number).fields["body"] for number in numbers] for _ in range(2)]
        rarities = [[one.rarity(stem) for stem in ("junip", "marigold")] for _ in range(2)]

        assert bodies[0] == bodies[1]
        assert rarities[0] == rarities[1]
        assert rarities[0][0] < rarities[0][1]
