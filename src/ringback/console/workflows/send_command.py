"""Send a durable command once for its idempotency key, write down who asked, and wait a little for the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from ringback.console.parts import Parts
from ringback.domain.errors import Conflict, Invalid, NotFound, Refused
from ringback.domain.ids import CommandId, new_id
from ringback.domain.repetition import Once
from ringback.domain.status import Server
from ringback.identity.principal import Principal
from ringback.identity.workflows.record_audit import record_audit, write_audit
from ringback.postgres.database import Transaction
from ringback.postgres.idempotency import answered_before, keep_once, read_key
from ringback.postgres.messages import CommandAnswer, send, wait_for_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of one caller: what its idempotency key stands for. No key: each request is a new one."""

    principal: Principal
    key: str | None
    body: bytes  # method, path and body: the same key for another request is refused

    @property
    def once(self) -> Once:
        """Return it as the servers know it."""
        return Once(principal=self.principal.name, key=self.key, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is asked for, as the audit names it."""

    action: str
    subject: str
    reason: str | None = None
    detail: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command on its way: to which server, on which aggregate."""

    to: Server
    aggregate: UUID
    message: Any


async def send_command(
    parts: Parts, asked: Asked, act: Act, make: Callable[[CommandId], Order], *, answers: bool = True
) -> CommandAnswer | None:
    """Send the command and return its answer; None when it has none, or takes longer: it will still be carried out.

    Raises the refusal, when that is the answer.
    """
    business = asked.principal.business
    async with parts.application.transaction(business, name="send_command") as tx:
        earlier = await _claimed(tx, asked)
        command = earlier or CommandId(new_id())
        if earlier is None:
            await write_act(tx, asked.principal, replace(act, detail={**(act.detail or {}), "command": str(command)}))
            order = make(command)
            await send(tx, business, order.to, order.aggregate, order.message)
            await keep(tx, asked, status=202, answer={"command": str(command)})
    if not answers:
        return None
    answer = await wait_for_answer(parts.application, parts.hints, business, command, timeout=parts.answer_timeout)
    if answer is not None and answer.problem is not None:
        if earlier is None:
            detail = {"asked": act.action, "problem": answer.problem, "command": str(command)}
            await audit(parts, asked.principal, Act(action="command.refused", subject=act.subject, detail=detail))
        raise refusal(answer.problem, answer.body)
    return answer


async def ask_command(parts: Parts, principal: Principal, make: Callable[[CommandId], Order]) -> CommandAnswer:
    """Send a command that changes nothing and return its answer. Raises the refusal, or Conflict (`no-answer`) when none comes."""
    business, command = principal.business, CommandId(new_id())
    order = make(command)
    async with parts.application.transaction(business, name="ask_command") as tx:
        await send(tx, business, order.to, order.aggregate, order.message)
    answer = await wait_for_answer(parts.application, parts.hints, business, command, timeout=parts.answer_timeout)
    if answer is None:
        raise Conflict("The answer takes longer than usual. Try again.", id="no-answer")
    if answer.problem is not None:
        raise refusal(answer.problem, answer.body)
    return answer


async def _claimed(tx: Transaction, asked: Asked) -> CommandId | None:
    """Return the command that an earlier request with this key sent."""
    kept = await claim(tx, asked)
    return None if kept is None else CommandId(UUID(kept["command"]))


async def claim(tx: Transaction, asked: Asked) -> Any:
    """Claim the request's key in this transaction; return what was kept for it before, None for a new one or one without a key."""
    return await answered_before(tx, asked.principal.business, asked.once)


async def keep(tx: Transaction, asked: Asked, *, status: int, answer: Any) -> None:
    """Keep what the request's key stands for, if it has one."""
    await keep_once(tx, asked.principal.business, asked.once, answer, status=status)


async def shown_before(parts: Parts, asked: Asked) -> Any:
    """Return what a request with this key was shown before: what it acted on may look otherwise by now. None: nothing yet."""
    if asked.key is None:
        return None
    business = asked.principal.business
    async with parts.application.transaction(business, name="shown_before") as tx:
        kept = await read_key(tx, business, asked.principal.name, asked.key, asked.body)
    return None if kept is None else kept.answer.get("shown")


async def keep_shown(parts: Parts, asked: Asked, shown: Any) -> None:
    """Keep what a request is shown (plain JSON values), beside the command it sent."""
    if asked.key is None:
        return
    business = asked.principal.business
    async with parts.application.transaction(business, name="keep_shown") as tx:
        kept = await read_key(tx, business, asked.principal.name, asked.key, asked.body)
        if kept is not None:
            await keep(tx, asked, status=200, answer={**kept.answer, "shown": shown})


async def write_act(tx: Transaction, principal: Principal, act: Act) -> None:
    """Write down who did what, in the transaction that does it or sends it on its way."""
    await write_audit(
        tx,
        principal.business,
        principal=principal.name,
        action=act.action,
        subject=act.subject,
        reason=act.reason,
        detail=act.detail,
    )


async def audit(parts: Parts, principal: Principal, act: Act) -> None:
    """Write down what somebody looked at, or was refused: by itself, since nothing else is written."""
    await record_audit(
        parts.identity,
        principal.business,
        principal=principal.name,
        action=act.action,
        subject=act.subject,
        reason=act.reason,
        detail=act.detail,
    )


def refusal(id: str, body: Mapping[str, Any]) -> Refused:
    """Turn a command's answer into the error that the edge knows."""
    detail = str(body.get("detail") or "This cannot be done now.")
    next, field = body.get("next"), body.get("field")
    if id == NotFound.id:
        return NotFound(detail)
    if field is not None or id == Invalid.id or id.endswith("-invalid"):
        return Invalid(detail, id=id, field=field, next=next)
    return Conflict(detail, id=id, next=next)
