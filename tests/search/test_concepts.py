from collections.abc import Mapping, Sequence

from knowledge_base.search.concepts import FIELDS, Candidate, Passage


def candidate(*, rarity: Mapping[str, float] | None = None, asked: Sequence[str] = (), **fields: str) -> Candidate:
    stems: dict[str, str | Sequence[str]] = {**dict.fromkeys(FIELDS, ""), **fields, "asked": asked}
    known = rarity or {}
    return Candidate.of(stems, is_opening=False, rarity=lambda stem: known.get(stem, 1.0))


def test_a_passage_says_where_a_stem_stands() -> None:
    passage = Passage(("tell", "the", "hub", "tell"))

    assert list(passage.places_of(("tell",))) == [0, 3]
    assert "hub" in passage
    assert "form" not in passage
    assert len(passage) == 4


def test_several_stems_must_stand_one_after_the_other() -> None:
    passage = Passage(("mental", "arithmetic", "health", "mental", "health", "mental"))

    assert list(passage.places_of(("mental", "health"))) == [3]
    assert list(passage.places_of(("health", "mental", "health"))) == [2]
    assert list(passage.places_of(("mental", "arithmetic", "form"))) == []


def test_what_does_not_stand_in_a_passage_has_no_place() -> None:
    assert list(Passage(()).places_of(("hub",))) == []
    assert list(Passage(("hub",)).places_of(("form", "hub"))) == []


def test_the_fields_of_a_section_are_passages() -> None:
    section = candidate(title="share concern", body="tell the hub")

    assert section.fields["title"].stems == ("share", "concern")
    assert list(section.fields["body"].places_of(("hub",))) == [2]
    assert len(section.fields["keywords"]) == 0


def test_a_question_weighs_as_much_as_its_words_are_telling() -> None:
    rarity = {"consent": 3.0, "share": 1.0}

    assert candidate(asked=("consent share consent", "share"), rarity=rarity).asked_weights == (4.0, 1.0)


def test_common_words_of_a_question_weigh_little() -> None:
    (weight,) = candidate(asked=("what to share",)).asked_weights

    assert 1 < weight < 2


def test_questions_are_found_by_stems_that_stand_together_in_them() -> None:
    section = candidate(asked=("who to tell", "tell nobody who", "form"))

    assert list(section.questions_that_say(("tell",))) == [0, 1]
    assert list(section.questions_that_say(("to", "tell"))) == [0]
    assert list(section.questions_that_say(("tell", "who"))) == []
    assert list(section.questions_that_say(("hub",))) == []


def test_a_question_that_says_a_word_twice_counts_once() -> None:
    assert list(candidate(asked=("tell who to tell",)).questions_that_say(("tell",))) == [0]
