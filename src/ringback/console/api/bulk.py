"""/api/v1/bulk: acts on many at once, by name or by filter. A preview is the plan of the act, and the act does exactly that or is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency

from ringback.console.api.acts import reason_of
from ringback.console.api.wire import Affected, AffectedOut, BulkBody, FilterBody
from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.effects import CHANGES, affected, effect_of, in_short
from ringback.console.statements import API
from ringback.console.workflows.look_up import find_agent, seen_by
from ringback.console.workflows.send_command import Act, Order, ask_command, keep_shown, send_command, shown_before
from ringback.domain.commands import BulkAct
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId, CallbackId, CommandId
from ringback.domain.status import Server
from ringback.domain.times import When
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.postgres.messages import CommandAnswer

MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A bulk act as it was asked for, with the callbacks its filter names now."""

    data: BulkBody
    rows: Sequence[Any]
    now: Any
    when: When | None
    agent: AgentId | None
    agent_name: str | None

    def order(self, principal: Principal, command: CommandId, *, dry_run: bool, reason: str) -> Order:
        """Return the command, or its rehearsal."""
        act = BulkAct(
            command=command,
            action=self.data.action,
            callbacks=tuple(CallbackId(row["id"]) for row in self.rows),
            by=principal.name,
            reason=reason,
            when=self.when,
            agent=self.agent,
            text=self.data.text,
            dry_run=dry_run,
            plan=None if dry_run else self.data.plan,
        )
        return Order(to=Server.INTERACTIONS, aggregate=principal.business, message=act)

    def affected(self, effects: Mapping[str, str]) -> list[Affected]:
        """Name each and what becomes of them, those that change first."""
        out = []
        for row in self.rows:
            does = effects.get(str(row["id"]))
            if does is not None:
                words = effect_of(self.data.action, does, row, self.now, when=self.when, agent=self.agent_name)
                out.append(affected(row, words, self.now, changes=does in CHANGES))
        return sorted(out, key=lambda each: not each.changes)


@post("/bulk/preview", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Who a bulk act affects")
async def preview_bulk(
    request: AnyRequest, data: BulkBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> AffectedOut:
    """Name everybody the act would touch, and what becomes of each; nothing is changed."""
    wanted = await _wanted(data, parts, principal)
    if not wanted.rows:
        return AffectedOut(affected=[], summary="Nobody.")
    found = await ask_command(
        parts, principal, lambda command: wanted.order(principal, command, dry_run=True, reason=data.reason.strip())
    )
    return answered(wanted.affected(effects_of(found)), found)


@post("/bulk", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Act on many callbacks")
async def act_in_bulk(
    request: AnyRequest,
    data: BulkBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[AffectedOut]:
    """Cancel, move, reassign, write, or offer a move; each is decided by itself, and those that cannot be are left as they are."""
    reason, asked = reason_of(data.reason), await asked_of(request, principal, key)
    before = await shown_before(parts, asked)
    if before is not None:
        return Response(msgspec.convert(before, AffectedOut), status_code=200)
    wanted = await _wanted(data, parts, principal)
    if not wanted.rows:
        return Response(AffectedOut(affected=[], summary="Nobody."), status_code=200)
    named = [str(row["id"]) for row in wanted.rows]
    found = await send_command(
        parts,
        asked,
        Act(action=f"bulk.{data.action}", subject="callbacks", reason=reason, detail={"callbacks": named}),
        lambda command: wanted.order(principal, command, dry_run=False, reason=reason),
    )
    if found is None:
        return Response(AffectedOut(affected=[], summary="It is on its way."), status_code=202)
    shown = answered(wanted.affected(effects_of(found)), found)
    await keep_shown(parts, asked, msgspec.to_builtins(shown))
    return Response(shown, status_code=200)


def effects_of(found: CommandAnswer) -> Mapping[str, str]:
    """Return what becomes of whom."""
    effects: Mapping[str, str] = found.body["effects"]
    return effects


def answered(out: list[Affected], found: CommandAnswer) -> AffectedOut:
    """Return a plan with its one line."""
    return AffectedOut(affected=out, summary=in_short(out), plan=found.body.get("plan"))


async def _wanted(data: BulkBody, parts: Parts, principal: Principal) -> Wanted:
    if data.action == "move" and data.when is None:
        raise Invalid("To move callbacks, say when.", id="time-invalid", field="when")
    agent = await find_agent(parts, principal, data.agent) if data.agent else None
    rows, now = await matching(data.filter, parts, principal)
    return Wanted(
        data=data,
        rows=rows,
        now=now,
        when=data.when.read() if data.when else None,
        agent=AgentId(agent["id"]) if agent else None,
        agent_name=agent["name"] if agent else None,
    )


async def matching(wanted: FilterBody, parts: Parts, principal: Principal) -> tuple[Sequence[Any], Any]:
    """Return the open callbacks a filter names, latest booked first, and now."""
    named = (
        wanted.queue, wanted.agent, wanted.channel, wanted.language, wanted.at_risk, wanted.short,
        wanted.promised_from, wanted.promised_until,
    )  # fmt: skip
    if wanted.callbacks is None and not any(named):
        raise Invalid("Name the callbacks, or what they have in common.", id="filter-missing", field="filter")
    async with parts.read.transaction(principal.business, name="affected_callbacks") as tx:
        rows = await tx.rows(
            API["affected_callbacks"],
            business=principal.business,
            callbacks=wanted.callbacks,
            queue=wanted.queue,
            agent=wanted.agent,
            channel=wanted.channel,
            language=wanted.language,
            at_risk=wanted.at_risk,
            short=wanted.short,
            promised_from=wanted.promised_from,
            promised_until=wanted.promised_until,
            seen=seen_by(principal),
        )
        now = tx.now
    if len(rows) > MOST:
        raise Invalid(f"This is more than {MOST} callbacks: narrow the filter.", id="filter-too-wide", field="filter")
    return rows, now
