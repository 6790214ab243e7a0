"""The second factor: six digits from an authenticator app, which holds the same key and the same clock (RFC 6238)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

import pyotp
import segno
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import CodeRefusedError, CodeUsedError, SecondFactorRequiredError
from knowledge_base.accounts.models import Account, PendingSignIn, RecoveryCode, SecondFactor, SignInSession
from knowledge_base.accounts.people import person_of
from knowledge_base.accounts.recovery_codes import make_codes
from knowledge_base.accounts.register import Keys, Register, event_about
from knowledge_base.accounts.sessions import end_all
from knowledge_base.audit.events import Actor, Kind

STEP = timedelta(seconds=30)
# A phone's clock may be a step ahead or behind.
DRIFT = 1
DIGITS = 6

Holder = PendingSignIn | SignInSession


@dataclass(frozen=True)
class OfferedKey:
    """A key that a person is to put into an authenticator app, under these names."""

    key: str = field(repr=False)
    email: str
    site_name: str

    @property
    def address(self) -> str:
        """What the picture says to the app."""
        return pyotp.TOTP(self.key).provisioning_uri(name=self.email, issuer_name=self.site_name)

    @property
    def in_groups(self) -> str:
        """The key in groups of four, for typing."""
        return " ".join(self.key[start : start + 4] for start in range(0, len(self.key), 4))

    def picture(self) -> bytes:
        """Return the address as a QR code, in SVG."""
        out = BytesIO()
        segno.make(self.address, error="m", micro=False).save(out, kind="svg", scale=5, border=4, light="white")
        return out.getvalue()


def has_second_factor(session: Session, account_id: int) -> bool:
    """Say whether the account has one."""
    return session.get(SecondFactor, account_id) is not None


def offer_key(holder: Holder, keys: Keys) -> str:
    """Return the key offered to whoever holds this session or pending sign-in: the same until it is confirmed.

    It belongs to the holder and not to the account, so that nobody else learns the key a person is going to confirm.
    """
    if holder.sealed_key is None:
        holder.sealed_key = keys.seal(pyotp.random_base32())
    return keys.unseal(holder.sealed_key)


def confirm_key(session: Session, register: Register, holder: Holder, typed: str, *, now: datetime) -> tuple[str, ...]:
    """Make the offered key the account's second factor, replacing an older one, and return new recovery codes.

    Raises CodeRefusedError when the code typed is not one of the key's at this moment.
    """
    key = offer_key(holder, register.keys)
    counter = _counter_of(key, typed, now=now)
    if counter is None:
        raise CodeRefusedError
    factor = session.get(SecondFactor, holder.account_id) or SecondFactor(account_id=holder.account_id)
    factor.sealed_key = register.keys.seal(key)
    factor.last_counter = counter
    factor.set_up_at = now
    session.add(factor)
    holder.sealed_key = None
    return make_codes(session, holder.account_id, keys=register.keys)


def use_code(session: Session, account_id: int, typed: str, *, keys: Keys, now: datetime) -> None:
    """Use up a code of the account's app. The attempt must have been counted before.

    Raises CodeRefusedError for a wrong or an old one, or CodeUsedError.
    """
    factor = session.scalar(select(SecondFactor).where(SecondFactor.account_id == account_id).with_for_update())
    if factor is None:
        raise CodeRefusedError
    key = keys.unseal(factor.sealed_key)
    counter = _counter_of(key, typed, now=now)
    if counter is None:
        raise CodeRefusedError
    if counter <= factor.last_counter:
        raise CodeUsedError
    factor.last_counter = counter
    # After a change of the secret key it is sealed with the new one.
    factor.sealed_key = keys.seal(key)


def remove_second_factor(register: Register, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the second factor and the recovery codes from an account and end its sessions, as an administrator does.

    Whose role asks for a second factor must set up another one when they sign in next.
    """
    with register.database.write() as session:
        account = session.get_one(Account, account_id)
        _forget(session, account_id)
        end_all(session, account, now=now)
        register.record(session, event_about(account, Kind.SECOND_FACTOR_REMOVED, actor=actor), now=now)


def remove_own_second_factor(register: Register, account_id: int, *, kept: int, now: datetime) -> None:
    """Take a person's second factor at their own wish, and end their sessions but the one that is `kept`.

    Raises SecondFactorRequiredError when a role of theirs asks for one.
    """
    with register.database.write() as session:
        account = session.get_one(Account, account_id)
        if person_of(account).needs_second_factor:
            raise SecondFactorRequiredError
        _forget(session, account_id)
        end_all(session, account, kept=kept, now=now)
        # Else it would still do for a role that the person gets while it goes on.
        session.execute(update(SignInSession).where(SignInSession.id == kept).values(second_factor_at=None))
        actor = Actor(account.id, account.name)
        register.record(session, event_about(account, Kind.SECOND_FACTOR_REMOVED, actor=actor), now=now)


def _forget(session: Session, account_id: int) -> None:
    session.execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def _counter_of(key: str, typed: str, *, now: datetime) -> int | None:
    """Return the number of the time step whose code was typed, of those that are good now."""
    digits = "".join(typed.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdecimal():
        return None
    app = pyotp.TOTP(key, digits=DIGITS, interval=int(STEP.total_seconds()))
    present = int(now.timestamp()) // int(STEP.total_seconds())
    good = [
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        if pyotp.utils.strings_equal(digits, app.generate_otp(step))
    ]
    return good[-1] if good else None
