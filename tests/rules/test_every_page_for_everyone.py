"""Every page of the content, asked for by every kind of person, answers as its audience says, and so do ways round."""

import re
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.content_folder import ContentFolder
from tests.rules.everybody import NOT_SIGNED_IN, Everybody, Who
from tests.rules.gated_content import write_gated_pages
from tests.rules.what_everyone_may_do import Outcome, outcome_of, told

NEW_EACH_TIME = ("Set-Cookie", "Content-Length", "ETag", "X-Request-Id")
# What becomes of those who ask for a page, by who may read it and where it stands.
OPEN = {*Who}
MEMBERS = {
    *(Who.MEMBER, Who.STAFF, Who.STAFF_AND_LEAD, Who.EDITOR, Who.PUBLISHER, Who.STAFF_ADMIN, Who.AS_MEMBER),
}
STAFF = MEMBERS - {Who.MEMBER, Who.AS_MEMBER}
STAFF_AND_LEADS = {Who.STAFF_AND_LEAD}
NOBODY: set[Who] = set()


@dataclass(frozen=True)
class Address:
    """An address of the content: who may read the page there, and who may look into its folder."""

    url: str
    readers: set[Who]
    let_into_folder: set[Who]
    answer: int = 200


CONTENT = (
    Address("/", OPEN, OPEN),
    Address("/open", OPEN, OPEN),
    Address("/open/page", OPEN, OPEN),
    Address("/open/page/", OPEN, OPEN, 308),
    Address("/open/members", MEMBERS, OPEN),
    Address("/open/staff", STAFF, OPEN),
    Address("/open/staff/", STAFF, OPEN, 308),
    Address("/members", MEMBERS, MEMBERS),
    Address("/members/page", MEMBERS, MEMBERS),
    Address("/members/staff", STAFF, MEMBERS),
    Address("/staff", STAFF, STAFF),
    Address("/staff/page", STAFF, STAFF),
    Address("/staff/page/", STAFF, STAFF, 308),
    Address("/staff/leads", STAFF_AND_LEADS, STAFF_AND_LEADS),
    Address("/staff/leads/page", STAFF_AND_LEADS, STAFF_AND_LEADS),
    # Says of itself that it is open, below a folder that is not.
    Address("/staff/said-open", STAFF, STAFF),
    # What is not there, or is no page.
    Address("/nothing", NOBODY, OPEN),
    Address("/open/nothing", NOBODY, OPEN),
    Address("/staff/nothing", NOBODY, STAFF),
    Address("/staff/leads/nothing", NOBODY, STAFF_AND_LEADS),
    Address("/open/page.md", NOBODY, OPEN),
    Address("/open/index", NOBODY, OPEN),
    Address("/index", NOBODY, OPEN),
    Address("/no-index/page", NOBODY, NOBODY),
    Address("/open/no-such-audience", NOBODY, OPEN),
    Address("/_data/audiences.yml", NOBODY, OPEN),
    Address("/_drafts/page", NOBODY, OPEN),
    Address("/.hidden/page", NOBODY, OPEN),
    # Ways round.
    Address("/open/../staff/page", NOBODY, OPEN),
    Address("/open/%2e%2e/staff/page", NOBODY, OPEN),
    Address("/open/..%2fstaff/page", NOBODY, OPEN),
    Address("/open/..%5cstaff", NOBODY, OPEN),
    Address("/STAFF/page", NOBODY, OPEN),
    Address("/Staff/Page", NOBODY, OPEN),
    Address("/staff%00/page", NOBODY, OPEN),
    Address("/%73taff/page", STAFF, STAFF),
    Address("/staff/page%20", NOBODY, STAFF),
    Address("/staff/page%2F", STAFF, STAFF, 308),
    Address("/..%2f..%2f..%2fetc%2fpasswd", NOBODY, OPEN),
    Address("/%2e%2e/%2e%2e/etc/passwd", NOBODY, OPEN),
    Address("/etc/passwd%00.md", NOBODY, OPEN),
)
# Pages that somebody may not read, each beside one that is not there, with an address as long.
ALIKE = {
    "/open/staff": "/open/stuff",
    "/open/members": "/open/mambers",
    "/members/staff": "/members/stuff",
    "/staff/page": "/staff/pegs",
    "/staff/leads/page": "/staff/leads/pegs",
}


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    write_gated_pages(content)


@pytest.mark.parametrize("who", Who)
def test_pages(everybody: Everybody, who: Who) -> None:
    browser = everybody.browser(who)
    wrong = []

    for address in CONTENT:
        answer = browser.get(address.url)
        if who in address.readers:
            wanted: Outcome | int = address.answer
        elif who in NOT_SIGNED_IN and who not in address.let_into_folder:
            wanted = Outcome.SIGN_IN
        else:
            wanted = 404
        if outcome_of(answer) != wanted:
            wrong.append(told("GET", address.url, answer, wanted))
    for gated, missing in ALIKE.items():
        if who in next(one.readers for one in CONTENT if one.url == gated):
            continue
        mine, other = browser.get(gated), browser.get(missing)
        if told_by(mine, gated) != told_by(other, missing):
            wrong.append(f"{gated} does not answer as {missing} does, where there is nothing")

    assert wrong == []


def told_by(answer: TestResponse, url: str) -> tuple[object, ...]:
    """Return all that an answer tells, without what was asked for: its address, and tokens that are new each time."""
    headers = [(name, value.replace(quote(url), "")) for name, value in answer.headers if name not in NEW_EACH_TIME]
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
    return answer.status_code, headers, text.replace(quote(url, safe=""), "").replace(url, "")
