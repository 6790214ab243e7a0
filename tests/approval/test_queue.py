"""The submissions that a person finds."""

from datetime import timedelta

import pytest

from knowledge_base.approval.models import State
from knowledge_base.approval.queue import find_submissions, get_submission
from knowledge_base.approval.submissions import submit, withdraw
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.approval.conftest import ARRIVAL, NOW, NewPerson, change_of
from tests.pages.files_of_pages import png

OPEN = frozenset({State.WAITING, State.APPROVED})
ROTA = "staff/rota.md"


def test_what_is_not_for_a_person_takes_no_place_from_what_is(
    store: ContentStore, jane: Contributor, pat: Contributor, new_person: NewPerson
) -> None:
    index = store.content / "referral" / "index.md"
    index.write_text(index.read_text().replace("summary:", "publishing: two-person\nsummary:"))
    submit(store, change_of(store), by=jane, now=NOW)
    for minute in range(1, 4):
        when = NOW + timedelta(minutes=minute)
        submit(store, change_of(store, "The rota.", f"{minute}.", path=ROTA), by=pat, now=when)
    closing = change_of(store, "summary:", "audience: staff\nsummary:", path="referral/share.md")
    submit(store, closing, by=pat, now=NOW + timedelta(hours=1))
    outsider = new_person("olga", "publisher")

    assert [one.id for one in find_submissions(store, outsider.viewer, states=OPEN, most=1)] == [1]
    assert [one.id for one in find_submissions(store, pat.viewer, states=OPEN, most=4)] == [5, 4, 3, 2]


def test_more_than_are_read_at_once_are_found_the_last_first(store: ContentStore, jane: Contributor) -> None:
    for number in range(1, 46):
        submit(store, change_of(store, new=f"{number}."), by=jane, now=NOW + timedelta(minutes=number))
    withdraw(store, 1, by=jane, now=NOW + timedelta(hours=2))

    found = find_submissions(store, jane.viewer, states=frozenset(State), most=43)

    assert [one.id for one in found] == [1, *range(45, 3, -1)]
    assert find_submissions(store, jane.viewer, states=frozenset(State), most=99, only_own=True)[44].id == 2


def test_the_list_does_not_hold_what_pictures_hold(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, "Second line.", "![A map](/files/uasc/arrival/map.png)")
    picture = FileChange("uasc/_files/arrival/map.png", png(2, 2), None)
    number = submit(store, Change((*change.files, picture), subject=change.subject, note="A map"), by=jane, now=NOW)

    (listed,) = find_submissions(store, jane.viewer, states=OPEN, most=9)

    assert {one.path: one.content for one in listed.change.files} == {
        picture.path: None,
        ARRIVAL: change.files[0].content,
    }
    assert picture in get_submission(store, number).change.files


@pytest.mark.parametrize("is_mended", [True, False])
def test_what_waits_in_a_folder_whose_index_is_broken_is_for_whom_the_folder_was(
    store: ContentStore, pat: Contributor, new_person: NewPerson, *, is_mended: bool
) -> None:
    publish(
        store,
        change_of(store, "summary: ", "summary: New ", path="staff/index.md"),
        by=pat,
        approved_by=new_person("eve", "publisher", groups=("staff",)),
        now=NOW,
    )
    number = submit(store, change_of(store, "The rota.", "Ours.", path=ROTA), by=pat, now=NOW)
    index = store.content / "staff" / "index.md"
    good = index.read_text()
    index.write_text(good.replace("summary:", "sumary:"))
    if is_mended:
        index.write_text(good)

    outsider = new_person("olga", "publisher")

    assert [one.id for one in find_submissions(store, pat.viewer, states=OPEN, most=9)] == [number]
    assert find_submissions(store, outsider.viewer, states=OPEN, most=9) == ()
