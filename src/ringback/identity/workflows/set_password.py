"""Give an account a new password; every session of it ends."""

from __future__ import annotations

from uuid import UUID

from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId
from ringback.domain.repetition import UNKEYED, Once
from ringback.identity.passwords import Passwords
from ringback.identity.queries import SQL
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database
from ringback.postgres.idempotency import answered_before, keep_once


async def set_password(
    database: Database,
    passwords: Passwords,
    business: BusinessId,
    *,
    password: str,
    by: str = "cli",
    id: UUID | None = None,
    email: str | None = None,
    once: Once = UNKEYED,
) -> None:
    """Set the password of the account with this id or address. Raises Invalid for a bad one, NotFound for no such account."""
    password_hash = await passwords.hash(password)
    async with database.transaction(business, name="set_password") as tx:
        if await answered_before(tx, business, once) is not None:
            return
        found = id if email is None else await tx.value(SQL["find_user_in"], business=business, email=email)
        changed = found is not None and await tx.run(
            SQL["store_password_hash"], business=business, id=found, password_hash=password_hash
        )
        if not changed:
            raise NotFound("There is no such user.")
        await tx.run(SQL["revoke_sessions_of"], business=business, user_id=found, now=tx.now)
        await write_audit(tx, business, principal=by, action="user.password-set", subject=f"user:{found}")
        await keep_once(tx, business, once, {"user": str(found)}, status=204)
