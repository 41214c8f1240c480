"""End a session: the cookie opens nothing from the commit on."""

from __future__ import annotations

from ringback.identity.queries import SQL
from ringback.identity.rules.secrets import digest
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database


async def log_out(database: Database, token: str) -> None:
    """Revoke the session of this cookie; one that is gone already is fine."""
    async with database.transaction(name="find_log_in") as tx:
        found = await tx.row(SQL["find_login"], token_hash=digest(token))
    if found is None:
        return
    business, name = found["business"], f"user:{found['user_id']}"
    async with database.transaction(business, name="log_out") as tx:
        if await tx.run(SQL["revoke_session"], business=business, token_hash=digest(token), now=tx.now):
            await write_audit(tx, business, principal=name, action="log-out", subject=name)
