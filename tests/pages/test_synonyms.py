from pathlib import Path

import pytest

from knowledge_base.access.audiences import Audience, Audiences
from knowledge_base.pages.synonyms import Synonyms, load_synonyms
from knowledge_base.settings import ROOT

STAFF = Audiences({"staff": Audience(title="Staff", description="Staff.", groups=("staff",))})


def load(tmp_path: Path, text: str) -> Synonyms:
    path = tmp_path / "synonyms.yml"
    path.write_text(text)
    return load_synonyms(path, audiences=STAFF)


def test_words_that_are_the_same_stand_for_each_other(tmp_path: Path) -> None:
    (synonym,) = load(tmp_path, "- same: [cash, spending money]").entries

    assert synonym.pairs == (("cash", "spending money"), ("spending money", "cash"))


def test_words_that_mean_others_lead_one_way(tmp_path: Path) -> None:
    (synonym,) = load(tmp_path, "- {words: [kid, lad], mean: [child], audience: staff}").entries

    assert synonym.pairs == (("kid", "child"), ("lad", "child"))
    assert synonym.audience == "staff"


@pytest.mark.parametrize(
    "entry",
    [
        "{same: [one]}",
        "{words: [one]}",
        "{mean: [one]}",
        "{same: [one, two], mean: [three]}",
        "{same: [one, two], audience: nobody}",
        "{same: [one, ''], }",
        "{same: [one, two], colour: red}",
        "just words",
    ],
)
def test_a_wrong_entry_is_left_out_and_reported(tmp_path: Path, entry: str) -> None:
    synonyms = load(tmp_path, f"- {entry}\n- same: [a, b]\n")

    assert [one.same for one in synonyms.entries] == [("a", "b")]
    assert synonyms.faults
    assert all(fault.message.startswith("entry 1: ") for fault in synonyms.faults)


@pytest.mark.parametrize("text", ["same: [a, b]", "- [", "words"])
def test_a_file_that_is_no_list_is_reported(tmp_path: Path, text: str) -> None:
    synonyms = load(tmp_path, text)

    assert synonyms.entries == ()
    assert [fault.path for fault in synonyms.faults] == ["_data/synonyms.yml"]


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    synonyms = load_synonyms(tmp_path / "synonyms.yml", audiences=STAFF)

    assert (synonyms.entries, synonyms.faults) == ((), ())


def test_the_list_that_is_shipped_has_no_faults() -> None:
    synonyms = load_synonyms(ROOT / "content" / "_data" / "synonyms.yml", audiences=STAFF)

    assert synonyms.entries
    assert synonyms.faults == ()
