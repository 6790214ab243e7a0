import pytest

from knowledge_base.search.concepts import FIELDS, Candidate, padded, places_in, weight_of


def candidate(*, asked: tuple[str, ...] = (), **fields: str) -> Candidate:
    stems = {**dict.fromkeys(FIELDS, ""), **fields, "asked": asked}
    return Candidate.of({"page": "/page", "anchor": "here", "stems": stems})


def places(text: str, wanted: str) -> list[int]:
    return list(places_in(padded(text.split()), padded(wanted.split())))


def test_a_text_says_where_a_stem_stands() -> None:
    assert places("tell the hub tell", "tell") == [0, 3]
    assert places("tell tell tell", "tell") == [0, 1, 2]


def test_only_whole_stems_are_found() -> None:
    assert places("retell tells tell", "tell") == [2]


def test_several_stems_must_stand_one_after_the_other() -> None:
    text = "mental arithmetic health mental health mental"

    assert places(text, "mental health") == [3]
    assert places(text, "health mental health") == [2]
    assert places(text, "mental arithmetic form") == []


def test_stems_may_end_one_match_and_start_the_next() -> None:
    assert places("form hub form hub form", "form hub form") == [0, 2]


@pytest.mark.parametrize(("text", "wanted"), [("", "hub"), ("hub", "form hub"), ("hub", "form")])
def test_what_does_not_stand_in_a_text_has_no_place(text: str, wanted: str) -> None:
    assert places(text, wanted) == []


def test_a_text_that_says_a_stem_without_end_is_not_looked_through_to_its_end() -> None:
    assert places("hub " * 10_000, "hub") == list(range(500))


def test_the_fields_of_a_section_are_padded() -> None:
    section = candidate(title="share concern", body="tell the hub", asked=("who to tell",))

    assert section.page == "/page"
    assert dict(section.fields) == {
        "title": " share  concern ",
        "heading": "",
        "body": " tell  the  hub ",
        "keywords": "",
    }
    assert section.asked == (" who  to  tell ",)
    assert section.body_length == 3


def test_nothing_stands_together_across_fields_and_questions() -> None:
    section = candidate(title="share", heading="concern", keywords="tell", asked=("hub",))

    assert all(padded([stem]) in section.everything for stem in ("share", "concern", "tell", "hub"))
    assert padded(["share", "concern"]) not in section.everything
    assert padded(["tell", "hub"]) not in section.everything


def test_a_question_weighs_as_much_as_its_words_are_telling() -> None:
    rarity = {"consent": 3.0, "share": 1.0}

    assert [weight_of(one, rarity.__getitem__) for one in (" consent  share  consent ", " share ")] == [4.0, 1.0]


def test_common_words_of_a_question_weigh_little() -> None:
    assert 1 < weight_of(" what  to  share ", lambda _stem: 1.0) < 2
