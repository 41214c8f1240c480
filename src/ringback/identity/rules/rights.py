"""Roles and the rights they carry; an API key carries rights directly, as its scopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ringback.domain.errors import Invalid


class Role(StrEnum):
    """What a person is in a business; one person may be several."""

    AGENT = "agent"  # takes callbacks at the desk
    SUPERVISOR = "supervisor"  # watches and steers queues: those named, or all
    ADMIN = "admin"  # configures the business, its users and keys
    AUDITOR = "auditor"  # sees what happened and who did it; changes nothing


class Right(StrEnum):
    """One thing a principal may do."""

    DESK = "desk"  # an agent's own page; never a key's
    OFFERS_READ = "offers:read"
    CALLBACKS_READ = "callbacks:read"  # callbacks, queues and agents, numbers masked
    CALLBACKS_CREATE = "callbacks:create"
    CALLBACKS_WRITE = "callbacks:write"  # also cancel, move, reassign, call next
    NUMBERS_READ = "numbers:read"  # a full telephone number, audited each time
    RECORDINGS_READ = "recordings:read"  # the sound of a talk, audited each time
    QUEUES_WRITE = "queues:write"  # levers
    AGENTS_WRITE = "agents:write"  # an agent's state
    CONFIGURATION_READ = "configuration:read"
    CONFIGURATION_WRITE = "configuration:write"
    OUTSIDE_WRITE = "outside:write"  # what happens at a contact centre outside
    REPORTS_READ = "reports:read"
    PERSONS_READ = "persons:read"  # export of everything about a person
    PERSONS_WRITE = "persons:write"  # erasure
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    AUDIT_READ = "audit:read"
    ACCOUNTS_WRITE = "accounts:write"  # users and API keys; never a key's


IMPLIED: Mapping[Right, frozenset[Right]] = {
    Right.CALLBACKS_WRITE: frozenset({Right.CALLBACKS_READ, Right.CALLBACKS_CREATE, Right.OFFERS_READ}),
    Right.CALLBACKS_READ: frozenset({Right.OFFERS_READ}),
    Right.CALLBACKS_CREATE: frozenset({Right.OFFERS_READ}),
    Right.CONFIGURATION_WRITE: frozenset({Right.CONFIGURATION_READ}),
    Right.PERSONS_WRITE: frozenset({Right.PERSONS_READ}),
    Right.WEBHOOKS_WRITE: frozenset({Right.WEBHOOKS_READ}),
}

_STEERING = frozenset(
    {
        Right.CALLBACKS_WRITE,
        Right.NUMBERS_READ,
        Right.RECORDINGS_READ,
        Right.QUEUES_WRITE,
        Right.AGENTS_WRITE,
        Right.REPORTS_READ,
    }
)
ROLE_RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.AGENT: frozenset({Right.DESK, Right.CALLBACKS_CREATE}),
    Role.SUPERVISOR: _STEERING,
    Role.ADMIN: frozenset(Right) - {Right.DESK},
    Role.AUDITOR: frozenset({Right.CALLBACKS_READ, Right.REPORTS_READ, Right.AUDIT_READ, Right.CONFIGURATION_READ}),
}

KEY_SCOPES = frozenset(Right) - {Right.DESK, Right.ACCOUNTS_WRITE}


def with_implied(rights: Iterable[Right]) -> frozenset[Right]:
    """Return the rights and what they bring along."""
    given = frozenset(rights)
    return given.union(*(IMPLIED.get(right, frozenset()) for right in given))


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Return everything these roles allow."""
    return with_implied(frozenset().union(*(ROLE_RIGHTS[role] for role in roles)))


def read_roles(names: Iterable[str]) -> frozenset[Role]:
    """Return roles by their names; raise Invalid (`unknown-role`) for one that does not exist, or when there is none."""
    known = {role.value: role for role in Role}
    roles = [known.get(name) for name in names]
    if not roles or None in roles:
        raise Invalid(f"Roles are some of {', '.join(known)}.", id="unknown-role", field="roles")
    return frozenset(role for role in roles if role is not None)


def read_scopes(names: Iterable[str]) -> frozenset[Right]:
    """Return an API key's scopes by their names; raise Invalid (`unknown-scope`) when one cannot be a key's, or there is none."""
    known = {right.value: right for right in KEY_SCOPES}
    scopes = [known.get(name) for name in names]
    if not scopes or None in scopes:
        raise Invalid(f"Scopes are some of {', '.join(sorted(known))}.", id="unknown-scope", field="scopes")
    return frozenset(scope for scope in scopes if scope is not None)
