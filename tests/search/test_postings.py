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


class TestGoingOn:
    """The index is written to, and what was read of it is taken over as far as it still holds."""

    @pytest.fixture
    def storage(self) -> RamStorage:
        storage = RamStorage()
        with storage.create_index(SCHEMA).writer() as writer:
            for number, text in enumerate(["a b", "a", "b c", "c c a"]):
                writer.add_document(words=text, spellings=text, page=f"/{number}")
        return storage

    def test_the_lists_are_those_of_an_index_that_is_read_anew(self, storage: RamStorage) -> None:
        with storage.open_index().reader() as reader:
            before = Postings(reader)
            for text in "abcz":
                before.having("words", text)
                before.having("spellings", text)
            known = before.known()
        with storage.open_index().writer() as writer:
            writer.merge = False
            writer.add_document(words="z a", spellings="z a", page="/4")

        with storage.open_index().reader() as reader:
            anew, after = Postings(reader), Postings(reader, before=known)

            for field in ("words", "spellings"):
                for text in "abcz":
                    assert after.having(field, text) == anew.having(field, text)
            worths = {"a": 1.0, "c": 2.0, "z": 0.5}
            assert after.best(worths, limit=9, among=EVERYTHING) == anew.best(worths, limit=9, among=EVERYTHING)

    def test_a_segment_may_come_to_stand_elsewhere(self, storage: RamStorage) -> None:
        with storage.open_index().reader() as reader:
            before = Postings(reader)
            before.having("words", "a")
            before.having("spellings", "a")
            known = before.known()
        # Whoosh puts the smallest segments first.
        for page in ("/4", "/5"):
            with storage.open_index().writer() as writer:
                writer.merge = False
                writer.add_document(words="a", spellings="a", page=page)
        with storage.open_index().writer() as writer:
            writer.segments.sort(key=lambda segment: segment.doc_count_all())
            writer.merge = False
            writer.add_document(words="b", page="/6")

        with storage.open_index().reader() as reader:
            anew, after = Postings(reader), Postings(reader, before=known)

            assert list(after.having("words", "a")) == [0, 1, 2, 3, 5]
            assert after.having("spellings", "a") == anew.having("spellings", "a")
            assert after.best({"a": 1.0}, limit=9, among=EVERYTHING) == anew.best({"a": 1.0}, limit=9, among=EVERYTHING)

    def test_what_stands_is_always_read(self, storage: RamStorage) -> None:
        with storage.open_index().reader() as reader:
            before = Postings(reader)
            assert list(before.having("page", "/1")) == [1]
            before.having("words", "a")
            known = before.known()
        with storage.open_index().writer() as writer:
            writer.merge = False
            writer.delete_by_term("page", "/1")
            writer.add_document(words="a", spellings="a", page="/1")

        with storage.open_index().reader() as reader:
            after = Postings(reader, before=known)

            assert list(after.having("page", "/1")) == [4]
            assert after.matching(word("a"), among=frozenset({0, 3, 4})) == {0, 3, 4}

    def test_nothing_is_taken_over_from_another_index(self, storage: RamStorage, index: Index) -> None:
        other = index("z", "z", "a")
        other.having("words", "a")

        with storage.open_index().reader() as reader:
            after = Postings(reader, before=other.known())

            assert list(after.having("words", "a")) == [0, 1, 3]
