"""Each kind of event has its sentence."""

import os

import pytest

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.audit.errors import EventRefusedError
from knowledge_base.audit.events import LONGEST_VALUE, NOBODY, Actor, Event, Kind, sentence_of
from knowledge_base.audit.wordings import WORDINGS

JANE = Actor(7, "Jane Doe")


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_told_in_one_complete_sentence(kind: Kind) -> None:
    wording = WORDINGS[kind]
    details = dict.fromkeys(wording.details, "words")

    event = Event(kind, Actor.system("operating-system user root"), "Sam Poe" if wording.has_subject else "", details)

    assert event.sentence.startswith("Operating-system user root ")
    assert "missing" not in event.sentence.replace("is missing", "missing") or kind == Kind.RECORD_DISTURBED
    assert ("Sam Poe" in event.sentence) == wording.has_subject
    assert wording.label


def test_labels_tell_the_kinds_apart() -> None:
    labels = [wording.label for wording in WORDINGS.values()]

    assert len(set(labels)) == len(labels) == len(Kind)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (
            Event(Kind.GROUP_ADDED, JANE, "Sam Poe", {"group": "staff"}, subject_id=9),
            "Jane Doe added the group staff to the account of Sam Poe.",
        ),
        (
            Event(Kind.GROUP_ADDED, JANE, "Jane Doe", {"group": "staff"}, subject_id=7),
            "Jane Doe added the group staff to their own account.",
        ),
        (
            Event(Kind.SIGN_IN_FAILED, NOBODY, "Sam Poe", {"reason": "wrong password"}, subject_id=9),
            "Someone not signed in tried to sign in as Sam Poe and was refused: wrong password.",
        ),
        (
            Event(Kind.PAGE_PUBLISHED, JANE, "referral/share", {"note": "New number"}),
            "Jane Doe published referral/share with the note “New number”.",
        ),
    ],
)
def test_sentences_read_as_english(event: Event, sentence: str) -> None:
    assert event.sentence == sentence


@pytest.mark.parametrize(
    ("kind", "subject", "details"),
    [
        (Kind.GROUP_ADDED, "Sam Poe", {}),
        (Kind.GROUP_ADDED, "", {"group": "staff"}),
        (Kind.GROUP_ADDED, "Sam Poe", {"group": "staff", "address": "192.0.2.1"}),
        (Kind.SIGNED_OUT, "Sam Poe", {}),
    ],
)
def test_event_that_does_not_fit_its_sentence_is_refused(kind: Kind, subject: str, details: dict[str, str]) -> None:
    with pytest.raises(EventRefusedError):
        Event(kind, JANE, subject, details)


def test_values_are_kept_on_one_line_and_cut() -> None:
    event = Event(Kind.PAGE_PUBLISHED, Actor(7, "Jane\u202e\nDoe"), "a\x00b", {"note": "n" * 5000})

    assert (event.actor.name, event.subject) == ("Jane Doe", "a b")
    assert len(event.details["note"]) == LONGEST_VALUE


def test_braces_in_a_name_mean_nothing() -> None:
    event = Event(Kind.SIGNED_OUT, Actor(7, "{subject} {0.__class__}"))

    assert event.sentence == "{subject} {0.__class__} signed out."


def test_row_of_a_kind_or_with_details_no_longer_known_is_still_told() -> None:
    unknown = sentence_of("moon.landed", JANE, "", {})
    incomplete = sentence_of(Kind.GROUP_ADDED, JANE, "Sam Poe", {})

    assert unknown == "Jane Doe did something that this version of the site has no words for: moon.landed."
    assert incomplete == "Jane Doe added the group (group is missing) to the account of Sam Poe."


def test_actor_is_who_asks() -> None:
    assert Actor.of(Viewer(account_id=7, name="Jane Doe")) == JANE
    assert Actor.of(ANONYMOUS) == NOBODY


def test_actor_of_a_command_is_who_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    named = Actor.of_command()
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 5)

    assert named.name.startswith("operating-system user ")
    assert Actor.of_command().name == "operating-system user 2147483643"
