"""Log in with an address and a password: throttled by account and by network address, and silent about which of the two was wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ringback.domain.errors import NotLoggedIn, TooMany
from ringback.domain.ids import BusinessId, UserId
from ringback.identity import queries
from ringback.identity.passwords import Passwords
from ringback.identity.queries import SQL, StoredUser
from ringback.identity.rules.secrets import digest, session_token
from ringback.identity.rules.throttle import FORGOTTEN_AFTER, Subject, wait_of
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A new session; the token is in the cookie only."""

    business: BusinessId
    user: UserId
    expires_at: datetime
    token: str = field(repr=False)


async def log_in(
    database: Database, passwords: Passwords, *, email: str, password: str, address: str, length: timedelta
) -> LoggedIn:
    """Open a session. Raises NotLoggedIn (`wrong-log-in`) or TooMany (`too-many-log-ins`)."""
    account, place = _subject(Subject.ACCOUNT, email.strip().lower()), _subject(Subject.ADDRESS, address)
    user = await _count_and_find(database, email.strip(), {account: Subject.ACCOUNT, place: Subject.ADDRESS})
    stored = user.password_hash if user and not user.disabled else None
    if not await passwords.matches(password, stored) or user is None:
        raise NotLoggedIn("The address or the password is wrong.", id="wrong-log-in", field="password")
    rehashed = await passwords.hash(password) if passwords.is_outdated(user.password_hash) else None
    return await _open_session(database, user, (account, place), rehashed, length)


async def _count_and_find(database: Database, email: str, subjects: Mapping[bytes, Subject]) -> StoredUser | None:
    """Count a failure ahead, unless the wait is not over: then nothing is looked up. Rows are locked in the order of their keys."""
    async with database.transaction(name="begin_log_in") as tx:
        in_order = sorted(subjects)
        waits = [wait_of(subjects[each], await queries.failures_of(tx, each), tx.now) for each in in_order]
        if wait := max(waits):
            raise TooMany(
                f"Too many tries. Try again in {int(wait.total_seconds()) + 1} s.",
                retry_after=wait,
                id="too-many-log-ins",
            )
        for subject in in_order:
            await queries.count_failure(tx, subject)
        await tx.run(SQL["forget_old_failures"], forgotten=tx.now - 4 * FORGOTTEN_AFTER)
        return await queries.find_user(tx, email)


async def _open_session(
    database: Database, user: StoredUser, counted: tuple[bytes, bytes], rehashed: str | None, length: timedelta
) -> LoggedIn:
    token = session_token(os.urandom(32))
    account, place = counted
    async with database.transaction(user.business, name="log_in") as tx:
        await tx.run(SQL["forgive_all"], subject=account)
        await tx.run(SQL["forgive_one"], subject=place)
        await tx.run(SQL["forget_old_sessions"], business=user.business, now=tx.now)
        if rehashed is not None:
            await tx.run(SQL["store_password_hash"], business=user.business, id=user.id, password_hash=rehashed)
        expires_at = tx.now + length
        await tx.run(
            SQL["insert_session"],
            business=user.business,
            token_hash=digest(token),
            user_id=user.id,
            now=tx.now,
            expires_at=expires_at,
        )
        name = f"user:{user.id}"
        await write_audit(tx, user.business, principal=name, action="log-in", subject=name)
    return LoggedIn(business=user.business, user=user.id, expires_at=expires_at, token=token)


def _subject(kind: Subject, value: str) -> bytes:
    return hashlib.sha256(f"{kind.name}:{value}".encode()).digest()
