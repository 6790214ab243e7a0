"""Lists of documents, and what is chosen by them."""

from collections.abc import Callable, Iterator

import pytest
from whoosh.filedb.filestore import RamStorage
from whoosh.query import And, Or, Query, Term

from knowledge_base.search import postings as postings_module
from knowledge_base.search.postings import Postings
from knowledge_base.search.schema import SCHEMA

Index = Callable[..., Postings]


@pytest.fixture
def index() -> Iterator[Index]:
    """Index texts, as documents with the numbers 0, 1, 2 and so on."""
    opened = []

    def make(*texts: str) -> Postings:
        index = RamStorage().create_index(SCHEMA)
        with index.writer() as writer:
            for number, text in enumerate(texts):
                writer.add_document(words=text, page=f"/{number}")
        opened.append(index.reader())
        return Postings(opened[-1])

    yield make
    for reader in opened:
        reader.close()


def word(text: str) -> Term:
    return Term("words", text)


EVERYTHING = frozenset(range(1000))


class TestMatching:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (word("a"), {0, 1, 3}),
            (word("z"), set()),
            (Term("page", "/2"), {2}),
            (And([word("a"), word("b")]), {0, 3}),
            (And([word("a"), word("b"), word("c")]), {3}),
            (And([word("a"), word("z")]), set()),
            (Or([word("b"), word("z")]), {0, 2, 3}),
            (And([Or([word("b"), word("c")]), word("a")]), {0, 1, 3}),
            (Or([And([word("a"), word("c")]), Term("page", "/2")]), {1, 2, 3}),
            (And([]), set()),
            (Or([]), set()),
        ],
    )
    def test_sets_answer_a_query(self, index: Index, query: Query, found: set[int]) -> None:
        assert index("a b", "a c", "b", "a b c").matching(query, among=EVERYTHING) == found

    def test_only_what_may_be_read_matches(self, index: Index) -> None:
        postings = index("a b", "a b", "b")

        for query in (word("b"), And([word("a"), word("b")]), Or([word("a"), word("b")])):
            assert postings.matching(query, among={1}) == {1}
            assert postings.matching(query, among=set()) == set()


class TestTheBest:
    def test_they_promise_most_by_what_their_words_are_worth(self, index: Index) -> None:
        postings = index("a x", "b x", "a b")

        assert postings.best({"a": 2.0, "b": 1.0}, limit=3, among=EVERYTHING) == [2, 0, 1]
        assert postings.best({"a": 1.0, "b": 2.0}, limit=3, among=EVERYTHING) == [2, 1, 0]

    def test_a_word_that_is_worth_nothing_finds_nothing(self, index: Index) -> None:
        assert index("a", "b").best({"a": 0.0, "z": 1.0}, limit=3, among=EVERYTHING) == []

    def test_of_equals_the_first_comes_first(self, index: Index) -> None:
        assert index("a", "a", "a").best({"a": 1.0}, limit=2, among=EVERYTHING) == [0, 1]

    def test_only_what_may_be_read_is_among_them(self, index: Index) -> None:
        postings = index("a a a", "a b", "b")

        assert postings.best({"a": 1.0, "b": 1.0}, limit=1, among={1, 2}) == [1]
        assert postings.best({"a": 1.0}, limit=1, among=set()) == []

    @pytest.mark.parametrize("limit", [1, 2, 5, 50])
    def test_stopping_early_leaves_out_none_of_them(self, index: Index, limit: int) -> None:
        texts = [
            " ".join(["x"] * (number % 7) + ["rare"] * (number % 5 == 0) + ["odd"] * (number % 2))
            for number in range(60)
        ]
        postings = index(*texts)
        worths = {"rare": 5.0, "odd": 0.6, "x": 0.1}

        everything = postings.best(worths, limit=100, among=EVERYTHING)

        assert postings.best(worths, limit=limit, among=EVERYTHING) == everything[:limit]

    def test_a_word_said_often_in_a_short_text_promises_most(self, index: Index) -> None:
        postings = index("a " + "x " * 500, "a x", "a a x")

        assert postings.best({"a": 1.0}, limit=3, among=EVERYTHING) == [2, 1, 0]


def test_only_so_many_entries_are_kept(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings_module, "_MOST_KEPT", 4)
    postings = index("a b", "a c", "a d")

    for _ in range(2):
        assert [list(postings.having("words", text)) for text in "abcd"] == [[0, 1, 2], [0], [1], [2]]

    assert len(postings._kept) == 2


def test_all_words_of_a_field_are_known(index: Index) -> None:
    assert index("b a", "c").words("words") == ["a", "b", "c"]
