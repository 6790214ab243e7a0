"""What people change of their own account: the password, and the second factor."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from knowledge_base.accounts.attempts import Guess, Target, mark_succeeded, reserve_attempt
from knowledge_base.accounts.errors import NoSuchSessionError
from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.passwords import check_new_password, hash_password
from knowledge_base.accounts.reauthentication import Proof, check_password
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.accounts.second_factor import OfferedKey, confirm_key, offer_key
from knowledge_base.accounts.sessions import CurrentSession, Start, end_all, start_session
from knowledge_base.audit.events import Actor, Kind


@dataclass(frozen=True)
class NewPassword:
    """What a person typed to change their password."""

    present: str = field(repr=False)
    new: str = field(repr=False)
    address: str
    browser: str
    site_name: str = ""


def change_password(register: Register, current: CurrentSession, said: NewPassword, *, now: datetime) -> str:
    """Give a signed-in person another password, end all their sessions, and return the token of a new one.

    Raises WrongPasswordError, TooManyAttemptsError or PasswordRefusedError.
    """
    check_password(register, current, Proof(said.present, "", said.address), now=now)
    person = current.person
    check_new_password(said.new, email=person.email, name=person.name, site_name=said.site_name)
    password_hash = hash_password(said.new)
    with register.database.write() as session:
        account = session.get_one(Account, person.account_id)
        replace_password(session, account, password_hash=password_hash, now=now)
        start = Start(said.browser, with_second_factor=current.second_factor_at is not None)
        token = start_session(session, register, account, start=start, now=now)
        actor = Actor(account.id, account.name)
        register.record(session, event_about(account, Kind.PASSWORD_CHANGED, actor=actor), now=now)
        return token


def replace_password(session: Session, account: Account, *, password_hash: str, now: datetime) -> None:
    """Give an account another password within a transaction that does more. Every session of the account ends."""
    account.password_hash = password_hash
    end_all(session, account, now=now)


def offer_key_to_signed_in(register: Register, current: CurrentSession, *, site_name: str) -> OfferedKey:
    """Return the key that a signed-in person is to put into their app, to have a second factor or another one."""
    with register.database.write() as session:
        holder = _holder(session, current)
        return OfferedKey(offer_key(holder, register.keys), holder.account.email, site_name)


def set_up_second_factor(
    register: Register, current: CurrentSession, typed: str, *, address: str, now: datetime
) -> tuple[str, ...]:
    """Make the offered key a signed-in person's second factor, and return their recovery codes.

    Their other sessions end. Raises CodeRefusedError, or TooManyAttemptsError without looking at the code.
    """
    account_id = current.person.account_id
    with register.database.write() as session:
        target = Target(Guess.CODE, str(account_id), address)
        attempt = reserve_attempt(session, target, keys=register.keys, now=now)
    with register.database.write() as session:
        holder = _holder(session, current)
        codes = confirm_key(session, register, holder, typed, now=now)
        mark_succeeded(session, attempt)
        holder.second_factor_at = now
        end_all(session, holder.account, kept=current.session_id, now=now)
        actor = Actor(account_id, holder.account.name)
        register.record(session, event_about(holder.account, Kind.SECOND_FACTOR_SET_UP, actor=actor), now=now)
        return codes


def _holder(session: Session, current: CurrentSession) -> SignInSession:
    holder = session.get(SignInSession, current.session_id)
    if holder is None or holder.ended_at:
        raise NoSuchSessionError
    return holder
