from datetime import date, timedelta

from knowledge_base.db import Database
from knowledge_base.search.past_queries import (
    KEPT_FOR,
    TIMES_TO_SUGGEST,
    GoodQuery,
    continuing,
    good_queries,
    remember,
)

TODAY = date(2026, 11, 22)
NOBODY: frozenset[str] = frozenset()
STAFF = frozenset({"members", "staff"})


def ask(database: Database, text: str, *, times: int, audiences: frozenset[str] = NOBODY, day: date = TODAY) -> None:
    for _ in range(times):
        with database.write() as session:
            remember(session, text, audiences=audiences, today=day)


def good(database: Database) -> tuple[GoodQuery, ...]:
    with database.read() as session:
        return good_queries(session, today=TODAY)


def test_a_search_is_good_once_it_led_somewhere_often_enough(database: Database) -> None:
    ask(database, "Who do I tell?", times=TIMES_TO_SUGGEST)
    ask(database, "once or twice", times=TIMES_TO_SUGGEST - 1)

    assert good(database) == (GoodQuery("who do i tell", NOBODY, TIMES_TO_SUGGEST),)


def test_days_are_added_up_and_the_most_frequent_comes_first(database: Database) -> None:
    ask(database, "consent", times=2, day=TODAY - timedelta(days=1))
    ask(database, "consent", times=2)
    ask(database, "channel panel", times=3)

    assert [(query.words, query.times) for query in good(database)] == [("consent", 4), ("channel panel", 3)]


def test_what_is_older_than_it_may_be_is_deleted(database: Database) -> None:
    ask(database, "old words", times=5, day=TODAY - KEPT_FOR - timedelta(days=1))

    ask(database, "new words", times=3)

    assert [query.words for query in good(database)] == ["new words"]
    with database.read() as session:
        assert good_queries(session, today=TODAY - timedelta(days=1)) == good(database)


def test_words_without_letters_and_very_long_ones_are_not_kept(database: Database) -> None:
    ask(database, "?!", times=5)
    ask(database, "word " * 50, times=5)

    assert good(database) == ()


def test_a_search_is_offered_to_those_who_may_read_as_much_as_who_typed_it() -> None:
    queries = (GoodQuery("brief enquiry", STAFF, 9), GoodQuery("brief guide", NOBODY, 4))

    def offered(audiences: frozenset[str]) -> tuple[str, ...]:
        return continuing(queries, "Brief", audiences=audiences, knows=lambda _word: True, limit=5)

    assert offered(STAFF) == ("brief enquiry", "brief guide")
    assert offered(NOBODY) == ("brief guide",)
    assert offered(frozenset({"members"})) == ("brief guide",)


def test_a_search_with_a_word_that_the_asker_cannot_read_is_not_offered() -> None:
    queries = (GoodQuery("visit to innerste", NOBODY, 9), GoodQuery("visit times", NOBODY, 4))

    found = continuing(queries, "visit", audiences=NOBODY, knows=lambda word: word != "innerste", limit=5)

    assert found == ("visit times",)


def test_what_is_already_typed_in_full_is_not_offered_again() -> None:
    queries = (GoodQuery("consent", NOBODY, 9), GoodQuery("consent of parents", NOBODY, 4))

    assert continuing(queries, "consent", audiences=NOBODY, knows=lambda _word: True, limit=5) == (
        "consent of parents",
    )
