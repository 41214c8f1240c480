"""A business as one document (domain.reports.ConfigurationsClient): what three servers own, read together and changed in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ringback.callback_application_server.workflows.save_bots import (
    BotsItem,
    plan_bots,
    read_bots,
    save_bots,
    written_bots,
)
from ringback.callback_application_server.workflows.save_channel import (
    ChannelItem,
    new_widget_key,
    plan_channels,
    read_channels,
    save_channels,
    written_channels,
)
from ringback.domain.documents import Act, Change, ConfigurationInvalid, Problem
from ringback.domain.errors import NotAllowed
from ringback.domain.guards.codes import codes_without_channel
from ringback.domain.ids import BusinessId
from ringback.identity.passwords import Passwords
from ringback.identity.rules.log_ins import GivenLogIn, key_of, read_log_ins, unknown_names, written_log_in
from ringback.identity.workflows.apply_log_ins import Names, plan_log_ins, read_stored, save_log_ins
from ringback.identity.workflows.record_audit import write_audit
from ringback.interaction_manager.rules.configuration import read_configuration
from ringback.interaction_manager.workflows.apply_configuration import apply_configuration, configuration_of, names_of
from ringback.postgres.acting import act_as
from ringback.postgres.address import Role
from ringback.postgres.database import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A document that can be read."""

    document: Mapping[str, Any]
    channels: tuple[ChannelItem, ...]
    bots: BotsItem
    log_ins: tuple[GivenLogIn, ...]
    by: str
    may_change_log_ins: bool


class BusinessDocuments:
    """Reads and applies documents with the operator's role, which acts as one server after the other."""

    def __init__(self, operator: Database, passwords: Passwords) -> None:
        self._operator = operator
        self._passwords = passwords

    async def document(self, business: BusinessId, *, log_ins: bool) -> Mapping[str, Any]:
        """Return the document, with the log-ins when they are asked for and never with a secret; applying it again changes nothing."""
        async with self._operator.transaction(business, name="read_document") as tx:
            await act_as(tx, Role.INTERACTIONS)
            document = await configuration_of(tx, business)
            names = await _names(tx, business)
            await act_as(tx, Role.APPLICATION)
            document["channels"] = await written_channels(tx, business)
            document |= await written_bots(tx, business)
            if log_ins:
                await act_as(tx, Role.IDENTITY)
                stored = await read_stored(tx, business, names)
                document["users"] = [written_log_in(each) for each in stored.log_ins]
        return document

    async def apply(
        self, business: BusinessId, document: object, *, by: str, dry_run: bool = False, log_ins: bool = True
    ) -> Mapping[str, Any]:
        """Apply a document and return its changes and notes; raise ConfigurationInvalid with everything that is wrong, and change nothing.

        `log_ins`: whether who asks may change log-ins; raises NotAllowed when the document does and they may not.
        """
        wanted = _read(document, by=by, log_ins=log_ins)
        changes, hashes = await self._apply(business, wanted, hashes=None), {}
        if not dry_run and changes:
            keyed = replace(wanted, channels=_with_keys(wanted.channels, changes))
            made = {each.slug for each in changes if each.kind == "log-in" and each.act is Act.CREATED}
            for each in wanted.log_ins:
                if each.password is not None and key_of(each.log_in) in made:
                    hashes[key_of(each.log_in)] = await self._passwords.hash(each.password)
            changes = await self._apply(business, keyed, hashes=hashes)
        return {"changes": [asdict(each) for each in changes], "notes": list(_notes(wanted, changes))}

    async def _apply(
        self, business: BusinessId, wanted: _Wanted, *, hashes: Mapping[str, str] | None
    ) -> tuple[Change, ...]:
        """Go through the document, each part with the rights of its owner. `hashes` None: only look, and write nothing."""
        dry = hashes is None
        problems: list[Problem] = []
        async with self._operator.transaction(business, name="apply_document") as tx:
            await act_as(tx, Role.INTERACTIONS)
            changes: tuple[Change, ...] = ()
            try:
                applied = await apply_configuration(tx, business, wanted.document, by=wanted.by, dry_run=dry)
            except ConfigurationInvalid as error:
                problems += error.problems
            else:
                changes = applied.changes
                problems += unknown_names(wanted.log_ins, agents=applied.agents, queues=applied.queues)
            names = await _names(tx, business)
            await act_as(tx, Role.APPLICATION)
            widgets, wrong = await plan_channels(tx, business, wanted.channels)
            problems += wrong
            problems += await _codes_without_channel(tx, business, wanted)
            bots, wrong = await plan_bots(tx, business, wanted.bots)
            problems += wrong
            if widgets and not (dry or problems):
                await save_channels(tx, business, wanted.channels)
            if bots and not (dry or problems):
                await save_bots(tx, business, wanted.bots)
            await act_as(tx, Role.IDENTITY)
            stored = await read_stored(tx, business, names)
            people, wrong = await plan_log_ins(tx, stored, wanted.log_ins)
            problems += wrong
            if problems:
                raise ConfigurationInvalid(problems)
            if people and not wanted.may_change_log_ins:
                raise NotAllowed("This document changes log-ins, and that needs an administrator's own log-in.")
            changes += widgets + bots + people
            if changes and hashes is not None:
                await save_log_ins(tx, business, stored, wanted.log_ins, people, names=names, hashes=hashes)
                await _audit(tx, business, changes, by=wanted.by)
        return changes


def _read(document: object, *, by: str, log_ins: bool) -> _Wanted:
    """Read every part of a document; raise ConfigurationInvalid with what is wrong in any of them."""
    _, found = read_configuration(document)
    problems = list(found)
    given = document if isinstance(document, dict) else {}
    channels, wrong = read_channels(given.get("channels") or [])
    problems += wrong
    bots, wrong = read_bots(given)
    problems += wrong
    users, wrong = read_log_ins(given.get("users") or [])
    problems += wrong
    if problems:
        raise ConfigurationInvalid(problems)
    return _Wanted(document=given, channels=channels, bots=bots, log_ins=users, by=by, may_change_log_ins=log_ins)


async def _names(tx: Transaction, business: BusinessId) -> Names:
    agents, queues = await names_of(tx, business)
    return Names(agents=agents, queues=queues)


async def _codes_without_channel(tx: Transaction, business: BusinessId, wanted: _Wanted) -> list[Problem]:
    """Refuse codes by a channel that the business will not have; those that the document does not name stay."""
    stored = [str(each.get("kind")) for each in await written_channels(tx, business)]
    return codes_without_channel(wanted.document, (*stored, *(each.kind for each in wanted.channels)))


def _with_keys(channels: Sequence[ChannelItem], changes: Sequence[Change]) -> tuple[ChannelItem, ...]:
    """Give each widget that is made a key, so that the difference can say it."""
    made = {each.slug for each in changes if each.kind in ("widget", "channel") and each.act is Act.CREATED}
    return tuple(
        replace(each, key=new_widget_key()) if each.key is None and each.name in made else each for each in channels
    )


def _notes(wanted: _Wanted, changes: Sequence[Change]) -> list[str]:
    made = {each.slug for each in changes if each.kind == "log-in" and each.act is Act.CREATED}
    kept = sum(each.password is not None and key_of(each.log_in) not in made for each in wanted.log_ins)
    if not kept:
        return []
    whose = (
        "the log-in that exists keeps its password" if kept == 1 else f"{kept} log-ins that exist keep their passwords"
    )
    return [f"{whose}: ringback user password EMAIL sets another"]


async def _audit(tx: Transaction, business: BusinessId, changes: Sequence[Change], *, by: str) -> None:
    """Write down what was changed; a person's address is not repeated here, nor any value."""
    said = [
        f"{each.kind} {each.act}" if each.kind == "log-in" else f"{each.kind} {each.slug} {each.act}"
        for each in changes
    ]
    await write_audit(
        tx, business, principal=by, action="configuration.applied", subject="configuration", detail={"changes": said}
    )
