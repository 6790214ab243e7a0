"""The pages about people, through HTTP. What the functions behind them refuse is tested beside those."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.people import Person, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.sessions import list_sessions
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.db import utc_now
from tests.accounts.conftest import ARRIVAL, PASSWORD
from tests.conftest import SignedIn, fill_in
from tests.mail_server import MailServer

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]

PAGES = ["", "/name", "/groups", "/roles", "/disable", "/enable", "/password", "/second-factor/remove"]


@pytest.fixture
def admin(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["admin"])


@pytest.fixture
def sam(make_person: MakePerson) -> Person:
    return make_person("sam@example.gov.uk", name="Sam Poe", groups=["staff"])


def number_of(accounts: Register, email: str) -> int:
    return next(one.account_id for one in list_accounts(accounts) if one.email == email)


def person_of(accounts: Register, account_id: int) -> Person:
    return next(one for one in list_accounts(accounts) if one.account_id == account_id)


def ticked(page: str) -> list[str]:
    return re.findall(r'type="checkbox" value="([^"]+)" checked', page)


def forget_proof(accounts: Register) -> None:
    """Let more than 15 minutes pass since anybody showed who they are."""
    with accounts.database.write() as session:
        session.execute(update(SignInSession).values(reauthenticated_at=utc_now() - timedelta(minutes=16)))


@pytest.mark.parametrize("path", ["", "/1", "/1/groups", "/invite", "/invitations/1", "/import"])
@pytest.mark.parametrize("role", ["editor", "publisher"])
def test_the_pages_are_hidden_from_everyone_but_administrators(signed_in: SignedIn, path: str, role: str) -> None:
    browser = signed_in("staff", roles=[role])

    assert browser.get(f"/people{path}").status_code == 404
    assert browser.post(f"/people{path}").status_code in {400, 404, 405}


@pytest.mark.parametrize("path", [*PAGES[1:], "/sessions/1/end", "/sessions/end-all"])
def test_every_change_asks_who_it_is_after_fifteen_minutes(
    admin: FlaskClient, accounts: Register, sam: Person, path: str, record: Record
) -> None:
    token = re.search(r'csrf_token" value="([^"]+)"', admin.get("/account").text)
    assert token
    forget_proof(accounts)
    before = record()

    answer = admin.post(f"/people/{sam.account_id}{path}", data={"csrf_token": token[1]})

    assert answer.status_code == 303
    assert answer.location.startswith("/account/confirm?next=")
    assert record() == before


def test_the_list_is_searched_filtered_and_turned_over(
    admin: FlaskClient, accounts: Register, sam: Person, make_person: MakePerson
) -> None:
    for number in range(30):
        make_person(f"p{number}@example.gov.uk", name=f"Person {number:02}", groups=["members"])

    everyone = admin.get("/people").text
    found = admin.get("/people?q=poe&group=staff&state=active&role=").text
    second = admin.get("/people?group=members&page=2").text
    nobody = admin.get("/people?q=zzz").text
    odd = admin.get("/people?group=nothing&state=odd&role=odd&page=-1&q=%01").text

    assert "32 people, page 1 of 2" in everyone
    assert "Sam Poe" in found
    assert "1 person" in found
    assert "Person 29" in second
    assert "group=members&amp;page=1" in second
    assert "Nobody found" in nobody
    assert "Nobody found" in odd


def test_of_many_pages_only_those_nearby_are_linked(admin: FlaskClient, accounts: Register) -> None:
    with accounts.database.write() as session:
        session.add_all(
            Account(email=f"p{number}@example.gov.uk", name=f"Person {number:03}", created_at=utc_now())
            for number in range(130)
        )

    page = admin.get("/people?page=6").text

    assert "131 people, page 6 of 6" in page
    assert "govuk-pagination__item--ellipsis" in page
    assert re.findall(r"page=(\d+)", page) == ["5", "1", "5", "6"]


def test_a_person_is_shown_with_what_their_groups_and_roles_mean(
    admin: FlaskClient, accounts: Register, make_person: MakePerson
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim <b>", groups=["staff", "old-group"], roles=["publisher"])

    page = admin.get(f"/people/{kim.account_id}").text

    assert "Kim &lt;b&gt;" in page
    assert "Opens pages for: Elected members (Members and staff). Staff (Staff)." in page
    assert "No page is for this group yet." in page
    assert "Approves and publishes changes" in page
    assert "Never, or more than 24 months ago" in page


def test_groups_roles_and_name_are_changed(admin: FlaskClient, accounts: Register, sam: Person) -> None:
    url = f"/people/{sam.account_id}"

    fill_in(admin, f"{url}/groups", {"groups": "leads"})
    fill_in(admin, f"{url}/roles", {"roles": "editor"})
    answer = fill_in(admin, f"{url}/name", {"name": "Sam Pole"})

    changed = person_of(accounts, sam.account_id)
    assert (changed.name, changed.groups, changed.roles) == ("Sam Pole", ("leads",), ("editor",))
    assert answer.location == url
    assert "The name has been changed." in admin.get(url).text


def test_the_groups_and_roles_that_a_person_has_are_ticked(admin: FlaskClient, make_person: MakePerson) -> None:
    person = make_person("kim@example.gov.uk", name="Kim", groups=["leads", "retired"], roles=["publisher"])

    pages = [admin.get(f"/people/{person.account_id}/{what}").text for what in ("groups", "roles")]

    assert [ticked(page) for page in pages] == [["leads", "retired"], ["publisher"]]


def test_boxes_that_were_ticked_stay_ticked_when_the_form_comes_back(admin: FlaskClient, sam: Person) -> None:
    answer = fill_in(admin, f"/people/{sam.account_id}/groups", {"groups": ["leads", "invented"]})

    assert answer.status_code == 422
    assert ticked(answer.text) == ["leads"]


@pytest.mark.parametrize(
    ("what", "fields", "message"),
    [
        ("name", {"name": " "}, "Enter a name"),
        ("groups", {"groups": "invented"}, "not a valid choice"),
        ("roles", {"roles": "boss"}, "not a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(
    admin: FlaskClient, accounts: Register, sam: Person, what: str, fields: dict[str, str], message: str
) -> None:
    answer = fill_in(admin, f"/people/{sam.account_id}/{what}", fields)

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert answer.text.count(message) == 2
    assert person_of(accounts, sam.account_id) == sam


def test_an_administrator_is_told_that_they_cannot_put_themselves_into_a_group(
    admin: FlaskClient, accounts: Register
) -> None:
    own = number_of(accounts, "staff-admin@example.gov.uk")

    page = admin.get(f"/people/{own}/groups").text
    answer = fill_in(admin, f"/people/{own}/groups", {"groups": "leads"})

    assert len(re.findall(r'type="checkbox"[^>]* disabled', page)) == 2
    assert answer.status_code == 422
    assert "You cannot put yourself into a group. Ask another administrator" in answer.text
    assert "Another administrator has to" in page
    assert "You cannot put yourself into a group" in admin.get(f"/people/{own}").text


def test_the_last_administrator_is_told_why_the_role_stays(admin: FlaskClient, accounts: Register) -> None:
    own = number_of(accounts, "staff-admin@example.gov.uk")

    answer = fill_in(admin, f"/people/{own}/roles", {})

    assert answer.status_code == 422
    assert "This is the last administrator" in answer.text


def test_an_administrator_who_gives_up_the_role_comes_to_their_own_account(
    admin: FlaskClient, accounts: Register, make_person: MakePerson
) -> None:
    make_person("kim@example.gov.uk", roles=["admin"])
    own = number_of(accounts, "staff-admin@example.gov.uk")

    answer = fill_in(admin, f"/people/{own}/roles", {"roles": "editor"})

    assert answer.location == "/account"
    assert admin.get("/people").status_code == 404


def test_a_person_is_disabled_and_enabled(admin: FlaskClient, accounts: Register, sam: Person) -> None:
    url = f"/people/{sam.account_id}"

    fill_in(admin, f"{url}/disable", {})
    disabled = person_of(accounts, sam.account_id).disabled_at
    shown = admin.get(url).text
    fill_in(admin, f"{url}/enable", {})

    assert disabled is not None
    assert "Enable the account" in shown
    assert person_of(accounts, sam.account_id).disabled_at is None
    assert "None: they need a link" in admin.get(url).text


def test_nobody_disables_themselves(admin: FlaskClient, accounts: Register) -> None:
    own = number_of(accounts, "staff-admin@example.gov.uk")

    answer = fill_in(admin, f"/people/{own}/disable", {})

    assert answer.status_code == 409
    assert "You cannot disable your own account. Ask another administrator." in answer.text
    assert "Disable the account" not in admin.get(f"/people/{own}").text


def test_a_link_for_a_new_password_is_shown_once(admin: FlaskClient, sam: Person, anonymous: FlaskClient) -> None:
    answer = fill_in(admin, f"/people/{sam.account_id}/password", {})

    link = re.search(r'value="http://guidance.example.gov.uk(/account/set-up/[^"]+)"', answer.text)
    assert link
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Choose a new password" in anonymous.get(link[1]).text


def test_a_link_for_a_new_password_is_sent(admin: FlaskClient, sam: Person, mail: MailServer) -> None:
    answer = fill_in(admin, f"/people/{sam.account_id}/password", {"delivery": "mail"})

    assert mail.next_letter()["To"] == sam.email
    assert "The link has been sent" in answer.text
    assert "set-up" not in answer.text


def test_a_link_that_mail_does_not_take_is_to_be_handed_over(
    admin: FlaskClient, make_person: MakePerson, mail: MailServer
) -> None:
    person = make_person("refused@example.gov.uk", name="Re Fused")

    answer = fill_in(admin, f"/people/{person.account_id}/password", {"delivery": "mail"})

    assert "The mail server did not take the letter" in answer.text
    assert "/account/set-up/" in answer.text


def test_an_odd_way_of_delivery_is_refused(admin: FlaskClient, sam: Person, mail: MailServer) -> None:
    answer = fill_in(admin, f"/people/{sam.account_id}/password", {"delivery": "pigeon"})

    assert answer.status_code == 422


def test_a_disabled_person_gets_no_link(admin: FlaskClient, accounts: Register, sam: Person) -> None:
    fill_in(admin, f"/people/{sam.account_id}/disable", {})

    answer = admin.get(f"/people/{sam.account_id}/password")

    assert answer.status_code == 409
    assert "This account is disabled. Enable it first." in answer.text


def test_people_of_single_sign_on_are_shown_and_not_changed(
    admin: FlaskClient, accounts: Register, sam: Person
) -> None:
    with accounts.database.write() as session:
        session.execute(
            update(Account).where(Account.id == sam.account_id).values(issuer="https://login.example", subject="1")
        )
    url = f"/people/{sam.account_id}"

    shown = admin.get(url).text
    form = admin.get(f"{url}/groups").text
    answer = fill_in(admin, "/people/invite", {"groups": "leads"}, to=f"{url}/groups")
    link = admin.get(f"{url}/password")
    disabled = fill_in(admin, f"{url}/disable", {})

    assert "comes through single sign-on" in shown
    assert "Change groups" not in shown
    assert 'type="checkbox"' not in form
    assert (answer.status_code, link.status_code, disabled.status_code) == (409, 409, 302)
    assert person_of(accounts, sam.account_id).groups == ("staff",)
    assert "through single sign-on" in admin.get(f"{url}/enable").text


def test_a_second_factor_is_removed(
    admin: FlaskClient, accounts: Register, signed_in: SignedIn, record: Record
) -> None:
    signed_in("members", roles=["editor"])
    editor = number_of(accounts, "members-editor@example.gov.uk")
    before = admin.get(f"/people/{editor}").text

    fill_in(admin, f"/people/{editor}/second-factor/remove", {})

    assert f"/people/{editor}/second-factor/remove" in before
    assert "Off: they set it up when they sign in next" in admin.get(f"/people/{editor}").text
    assert record()[-1] == "A staff-admin removed the second factor of the account of A members-editor."


def test_browsers_are_signed_out(admin: FlaskClient, accounts: Register, sam: Person) -> None:
    for _ in range(3):
        sign_in(accounts, Credentials(sam.email, PASSWORD), ARRIVAL, now=utc_now())
    url = f"/people/{sam.account_id}"
    first = list_sessions(accounts, sam.account_id, now=utc_now())[0].session_id

    fill_in(admin, url, {}, to=f"{url}/sessions/{first}/end")
    after_one = len(list_sessions(accounts, sam.account_id, now=utc_now()))
    fill_in(admin, url, {}, to=f"{url}/sessions/{first}/end")
    again = admin.get(url).text
    fill_in(admin, url, {}, to=f"{url}/sessions/end-all")

    assert after_one == 2
    assert "That browser has been signed out already." in again
    assert list_sessions(accounts, sam.account_id, now=utc_now()) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_person_who_is_not_there_is_not_found(admin: FlaskClient, path: str) -> None:
    assert admin.get(f"/people/4711{path}").status_code == 404


@pytest.mark.parametrize("number", ["0", str(2**31), str(2**63), "9" * 5_000], ids=len)
def test_a_number_that_nobody_can_have_is_not_found(admin: FlaskClient, number: str) -> None:
    assert admin.get(f"/people/{number}").status_code == 404
    assert admin.get(f"/people/invitations/{number}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-5", "page=9" + "9" * 5000, "page=x", "q=%01&state=%01", "q=%ED%A0%80%", "q=" + "a+" * 3000],
    ids=lambda query: str(query)[:12],
)
def test_odd_questions_to_the_list_are_answered(admin: FlaskClient, query: str) -> None:
    assert admin.get(f"/people?{query}").status_code == 200


def test_ones_own_account_leads_administrators_here_and_nobody_else(admin: FlaskClient, staff: FlaskClient) -> None:
    assert 'href="/people"' in admin.get("/account").text
    assert 'href="/people"' not in staff.get("/account").text
