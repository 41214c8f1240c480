"""Create a log-in: by an admin, or from the command line for the first one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ringback.domain.errors import Conflict, Invalid
from ringback.domain.ids import AgentId, BusinessId, UserId, new_id
from ringback.domain.repetition import UNKEYED, Once
from ringback.identity.passwords import Passwords
from ringback.identity.queries import SQL
from ringback.identity.rules.log_ins import ADDRESS
from ringback.identity.rules.rights import Role, read_roles
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database
from ringback.postgres.idempotency import answered_before, keep_once


async def create_user(
    database: Database,
    passwords: Passwords,
    business: BusinessId,
    *,
    email: str,
    name: str,
    password: str,
    roles: Iterable[str],
    agent: AgentId | None = None,
    queues: Iterable[UUID] = (),
    by: str = "cli",
    once: Once = UNKEYED,
) -> UserId:
    """Create the account and return its id. Raises Invalid, or Conflict (`address-taken`)."""
    if not ADDRESS.fullmatch(email):
        raise Invalid("This is not an e-mail address.", id="address-invalid", field="email")
    if not name.strip():
        raise Invalid("Give the person's name.", id="name-missing", field="name")
    wanted = read_roles(roles)
    if Role.AGENT in wanted and agent is None:
        raise Invalid("Say which agent this person is.", id="agent-missing", field="agent")
    password_hash = await passwords.hash(password)
    id = UserId(new_id())
    async with database.transaction(business, name="create_user") as tx:
        before = await answered_before(tx, business, once)
        if before is not None:
            return UserId(UUID(before["user"]))
        made = await tx.run(
            SQL["insert_user"],
            business=business,
            id=id,
            email=email,
            name=name.strip(),
            password_hash=password_hash,
            roles=sorted(wanted),
            agent=agent,
            queues=list(queues),
            now=tx.now,
        )
        if not made:
            raise Conflict("Somebody has this address already.", id="address-taken", field="email")
        await write_audit(
            tx, business, principal=by, action="user.created", subject=f"user:{id}", detail={"roles": sorted(wanted)}
        )
        await keep_once(tx, business, once, {"user": str(id)}, status=201)
    return id
