"""Drafts are kept from the first word on, and nothing ever writes over what somebody typed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.editing.drafts import (
    begin_draft,
    discard_draft,
    find_draft,
    get_draft,
    let_go_after_publishing,
    open_draft,
    own_drafts,
    save_draft,
)
from knowledge_base.editing.errors import (
    DraftExistsError,
    NoSuchDraftError,
    NoSuchPageError,
    StaleDraftError,
    TooLongError,
)
from knowledge_base.editing.presence import OtherEditor, other_editors
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import NOW

PAGE = "referral/share"


def kinds(store: ContentStore) -> list[str]:
    with store.database.read() as session:
        found = session.scalars(select(AuditEvent.kind).order_by(AuditEvent.number))
        return [kind for kind in found if kind.startswith("draft.")]


def test_a_draft_begins_with_the_page_as_it_is_published(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    assert draft.base == store.files.read("referral/share.md")
    assert draft.base_revision == store.repository.revision_of("referral/share.md")
    assert "Second line." in draft.text
    assert not draft.is_changed
    assert own_drafts(store, by=jane.viewer) == ()
    assert kinds(store) == []


def test_a_draft_without_changes_follows_the_page(
    store: ContentStore, jane: Contributor, content: ContentFolder
) -> None:
    first = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    content.page(PAGE, "New words.\n")

    second = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    assert second.id == first.id
    assert "New words." in second.text
    assert second.version > first.version


def test_a_draft_with_changes_stays_as_it_is(store: ContentStore, jane: Contributor, content: ContentFolder) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    saved = save_draft(store, draft, text=f"{draft.text}Mine.\n", version=draft.version, by=jane.viewer, now=NOW)
    content.page(PAGE, "New words.\n")

    again = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    assert again == saved
    assert again.base == draft.base
    assert own_drafts(store, by=jane.viewer) == (saved,)


def test_only_the_first_change_is_recorded(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    for words in ("One.\n", "Two.\n"):
        draft = save_draft(store, draft, text=draft.text + words, version=draft.version, by=jane.viewer, now=NOW)
    discard_draft(store, draft, by=jane.viewer, now=NOW)

    assert kinds(store) == ["draft.saved", "draft.discarded"]
    assert find_draft(store, PAGE, by=jane.viewer) is None


def test_a_second_window_does_not_write_over_the_first(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    first = save_draft(store, draft, text=f"{draft.text}First.\n", version=draft.version, by=jane.viewer, now=NOW)

    with pytest.raises(StaleDraftError) as refused:
        save_draft(store, draft, text=f"{draft.text}Second.\n", version=draft.version, by=jane.viewer, now=NOW)

    assert refused.value.draft == first
    assert get_draft(store, draft.id, by=jane.viewer) == first


def test_sending_the_same_text_twice_is_no_conflict(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    text = f"{draft.text}First.\r\n"

    saved = [save_draft(store, draft, text=text, version=draft.version, by=jane.viewer, now=NOW) for _ in range(2)]

    assert saved[0] == saved[1]
    assert "\r" not in saved[0].text


def test_nobody_has_the_draft_of_somebody_else(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    with pytest.raises(NoSuchDraftError):
        get_draft(store, draft.id, by=pat.viewer)
    with pytest.raises(NoSuchDraftError):
        save_draft(store, draft, text="Pat's", version=draft.version, by=pat.viewer, now=NOW)
    with pytest.raises(NoSuchDraftError):
        discard_draft(store, draft, by=pat.viewer, now=NOW)
    assert open_draft(store, PAGE, by=pat.viewer, now=NOW).id != draft.id


def test_there_is_no_draft_of_a_page_that_is_not_there(store: ContentStore, jane: Contributor) -> None:
    with pytest.raises(NoSuchPageError):
        open_draft(store, "referral/nothing", by=jane.viewer, now=NOW)


def test_a_new_page_begins_with_a_text(store: ContentStore, jane: Contributor) -> None:
    draft = begin_draft(store, "referral/new", by=jane.viewer, text="---\ntitle: New\n---\n", now=NOW)

    assert draft.base is None
    assert draft.is_changed
    assert open_draft(store, "referral/new", by=jane.viewer, now=NOW) == draft
    assert kinds(store) == ["draft.saved"]


def test_beginning_anew_does_not_write_over_a_draft(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    begin_draft(store, PAGE, by=jane.viewer, text=f"{draft.text}Restored.\n", now=NOW)

    with pytest.raises(DraftExistsError):
        begin_draft(store, PAGE, by=jane.viewer, text="other", now=NOW)

    assert open_draft(store, PAGE, by=jane.viewer, now=NOW).text.endswith("Restored.\n")


def test_a_draft_has_its_limits(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    with pytest.raises(TooLongError):
        save_draft(store, draft, text="é" * 250_001, version=draft.version, by=jane.viewer, now=NOW)
    with pytest.raises(TooLongError):
        begin_draft(store, "/".join(["a" * 40] * 10), by=jane.viewer, text="x", now=NOW)


def test_what_was_typed_while_publishing_stays_a_draft(store: ContentStore, jane: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    handed_in = save_draft(store, draft, text=f"{draft.text}One.\n", version=draft.version, by=jane.viewer, now=NOW)
    later = save_draft(
        store, handed_in, text=f"{draft.text}One.\nTwo.\n", version=handed_in.version, by=jane.viewer, now=NOW
    )

    let_go_after_publishing(store, handed_in, by=jane.viewer)

    left = get_draft(store, draft.id, by=jane.viewer)
    assert left.text == later.text
    assert left.base == handed_in.text.encode()
    let_go_after_publishing(store, left, by=jane.viewer)
    assert find_draft(store, PAGE, by=jane.viewer) is None


def test_others_see_who_is_editing(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    draft = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    assert other_editors(store, PAGE, by=pat.viewer, now=NOW) == ()
    save_draft(store, draft, text=f"{draft.text}x", version=draft.version, by=jane.viewer, now=NOW)

    now, later = (other_editors(store, PAGE, by=pat.viewer, now=NOW + timedelta(minutes=n)) for n in (14, 15))

    assert now == (OtherEditor("jane Doe", is_editing=True),)
    assert later == (OtherEditor("jane Doe", is_editing=False),)
    assert other_editors(store, PAGE, by=jane.viewer, now=NOW) == ()


def test_drafts_that_were_only_opened_go_after_a_month(store: ContentStore, jane: Contributor) -> None:
    changed = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    save_draft(store, changed, text="Changed.", version=changed.version, by=jane.viewer, now=NOW)
    open_draft(store, "referral/index", by=jane.viewer, now=NOW)
    recent = open_draft(store, "index", by=jane.viewer, now=NOW + timedelta(days=20))

    open_draft(store, "uasc/index", by=jane.viewer, now=NOW + timedelta(days=32))

    assert find_draft(store, PAGE, by=jane.viewer)
    assert find_draft(store, "referral/index", by=jane.viewer) is None
    assert find_draft(store, "index", by=jane.viewer) == recent
