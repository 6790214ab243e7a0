"""Recovery codes: each lets a person in once who has not got their authenticator app."""

import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import RecoveryCodeRefusedError
from knowledge_base.accounts.models import Account, RecoveryCode
from knowledge_base.accounts.register import Keys, Register, event_about
from knowledge_base.audit.events import Actor, Kind

COUNT = 10
# No letters or digits that look alike: 49 bits in ten of them, behind a limit on attempts and a keyed hash.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 10


def make_codes(session: Session, account_id: int, *, keys: Keys) -> tuple[str, ...]:
    """Give the account new codes in place of its old ones. This is the only time they are known."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = tuple(_new_code() for _ in range(COUNT))
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=keys.hash_code(account_id, _plain(code))) for code in codes
    )
    return codes


def replace_codes(register: Register, account_id: int, *, now: datetime) -> tuple[str, ...]:
    """Make a person new codes, at their own wish. The old ones stop working."""
    with register.database.write() as session:
        account = session.get_one(Account, account_id)
        codes = make_codes(session, account_id, keys=register.keys)
        actor = Actor(account.id, account.name)
        register.record(session, event_about(account, Kind.RECOVERY_CODES_MADE, actor=actor), now=now)
        return codes


def use_recovery_code(session: Session, account_id: int, typed: str, *, keys: Keys, now: datetime) -> None:
    """Use up a code. Raises RecoveryCodeRefusedError for an unknown or used one. The attempt must have been counted."""
    hashes = keys.hashes_of_code(account_id, _plain(typed))
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id, RecoveryCode.code_hash.in_(hashes), RecoveryCode.used_at.is_(None)
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    if used.first() is None:
        raise RecoveryCodeRefusedError


def count_left(register: Register, account_id: int) -> int:
    """Return how many codes the account has not used."""
    with register.database.read() as session:
        count = session.scalar(
            select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        )
        return count or 0


def are_codes_of(register: Register, account_id: int, codes: list[str]) -> bool:
    """Say whether these are the account's codes, so that no other text is given back as a file of them."""
    wanted = {register.keys.hash_code(account_id, _plain(code)) for code in codes}
    with register.database.read() as session:
        kept = set(session.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.account_id == account_id)))
    return bool(wanted) and wanted <= kept


def _new_code() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{signs[: LENGTH // 2]}-{signs[LENGTH // 2 :]}"


def _plain(code: str) -> str:
    return "".join(sign for sign in code.casefold() if sign.isalnum())
