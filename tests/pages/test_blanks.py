"""Pages that are kept for all who may read the same: nobody gets what is for other rights, or another name."""

import re
from collections.abc import Hashable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.pages.blanks import Blanks, PageWithBlanks, may_share, rights_of
from knowledge_base.pages.kept_pages import KeptPages
from tests.conftest import PASSWORD, SignedIn, fill_in
from tests.content_folder import ContentFolder

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
URL = "/referral/share"


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried about someone?")
    content.page("referral/share", "Facts.\n\n/// staff-only\nThe inbox.\n///\n")


class NotedPages(KeptPages[PageWithBlanks]):
    """Keeps pages, and knows what each was when it came."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def keep(self, key: Hashable, page: PageWithBlanks, state: tuple[Hashable, ...]) -> None:
        """Keep it."""
        self.made.append(page.filled_in(name="NAME", token="TOKEN"))
        super().keep(key, page, state)


@pytest.fixture
def made(app: Flask) -> list[str]:
    """What has been kept, in the order in which it was."""
    app.extensions["shared_pages"] = noted = NotedPages()
    return noted.made


def person(app: Flask, accounts: Register, name: str, *groups: str) -> FlaskClient:
    """Sign somebody in who has this name, as many may in one group."""
    email = f"someone-{abs(hash(name))}@example.gov.uk"
    profile = check_profile(email=email, name=name, groups=groups, roles=())
    create_account(accounts, profile, password=PASSWORD, actor=SITE, now=utc_now())
    browser = app.test_client()
    assert fill_in(browser, "/login", {"email": email, "password": PASSWORD}).status_code == 302
    return browser


def text_of(browser: FlaskClient) -> str:
    answer = browser.get(URL)
    assert answer.status_code == 200
    return answer.text


def without_token(text: str) -> str:
    return text.replace(TOKEN.findall(text)[0], "")


def test_a_page_is_made_once_for_all_with_the_same_rights(app: Flask, accounts: Register, made: list[str]) -> None:
    one, another = person(app, accounts, "Ann Onymous", "staff"), person(app, accounts, "Bea Careful", "staff")

    texts = [text_of(one), text_of(another)]

    assert len(made) == 1
    assert "The inbox." in texts[1]
    assert "Bea Careful" in texts[1]
    assert "Ann Onymous" not in texts[1]
    assert without_token(texts[0]) == without_token(texts[1]).replace("Bea Careful", "Ann Onymous")


def test_what_is_kept_has_neither_a_name_nor_a_token(app: Flask, accounts: Register, made: list[str]) -> None:
    text = text_of(person(app, accounts, "Ann Onymous", "staff"))

    assert TOKEN.findall(text)[0] not in made[0]
    assert "Ann Onymous" not in made[0]


def test_a_kept_page_is_just_what_would_be_made_for_its_reader(app: Flask, accounts: Register) -> None:
    browser = person(app, accounts, "Ann O'Nymous & <b>sons</b>", "staff")
    text_of(browser)
    kept = text_of(browser)

    # With a query nothing is taken from what is kept.
    made = browser.get(f"{URL}?anew").text

    assert without_token(kept) == without_token(made)


def test_nobody_gets_a_page_of_other_rights(anonymous: FlaskClient, app: Flask, accounts: Register) -> None:
    staff, member = person(app, accounts, "Ann Onymous", "staff"), person(app, accounts, "Bea Careful", "members")
    for _ in range(2):
        assert "The inbox." in text_of(staff)
        assert "The inbox." not in text_of(member)
        assert "The inbox." not in text_of(anonymous)


def test_a_form_of_a_kept_page_is_taken(app: Flask, accounts: Register) -> None:
    text_of(person(app, accounts, "Ann Onymous", "staff"))
    browser = person(app, accounts, "Bea Careful", "staff")

    assert fill_in(browser, URL, {}, to="/logout").status_code == 302
    assert "Bea Careful" not in text_of(browser)


def test_a_page_that_becomes_narrower_is_gone_at_once(app: Flask, content: ContentFolder, accounts: Register) -> None:
    member = person(app, accounts, "Ann Onymous", "members")
    text_of(member)
    content.page("referral/share", "Facts.\n", audience="staff")
    app.extensions["library"].refresh()

    assert member.get(URL).status_code == 404


@pytest.mark.parametrize("role", ["editor", "publisher", "admin"])
def test_pages_of_people_with_a_role_are_not_shared(signed_in: SignedIn, made: list[str], role: str) -> None:
    text_of(signed_in("staff", roles=[role]))

    assert made == []


def test_what_is_to_be_said_once_is_said_to_one_reader(app: Flask, accounts: Register) -> None:
    told, other = person(app, accounts, "Ann Onymous", "staff"), person(app, accounts, "Bea Careful", "staff")
    with told.session_transaction() as cookie:
        cookie["_flashes"] = [("view-as", "Elected members")]

    assert "no longer viewing" in text_of(told)
    assert "no longer viewing" not in text_of(told)
    assert "no longer viewing" not in text_of(other)


def test_people_share_who_differ_in_nothing_but_account_and_name() -> None:
    reader = Viewer(1, "Ann", frozenset({"staff"}))

    assert may_share(reader)
    assert rights_of(reader) == rights_of(Viewer(2, "Bea", frozenset({"staff"})))
    assert rights_of(reader) != rights_of(Viewer(1, "Ann", frozenset({"staff", "members"})))


@pytest.mark.parametrize(
    "viewer",
    [
        ANONYMOUS,
        Viewer(1, "Ann", roles=frozenset({"editor"})),
        Viewer(1, "Ann", in_audience="staff"),
        Viewer(1, "Ann", viewing_as="an anonymous reader"),
        Viewer(1, "Ann", person=Viewer(2, "Bea")),
    ],
)
def test_others_share_nothing(viewer: Viewer) -> None:
    assert not may_share(viewer)


def test_a_name_is_escaped_and_nothing_is_filled_into_it() -> None:
    blanks = Blanks.new()
    page = PageWithBlanks.of(f"<p>{blanks.name}</p><i>{blanks.token}</i>", blanks)

    text = page.filled_in(name=f"<{blanks.token}>", token="word")

    assert text == f"<p>&lt;{blanks.token}&gt;</p><i>word</i>"
