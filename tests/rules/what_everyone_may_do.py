"""What everyone may do: one line for each method of each route. A route that is not here fails the walk."""

from dataclasses import dataclass
from enum import StrEnum

from werkzeug.test import TestResponse

from tests.rules.everybody import NOT_SIGNED_IN, UNKNOWN, Who

ADMINISTRATORS = frozenset({Who.ADMIN, Who.STAFF_ADMIN})
CHECKERS = ADMINISTRATORS | {Who.PUBLISHER}
WRITERS = frozenset({Who.EDITOR, Who.PUBLISHER})


class Outcome(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    SIGN_IN = "sent to sign in"
    NOT_FOUND = "404"
    START_AGAIN = "told that there is no sign-in to go on with"


class May(StrEnum):
    """Who may use a route."""

    EVERYONE = "everyone"
    SIGNED_IN = "people who are signed in"
    ADMINISTRATORS = "administrators"
    CHECKERS = "administrators and publishers"
    WRITERS = "editors and publishers"
    WAITING = "whoever waits for the second factor"

    def outcome_for(self, who: Who) -> Outcome:
        """Return what becomes of this person's request."""
        match self:
            case May.EVERYONE:
                return Outcome.ALLOWED
            case May.SIGNED_IN:
                # A page about one's own account stays one's own while one views the site as somebody else.
                return Outcome.SIGN_IN if who in UNKNOWN else Outcome.ALLOWED
            case May.WAITING:
                return Outcome.ALLOWED if who is Who.WAITING else Outcome.START_AGAIN
            case _:
                if who in ALLOWED[self]:
                    return Outcome.ALLOWED
                return Outcome.SIGN_IN if who in NOT_SIGNED_IN else Outcome.NOT_FOUND


ALLOWED = {May.ADMINISTRATORS: ADMINISTRATORS, May.CHECKERS: CHECKERS, May.WRITERS: WRITERS}


@dataclass(frozen=True)
class Line:
    """Who may use a route, and what it then answers: to real values and to made-up ones, with nothing filled in."""

    may: May
    answers: frozenset[int]
    to_made_up: frozenset[int]
    takes_no_token: bool = False


def _line(may: May, *answers: int, made_up: tuple[int, ...] = (404,), takes_no_token: bool = False) -> Line:
    return Line(may, frozenset(answers or (200,)), frozenset(made_up), takes_no_token)


_E, _S, _A, _C, _W = May.EVERYONE, May.SIGNED_IN, May.ADMINISTRATORS, May.CHECKERS, May.WAITING
_D = May.WRITERS

# 302 and 303 lead on; 422 says what to fill in. The test's site has no sign-in provider: 404 where one is needed.
TABLE: dict[tuple[str, str], Line] = {
    # Reading. Which pages: see test_every_page_for_everyone.py.
    ("GET", "/"): _line(_E),
    ("GET", "/<path:path>"): _line(_E),
    # Files of pages: see test_file_routes.py for who gets which.
    ("GET", "/files/<path:file>"): _line(_E),
    ("GET", "/sitemap.xml"): _line(_E),
    ("GET", "/api/pages"): _line(_E),
    ("GET", "/search"): _line(_E),
    ("GET", "/api/search"): _line(_E),
    ("GET", "/api/suggest"): _line(_E),
    ("GET", "/opensearch.xml"): _line(_E),
    ("GET", "/static/<path:filename>"): _line(_E),
    # What pages said before, and what changed. Who sees what of it: see tests/history/test_secrecy.py.
    ("GET", "/history/<path:page>"): _line(_E),
    ("GET", "/history/<path:page>/<revision:revision>"): _line(_E, 404),
    ("GET", "/history/<path:page>/compare"): _line(_E, 404),
    ("GET", "/changes"): _line(_E),
    ("GET", "/changes.atom"): _line(_E),
    # Changes that wait. Each is for those who may read all of it: see tests/approval/test_routes.py.
    ("GET", "/approvals"): _line(_D),
    ("GET", "/approvals/<int:number>"): _line(_D, 404),
    ("POST", "/approvals/<int:number>/approve"): _line(_D, 404),
    ("POST", "/approvals/<int:number>/send-back"): _line(_D, 404),
    ("POST", "/approvals/<int:number>/time"): _line(_D, 404),
    ("POST", "/approvals/<int:number>/publish-now"): _line(_D, 404),
    ("POST", "/approvals/<int:number>/withdraw"): _line(_D, 404),
    ("POST", "/approvals/<int:number>/comment"): _line(_D, 404),
    ("POST", "/history/<path:page>/<revision:revision>/restore"): _line(_D, 404),
    # Reporting what is wrong on a page that one may read, and what was reported about pages that one may change.
    ("GET", "/report"): _line(_E, 404),
    ("POST", "/report"): _line(_E, 404),
    ("GET", "/feedback"): _line(_D),
    ("POST", "/feedback/<int:report_id>/done"): _line(_D, 404),
    ("GET", "/overdue"): _line(_D),
    # Monitors.
    ("GET", "/healthz"): _line(_E),
    ("GET", "/readyz"): _line(_E),
    # Signing in and out.
    ("GET", "/login"): _line(_E, 200, 302),
    ("POST", "/login"): _line(_E, 401),
    ("GET", "/login/forgotten"): _line(_E),
    ("POST", "/login/forgotten"): _line(_E, 422),
    ("GET", "/login/code"): _line(_W, 302),
    ("POST", "/login/code"): _line(_E, 422),
    ("GET", "/login/recovery-code"): _line(_W),
    ("POST", "/login/recovery-code"): _line(_E, 422),
    ("GET", "/login/second-factor"): _line(_W),
    ("GET", "/login/second-factor.svg"): _line(_W),
    ("POST", "/login/second-factor"): _line(_W, 422),
    ("POST", "/logout"): _line(_E, 302),
    ("GET", "/account/set-up/<token>"): _line(_E),
    ("POST", "/account/set-up/<token>"): _line(_E, 422),
    # Single sign-on.
    ("GET", "/login/provider"): _line(_E, 302, 404),
    ("GET", "/login/provider/callback"): _line(_E, 404),
    ("GET", "/login/provider/confirm"): _line(_S, 404),
    ("GET", "/login/provider/no-groups"): _line(_S, 404),
    ("GET", "/login/signed-out"): _line(_E),
    ("POST", "/login/provider/back-channel"): _line(_E, 404, takes_no_token=True),
    # One's own account.
    ("GET", "/account"): _line(_S),
    ("GET", "/account/confirm"): _line(_S),
    ("POST", "/account/confirm"): _line(_S, 422),
    ("GET", "/account/password"): _line(_S),
    ("POST", "/account/password"): _line(_S, 422),
    ("GET", "/account/second-factor"): _line(_S),
    ("POST", "/account/second-factor"): _line(_S, 422),
    ("GET", "/account/second-factor.svg"): _line(_S),
    ("GET", "/account/second-factor/remove"): _line(_S),
    # Whoever has a role must have a second factor; here nobody has set one up.
    ("POST", "/account/second-factor/remove"): _line(_S, 302, 422),
    ("GET", "/account/recovery-codes"): _line(_S, 404),
    ("POST", "/account/recovery-codes"): _line(_S, 404),
    ("POST", "/account/recovery-codes.txt"): _line(_S, 400),
    ("POST", "/account/sessions/<int:session_id>/end"): _line(_S, 302, made_up=(302,)),
    ("POST", "/account/sessions/end-others"): _line(_S, 302),
    # Viewing the site as another reader. Everyone who views may stop.
    ("GET", "/view-as"): _line(_C),
    ("POST", "/view-as"): _line(_C, 422),
    ("POST", "/view-as/stop"): _line(_S, 303),
    ("GET", "/who-can-see"): _line(_C, 404),
    # The record.
    ("GET", "/audit"): _line(_A),
    ("GET", "/audit.csv"): _line(_A),
    # People.
    ("GET", "/people"): _line(_A),
    ("GET", "/people/<int:account_id>"): _line(_A),
    ("GET", "/people/<int:account_id>/name"): _line(_A),
    ("POST", "/people/<int:account_id>/name"): _line(_A, 302, 422),
    ("GET", "/people/<int:account_id>/groups"): _line(_A),
    ("POST", "/people/<int:account_id>/groups"): _line(_A, 302),
    ("GET", "/people/<int:account_id>/roles"): _line(_A),
    ("POST", "/people/<int:account_id>/roles"): _line(_A, 302),
    ("GET", "/people/<int:account_id>/password"): _line(_A),
    ("POST", "/people/<int:account_id>/password"): _line(_A, 200),
    ("GET", "/people/<int:account_id>/disable"): _line(_A),
    ("POST", "/people/<int:account_id>/disable"): _line(_A, 302),
    ("GET", "/people/<int:account_id>/enable"): _line(_A),
    ("POST", "/people/<int:account_id>/enable"): _line(_A, 302),
    ("GET", "/people/<int:account_id>/second-factor/remove"): _line(_A),
    ("POST", "/people/<int:account_id>/second-factor/remove"): _line(_A, 302),
    ("POST", "/people/<int:account_id>/sessions/<int:session_id>/end"): _line(_A, 302, made_up=(302, 404)),
    ("POST", "/people/<int:account_id>/sessions/end-all"): _line(_A, 302),
    ("GET", "/people/invite"): _line(_A),
    ("POST", "/people/invite"): _line(_A, 422),
    ("GET", "/people/invitations/<int:invitation_id>"): _line(_A),
    ("POST", "/people/invitations/<int:invitation_id>/send"): _line(_A, 200, 302),
    ("POST", "/people/invitations/<int:invitation_id>/withdraw"): _line(_A, 302),
    ("GET", "/people/import"): _line(_A),
    ("POST", "/people/import"): _line(_A, 422),
    ("POST", "/people/import/confirm"): _line(_A, 422),
    # New pages.
    ("GET", "/edit/new"): _line(_D),
    ("POST", "/edit/new"): _line(_D, 422),
    # Moving pages. The table's site has no page that was taken away.
    ("GET", "/move/<path:path>"): _line(_D),
    ("POST", "/move/<path:path>"): _line(_D, 422),
    ("GET", "/merge/<path:path>"): _line(_D),
    ("POST", "/merge/<path:path>"): _line(_D, 422),
    ("GET", "/withdraw/<path:path>"): _line(_D),
    ("POST", "/withdraw/<path:path>"): _line(_D, 422),
    ("GET", "/delete/<path:path>"): _line(_D),
    ("POST", "/delete/<path:path>"): _line(_D, 422),
    ("GET", "/bring-back"): _line(_D),
    ("GET", "/bring-back/<path:path>"): _line(_D, 404),
    ("POST", "/bring-back/<path:path>"): _line(_D, 404),
    ("GET", "/moved/<name>"): _line(_D, 404),
    # Data files.
    ("GET", "/data"): _line(_D),
    ("GET", "/data/confirm"): _line(_D),
    ("POST", "/data/confirm"): _line(_D, 422),
    ("GET", "/data/<data_file>"): _line(_D),
    ("GET", "/history/_data/<data_file:data>"): _line(_D),
    ("GET", "/history/_data/<data_file:data>/<revision:revision>"): _line(_D, 404),
    ("GET", "/history/_data/<data_file:data>/compare"): _line(_D, 404),
    ("POST", "/history/_data/<data_file:data>/<revision:revision>/restore"): _line(_D, 404),
    ("GET", "/data/<data_file>/new"): _line(_D),
    ("POST", "/data/<data_file>/new"): _line(_D, 422),
    ("GET", "/data/<data_file>/<entry_key>"): _line(_D, 404),
    ("POST", "/data/<data_file>/<entry_key>"): _line(_D, 404),
    ("GET", "/data/<data_file>/<entry_key>/remove"): _line(_D, 404),
    ("POST", "/data/<data_file>/<entry_key>/remove"): _line(_D, 404),
    # Editing. A draft is its author's alone, here an editor's: 404 for everybody else.
    ("GET", "/edit"): _line(_D),
    ("GET", "/edit/import"): _line(_D),
    ("POST", "/edit/import"): _line(_D, 422),
    ("GET", "/edit/<path:path>"): _line(_D),
    ("POST", "/edit/<path:path>/save"): _line(_D, 303),
    ("POST", "/edit/<path:path>/preview"): _line(_D),
    ("POST", "/edit/<path:path>/files"): _line(_D, 422),
    ("GET", "/drafts/<int:draft_id>/files/<name>"): _line(_D, 404),
    ("GET", "/drafts/<int:draft_id>/publish"): _line(_D, 200, 404),
    ("POST", "/drafts/<int:draft_id>/publish"): _line(_D, 422, 404),
    ("GET", "/drafts/<int:draft_id>/conflict"): _line(_D, 200, 404),
    ("POST", "/drafts/<int:draft_id>/conflict"): _line(_D, 422, 404),
    ("POST", "/drafts/<int:draft_id>/follow"): _line(_D, 404, 404),
    ("GET", "/drafts/<int:draft_id>/discard"): _line(_D, 200, 404),
    ("POST", "/drafts/<int:draft_id>/discard"): _line(_D, 303, 404),
    ("GET", "/drafts/<int:draft_id>/links"): _line(_D, 200, 404),
    ("POST", "/drafts/<int:draft_id>/links"): _line(_D, 422, 404),
    ("POST", "/drafts/<int:draft_id>/links/<int:link_id>/revoke"): _line(_D, 303, 404),
    # Whoever has the link: see test_link_routes.py. The test has none.
    ("GET", "/drafts/<token>"): _line(_E, 404),
    ("GET", "/drafts/<token>/files/<name>"): _line(_E, 404),
    ("POST", "/drafts/of-submission/<int:number>"): _line(_D, 404),
    ("GET", "/drafts/published/<name>"): _line(_D, 404),
}


def outcome_of(answer: TestResponse) -> Outcome | int:
    """Say what became of a request, or which status was given to one that was let through."""
    location = answer.headers.get("Location", "")
    if answer.status_code == 303 and location.startswith("/login?next="):
        return Outcome.SIGN_IN
    if answer.status_code == 401 and answer.is_json:
        return Outcome.SIGN_IN
    return answer.status_code


def told(method: str, url: str, answer: TestResponse, wanted: object) -> str:
    """Say in a line what came back, and what should have."""
    wanted = f"{wanted.may}: {sorted(wanted.answers)}" if isinstance(wanted, Line) else wanted
    return f"{method} {url[:80]}: {answer.status_code} {answer.headers.get('Location', '')}, not {wanted}"
