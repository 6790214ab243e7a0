"""As whom the person of this request views the site. The signed cookie of their sign-in says so."""

from datetime import timedelta

from flask import Flask, current_app, flash, session
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.access.audiences import Audiences
from knowledge_base.access.guards import real_viewer, view_as
from knowledge_base.access.view_as import Choice, End, Viewing, viewer_for
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.viewing import Holder, end_viewing, start_viewing
from knowledge_base.db import utc_now
from knowledge_base.web.readers import reader_is_unknown

KEPT_AS = "view_as"
NOTICE = "view-as"
# A reader waits no longer than this for the note that it is over.
NOTING_TAKES = timedelta(milliseconds=50)


def set_up_view_as(app: Flask) -> None:
    """Have every request answered for the reader whom the person chose. Call it before anything asks who that is."""
    app.before_request(_answer_for_chosen_reader)


def known_audiences() -> Audiences:
    """Return the audiences of the content, or none, with nobody in them, while it cannot be read."""
    try:
        audiences: Audiences = current_app.extensions["audiences"]()
    except OSError:
        return Audiences()
    return audiences


def begin_viewing(choice: Choice) -> None:
    """Answer this browser from now on for another reader. Raises ViewAsRefusedError."""
    holder = Holder(real_viewer(), _sign_in())
    viewing = start_viewing(_register(), holder, choice, audiences=known_audiences(), now=utc_now())
    session[KEPT_AS] = viewing.as_mapping()


def stop_viewing(end: End) -> None:
    """Answer this browser for the person themselves again, and record the end."""
    viewing = Viewing.of_mapping(session.get(KEPT_AS))
    if viewing:
        end_viewing(_register(), viewing, end, now=utc_now())
    session.pop(KEPT_AS, None)
    view_as(None)


def _answer_for_chosen_reader() -> None:
    view_as(None)
    if KEPT_AS not in session:
        return
    viewing = Viewing.of_mapping(session[KEPT_AS])
    if viewing is None:
        session.pop(KEPT_AS)
        return
    person = real_viewer()
    if reader_is_unknown():
        return
    end = viewing.end(person, holder=_sign_in(), audiences=known_audiences(), now=utc_now())
    if end is None:
        view_as(viewer_for(viewing, person))
    else:
        _note_end(viewing, end)


def _note_end(viewing: Viewing, end: End) -> None:
    try:
        end_viewing(_register(), viewing, end, now=utc_now(), patience=NOTING_TAKES)
    except SQLAlchemyError as error:
        # It is over all the same. The next request tries again to record it.
        current_app.logger.warning("The end of viewing as another reader is not recorded yet: %s", error)
        return
    session.pop(KEPT_AS)
    flash(viewing.title, NOTICE)


def _sign_in() -> str:
    """Return what the sign-in of this request is known by, or nothing without one."""
    current = getattr(current_user, "current", None)
    return str(current.session_id) if current else ""


def _register() -> Register:
    register: Register = current_app.extensions["accounts"]
    return register
