"""Every route, asked by every kind of person in every way, answers as the table says. What is not in it fails."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from knowledge_base.accounts.links import invite
from knowledge_base.accounts.models import Account, OneTimeLink, SignInSession
from knowledge_base.accounts.people import check_profile
from knowledge_base.audit.events import SITE
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import utc_now
from knowledge_base.editing.draft_links import LASTS, links_of, make_link
from knowledge_base.editing.drafts import begin_draft
from knowledge_base.web.assets import asset_url
from tests.content_folder import ContentFolder
from tests.rules.everybody import NOT_SIGNED_IN, UNKNOWN, Everybody, Who
from tests.rules.gated_content import write_gated_pages
from tests.rules.what_everyone_may_do import TABLE, Line, May, Outcome, outcome_of, told

READS = {"GET", "HEAD", "OPTIONS"}
OTHER_METHODS = ("POST", "DELETE", "PUT", "PATCH", "TRACE", "PROPFIND")
GUEST = "guest@example.gov.uk"
TOO_LARGE = "99999999999999999999"
REFUSED = {Outcome.NOT_FOUND: 404}
# To routes they are all the same as staff.
KINDS = [who for who in Who if who not in {Who.LEAD, Who.STAFF_AND_LEAD}]
MADE_UP: Mapping[str, tuple[str, ...]] = {
    "account_id": ("999999", "0"),
    "session_id": ("999999",),
    "invitation_id": ("999999",),
    "token": ("made-up", "..", "%00", "a" * 3000),
    "number": ("999999", "0"),
    "report_id": ("999999", "0"),
    "page": ("nothing", "open/nothing", "..%2f..%2fetc%2fpasswd", "_data/audiences", "open/page.md"),
    "revision": ("f" * 40, "f" * 64),
    "path": ("nothing", "open/nothing", "..%2f..%2fetc%2fpasswd", "_data/audiences.yml", "open/page.md"),
    "file": (
        "open/page/nothing.txt",
        "staff",
        "..%2f..%2fopen/page.md",
        "_data/audiences.yml",
        "open/_files/page/form.txt",
    ),
    "draft_id": ("999999",),
    "link_id": ("999999",),
    "name": ("nothing", "%00", "a" * 3000),
    "data_file": ("nothing.yml", "%00", "a" * 3000, "redirects.yml", "audiences.yml"),
    "data": ("nothing.yml", "redirects.yml", "audiences.yml"),
    "entry_key": ("nothing", "%00", "a" * 3000),
    "filename": ("nothing.css", "..%2fapp.py", "../app.py", "%2e%2e/app.py", "/etc/passwd", "manifest.json%00.css"),
}

Lines = Sequence[tuple[Rule, Line]]


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    write_gated_pages(content)


def invitation_of(everybody: Everybody) -> str:
    """Return the number of the guest's invitation."""
    with everybody.register.database.read() as session:
        return str(session.scalar(select(OneTimeLink.id).where(OneTimeLink.email == GUEST)) or "")


@pytest.fixture
def real(everybody: Everybody) -> dict[str, str]:
    """Return real values for the arguments of rules: somebody's account, with a session, and an invitation."""
    target = everybody.person(Who.MEMBER)
    everybody.browser(Who.MEMBER)
    guest = check_profile(email=GUEST, name="A guest", groups=["staff"])
    link = invite(everybody.register, guest, actor=SITE, now=utc_now())
    with everybody.register.database.read() as session:
        session_id = session.scalar(select(SignInSession.id).where(SignInSession.account_id == target.account_id))
    editor = everybody.person(Who.EDITOR).viewer
    store = everybody.app.extensions["content_store"]
    draft = begin_draft(store, "open/page", by=editor, text="New words.", now=utc_now())
    make_link(store, draft, lasts=LASTS["day"], by=editor, now=utc_now())
    return {
        "account_id": str(target.account_id),
        "session_id": str(session_id),
        "invitation_id": invitation_of(everybody),
        "token": link.token,
        "path": "open/page",
        "page": "open/page",
        "number": "1",
        "report_id": "1",
        "revision": "0" * 40,
        "draft_id": str(draft.id),
        "link_id": str(links_of(store, draft, now=utc_now())[0].id),
        "name": "made-up",
        "file": "open/page/form.txt",
        "data_file": "council.yml",
        "data": "council.yml",
        "entry_key": "nothing",
        "filename": asset_url("site.css").removeprefix("/static/"),
    }


def methods_and_rules(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def filled(rule: str, values: Mapping[str, str]) -> str:
    """Put values into the places of a rule as they are, for what is wrong with them to reach the site."""
    parts = rule.split("<")
    return parts[0] + "".join(
        values[name.rpartition(":")[2]] + rest for name, _, rest in (part.partition(">") for part in parts[1:])
    )


def made_up_addresses(rule: Rule, real: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(rule.arguments):
        assert name in MADE_UP, f"Say in MADE_UP and in the fixture 'real' what may stand for <{name}> of {rule}"
        for value in MADE_UP[name]:
            yield filled(rule.rule, {**real, name: value})


def is_as_told(answer: TestResponse, line: Line, who: Who, *, statuses: frozenset[int]) -> bool:
    wanted, got = line.may.outcome_for(who), outcome_of(answer)
    match wanted:
        case Outcome.ALLOWED:
            return got in statuses
        case Outcome.NOT_FOUND:
            return got == 404
        case Outcome.START_AGAIN:
            return got == 401 and "sign" in answer.text.lower()
        case _:
            return got is wanted


def record_length(everybody: Everybody) -> int:
    with everybody.register.database.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def is_signed_in(browser: FlaskClient) -> bool:
    return "Sign out" in browser.get("/open").text


def test_every_route_is_in_the_table_and_nothing_else(app: Flask) -> None:
    known = {(method, rule.rule) for method, rule in methods_and_rules(app)}

    missing = sorted(known - TABLE.keys())
    gone = sorted(TABLE.keys() - known)

    assert missing == [], f"Say in tests/rules/what_everyone_may_do.py who may use {missing}"
    assert gone == [], f"Take out of tests/rules/what_everyone_may_do.py what is no route: {gone}"


@pytest.mark.parametrize("who", KINDS)
def test_asking(app: Flask, everybody: Everybody, real: dict[str, str], who: Who) -> None:
    browser = everybody.browser(who)

    wrong = [*wrong_reading(app, browser, real, who), *wrong_methods(everybody, browser, real, who)]

    assert wrong == []
    assert is_signed_in(browser) == (who not in UNKNOWN)


def wrong_reading(app: Flask, browser: FlaskClient, real: Mapping[str, str], who: Who) -> Iterator[str]:
    """Get each address, real and made up; ask for its headers alone, which are to be the same."""
    for method, rule in methods_and_rules(app):
        if method != "GET":
            continue
        line, url = TABLE[method, rule.rule], filled(rule.rule, real)
        for address in made_up_addresses(rule, real):
            answer = browser.get(address)
            if not is_as_told(answer, line, who, statuses=line.to_made_up):
                yield told(method, address, answer, line)
        answer, headers = browser.get(url, buffered=True), browser.head(url, buffered=True)
        if not is_as_told(answer, line, who, statuses=line.answers):
            yield told(method, url, answer, line)
        if headers.data or outcome_of(headers) != outcome_of(answer) or seen_headers(headers) != seen_headers(answer):
            yield told("HEAD", url, headers, answer.status_code)


def wrong_methods(everybody: Everybody, browser: FlaskClient, real: Mapping[str, str], who: Who) -> Iterator[str]:
    """Ask which methods there are, and try others."""
    before = record_length(everybody)
    for (method, rule), line in TABLE.items():
        url = filled(rule, real)
        answer = browser.options(url)
        # Whether somebody waits for the second factor is only looked at when they go on.
        outcome, got = Outcome.ALLOWED if line.may is May.WAITING else line.may.outcome_for(who), outcome_of(answer)
        is_let_through = got == 200 and method in answer.allow and answer.data == b""
        if not (is_let_through if outcome is Outcome.ALLOWED else got == (REFUSED.get(outcome, outcome))):
            yield told("OPTIONS", rule, answer, outcome)
        for other in OTHER_METHODS if who in {Who.ANONYMOUS, Who.STAFF_ADMIN} else OTHER_METHODS[:1]:
            if (other, rule) in TABLE:
                continue
            answer = browser.open(url, method=other, data={"csrf_token": everybody.token})
            # Every address may be one of the content's, so that all of them know how to be read.
            if answer.status_code != 405:
                yield told(other, rule, answer, 405)
    if record_length(everybody) != before:
        yield "asking which methods there are was recorded as having done something"


def seen_headers(answer: TestResponse) -> list[str]:
    names = ("Content-Type", "Cache-Control", "Content-Security-Policy", "ETag", "Vary")
    # The word with which the editor's script may add styles is new in each answer.
    return [re.sub("nonce-[^']+", "nonce", answer.headers.get(name) or "") for name in names]


@pytest.mark.parametrize("who", KINDS)
def test_sending_forms(app: Flask, everybody: Everybody, real: dict[str, str], who: Who) -> None:
    browser = everybody.browser(who)
    rules = {rule.rule: rule for method, rule in methods_and_rules(app) if method == "POST"}
    # In the table's order, for some of what is done undoes what others need.
    lines = [(rules[rule], line) for (method, rule), line in TABLE.items() if method == "POST"]

    wrong = [
        *wrong_without_token(everybody, browser, lines, real, who),
        *wrong_with_token(everybody, browser, lines, real, who),
    ]

    assert wrong == []


def wrong_without_token(
    everybody: Everybody, browser: FlaskClient, lines: Lines, real: Mapping[str, str], who: Who
) -> Iterator[str]:
    """Send forms without a token and with a made-up one, which must do nothing."""
    before = record_length(everybody)
    for rule, line in lines:
        # Whoever may not use the route is refused before the form is looked at.
        is_refused = line.may.outcome_for(who) in {Outcome.SIGN_IN, Outcome.NOT_FOUND}
        statuses = line.answers if line.takes_no_token else frozenset({400})
        for data in ({}, {"csrf_token": "made-up"}):
            answer = browser.post(filled(rule.rule, real), data=data)
            if not (is_as_told(answer, line, who, statuses=statuses) if is_refused else answer.status_code in statuses):
                yield told("POST", rule.rule, answer, statuses)
    if record_length(everybody) != before:
        yield "a form without a good token did something"
    if is_signed_in(browser) != (who not in UNKNOWN):
        yield "a form without a good token signed somebody out"


def wrong_with_token(
    everybody: Everybody, browser: FlaskClient, lines: Lines, real: Mapping[str, str], who: Who
) -> Iterator[str]:
    """Send forms with the token and nothing else filled in."""
    for rule, line in lines:
        # Sent again, an invitation has another number.
        real = {**real, "invitation_id": invitation_of(everybody) or real["invitation_id"]}
        is_allowed = line.may.outcome_for(who) is Outcome.ALLOWED
        made_up = [(one, line.to_made_up) for one in made_up_addresses(rule, real)]
        for address, statuses in [*made_up, (filled(rule.rule, real), line.answers)]:
            before = record_length(everybody)
            answer = browser.post(address, data={"csrf_token": everybody.token})
            if not is_as_told(answer, line, who, statuses=statuses):
                yield told("POST", address, answer, line)
            if not is_allowed and record_length(everybody) != before:
                yield f"POST {address} was refused and yet recorded as done"
            if is_allowed and answer.status_code in {302, 303}:
                # It may have ended the session, or what is viewed.
                browser = everybody.browser(who)


def test_nobody_ends_the_session_of_another_from_their_own_page(everybody: Everybody, real: dict[str, str]) -> None:
    for who in Who:
        if who in NOT_SIGNED_IN or who is Who.MEMBER:
            continue
        url = f"/account/sessions/{real['session_id']}/end"

        everybody.browser(who).post(url, data={"csrf_token": everybody.token})

        with everybody.register.database.read() as session:
            assert session.get_one(SignInSession, int(real["session_id"])).ended_at is None, who


def test_nobody_is_changed_by_whoever_may_not(everybody: Everybody, real: dict[str, str]) -> None:
    account_id = int(real["account_id"])
    forms: dict[str, dict[str, list[str] | str]] = {
        "groups": {"groups": ["staff", "leads"]},
        "roles": {"roles": ["admin"]},
        "name": {"name": "Somebody else"},
        "disable": {},
        "password": {"delivery": "copy"},
    }
    for who in Who:
        if TABLE["GET", "/people"].may.outcome_for(who) is Outcome.ALLOWED:
            continue
        for what, fields in forms.items():
            for target in (account_id, everybody.person(who).account_id):
                everybody.browser(who).post(f"/people/{target}/{what}", data={"csrf_token": everybody.token, **fields})

    with everybody.register.database.read() as session:
        target_account = session.get_one(Account, account_id)
        assert target_account.disabled_at is None
        assert [group.name for group in target_account.groups] == ["members"]
        assert target_account.roles == []
        assert target_account.name == "Person member"


def test_a_number_that_no_database_holds_is_nobodys(everybody: Everybody, real: dict[str, str]) -> None:
    browser = everybody.browser(Who.STAFF_ADMIN)
    names = ("account_id", "session_id", "invitation_id", "number", "report_id")

    answers = {
        (method, rule): browser.open(
            filled(rule, real | dict.fromkeys(names, TOO_LARGE)), method=method, data={"csrf_token": everybody.token}
        ).status_code
        for method, rule in TABLE
        if any(name in rule for name in names)
    }

    assert answers
    assert {route: status for route, status in answers.items() if status not in {302, 404}} == {}


@pytest.mark.parametrize("who", [Who.ANONYMOUS, Who.STAFF_ADMIN])
@pytest.mark.parametrize(
    "value", [TOO_LARGE, f"-{TOO_LARGE}", "%00", "%ff%fe", "\U0001f600", "'\"<b>", "//evil.example"]
)
def test_nothing_breaks_whatever_stands_behind_the_question_mark(everybody: Everybody, who: Who, value: str) -> None:
    browser = everybody.browser(who)
    names = ("q", "page", "limit", "area", "audience", "next", "kind", "group", "role", "person", "from", "to", "token")
    query = "&".join(f"{name}={value}" for name in names)

    answers = {
        rule: browser.get(f"{rule}?{query}", buffered=True)
        for method, rule in TABLE
        if method == "GET" and "<" not in rule
    }

    assert {rule: answer.status_code for rule, answer in answers.items() if answer.status_code >= 500} == {}
    assert [rule for rule, answer in answers.items() if "evil" in urlsplit(answer.location or "").netloc] == []


def test_the_api_says_which_methods_it_knows(anonymous: FlaskClient) -> None:
    answers = {url: anonymous.post(url) for url in ("/api/pages", "/api/search", "/api/suggest")}

    assert {url: set(answer.allow) for url, answer in answers.items()} == dict.fromkeys(answers, READS)
