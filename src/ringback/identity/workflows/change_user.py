"""Change what a user may do, or close the account. Every session ends, so that the change holds at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ringback.domain.errors import Conflict, Invalid, NotFound
from ringback.domain.ids import BusinessId
from ringback.domain.repetition import UNKEYED, Once
from ringback.identity import queries
from ringback.identity.queries import SQL
from ringback.identity.rules.rights import Role, read_roles
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database
from ringback.postgres.idempotency import answered_before, keep_once


async def change_user(
    database: Database,
    business: BusinessId,
    id: UUID,
    *,
    by: str,
    reason: str | None = None,
    name: str | None = None,
    roles: Iterable[str] | None = None,
    queues: Iterable[UUID] | None = None,
    disabled: bool | None = None,
    once: Once = UNKEYED,
) -> None:
    """Change the members given. Raises NotFound, Invalid, or Conflict (`last-admin`)."""
    wanted = None if roles is None else read_roles(roles)
    async with database.transaction(business, name="change_user") as tx:
        if await answered_before(tx, business, once) is not None:
            return
        account = await queries.get_user(tx, business, id)
        if account is None:
            raise NotFound("There is no such user.")
        if wanted is not None and Role.AGENT in wanted and account.agent is None:
            raise Invalid("This person is no agent.", id="agent-missing", field="roles")
        loses_admin = Role.ADMIN in account.roles and (disabled or (wanted is not None and Role.ADMIN not in wanted))
        if loses_admin and not await tx.value(SQL["count_other_admins"], business=business, id=id):
            raise Conflict("Nobody would be left to administer this business.", id="last-admin")
        await tx.run(
            SQL["update_user"],
            business=business,
            id=id,
            name=name,
            roles=None if wanted is None else sorted(wanted),
            queues=None if queues is None else list(queues),
            disabled=disabled,
            now=tx.now,
        )
        await tx.run(SQL["revoke_sessions_of"], business=business, user_id=id, now=tx.now)
        changed = {
            key: value
            for key, value in {"name": name, "roles": wanted and sorted(wanted), "disabled": disabled}.items()
            if value is not None
        }
        await write_audit(
            tx, business, principal=by, action="user.changed", subject=f"user:{id}", reason=reason, detail=changed
        )
        await keep_once(tx, business, once, {"user": str(id)})
