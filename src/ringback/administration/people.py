"""Log-ins and API keys from the command line."""

from __future__ import annotations

from collections.abc import Sequence

from ringback.administration.businesses import find_agent, find_business, find_queue
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import BusinessId
from ringback.identity.passwords import Passwords
from ringback.identity.queries import SQL as IDENTITY
from ringback.identity.rules.rights import Role as People
from ringback.identity.workflows.create_api_key import create_api_key
from ringback.identity.workflows.create_user import create_user
from ringback.identity.workflows.set_password import set_password
from ringback.installation import ready_installation
from ringback.postgres.address import Role
from ringback.settings import Settings


async def add_user(
    settings: Settings,
    business: str,
    *,
    email: str,
    name: str,
    password: str,
    roles: list[str],
    agent: str | None,
    queues: Sequence[str] = (),
) -> None:
    """Create a log-in. Raises NotFound for an unknown business, agent or queue, Invalid or Conflict as the workflow does."""
    if queues and People.SUPERVISOR not in roles:
        raise Invalid("Queues are a supervisor's: give the role too.", id="queues-not-supervised", field="queues")
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        await create_user(
            await installation.pool(Role.IDENTITY),
            Passwords(),
            found,
            email=email,
            name=name,
            password=password,
            roles=roles,
            agent=await find_agent(installation, found, agent) if agent else None,
            queues=[await find_queue(installation, found, queue) for queue in queues],
        )


async def change_password(settings: Settings, email: str, password: str) -> None:
    """Set a password and end the person's sessions."""
    async with ready_installation(settings) as installation:
        identity = await installation.pool(Role.IDENTITY)
        async with identity.transaction(name="find_user") as tx:
            row = await tx.row(IDENTITY["find_user"], email=email)
        if row is None:
            raise NotFound(f"Nobody logs in as {email}.")
        await set_password(identity, Passwords(), BusinessId(row["business"]), password=password, email=email)


async def create_key(settings: Settings, business: str, *, name: str, scopes: list[str]) -> str:
    """Create an API key and return it, for the only time."""
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        made = await create_api_key(await installation.pool(Role.IDENTITY), found, name=name, scopes=scopes)
    return made.key
