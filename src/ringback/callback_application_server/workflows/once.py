"""What a page asks for is done once: its key is claimed, its effect saved and its answer kept in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from ringback.callback_application_server.queries import SQL, ChatKey, lock_chat
from ringback.callback_application_server.workflows.speak import say
from ringback.domain.errors import Conflict, Invalid
from ringback.domain.ids import BusinessId, ChatId, CommandId
from ringback.postgres.database import Transaction
from ringback.postgres.idempotency import Kept, claim_key, keep_answer, read_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It was done before. `waits_for`: the command whose durable reply is the answer."""

    waits_for: CommandId | None = None


class Once(Protocol):
    """The claim on one thing to do."""

    async def begin(self, tx: Transaction) -> Done | None:
        """Claim it in this transaction. None: go on, and call `end`. Raises what it was refused for before."""

    async def end(self, tx: Transaction, *, waits_for: CommandId | None = None) -> None:
        """Keep that it is done, or that it is done when a command's reply has come."""

    async def settle(self, tx: Transaction, refusal: Conflict) -> None:
        """The reply that was waited for has come, and is a refusal: it is the answer from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A POST with its Idempotency-Key; another body under the same key is refused."""

    business: BusinessId
    chat: ChatId
    key: UUID
    body: bytes = field(repr=False)

    @property
    def _principal(self) -> str:
        return f"chat:{self.chat}"

    async def begin(self, tx: Transaction) -> Done | None:
        """Claim the key, or return what was kept for it."""
        return self._read(await claim_key(tx, self.business, self._principal, str(self.key), self.body))

    async def look(self, tx: Transaction) -> Done | None:
        """Return what was kept for the key, without claiming it."""
        return self._read(await read_key(tx, self.business, self._principal, str(self.key), self.body))

    def _read(self, kept: Kept | None) -> Done | None:
        if kept is None:
            return None
        answer: Mapping[str, Any] = kept.answer
        if "problem" in answer:
            kind = Invalid if answer["problem"] == "Invalid" else Conflict
            raise kind(answer["detail"], id=answer["id"], field=answer.get("field"), next=answer.get("next"))
        return Done(waits_for=CommandId(UUID(answer["command"])) if "command" in answer else None)

    async def end(self, tx: Transaction, *, waits_for: CommandId | None = None) -> None:
        """Keep the answer; a later `end` replaces that of an earlier one."""
        await self._keep(tx, {} if waits_for is None else {"command": str(waits_for)}, status=200)

    async def settle(self, tx: Transaction, refusal: Conflict) -> None:
        """Keep the refusal in the place of the command that was waited for."""
        await self._refused(tx, refusal)

    async def refuse(self, tx: Transaction, error: Conflict | Invalid) -> None:
        """Keep a refusal that changed nothing, unless the key stands for something already."""
        kept = await claim_key(tx, self.business, self._principal, str(self.key), self.body)
        if kept is None:
            await self._refused(tx, error)

    async def _refused(self, tx: Transaction, error: Conflict | Invalid) -> None:
        kind = "Invalid" if isinstance(error, Invalid) else "Conflict"
        answer = {"problem": kind, "detail": error.detail, "id": error.id, "field": error.field, "next": error.next}
        await self._keep(tx, answer, status=409)

    async def _keep(self, tx: Transaction, answer: Mapping[str, Any], *, status: int) -> None:
        await keep_answer(tx, self.business, self._principal, str(self.key), status=status, answer=dict(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A message that is answered by doing something: its reply timer is the claim, so that a crash leaves either both or none."""

    business: BusinessId
    chat: ChatId
    seq: int

    async def begin(self, tx: Transaction) -> Done | None:
        """Take the timer away; somebody else answered when it is gone."""
        claimed = await tx.value(SQL["claim_reply"], business=self.business, chat=self.chat, n=self.seq)
        return Done() if claimed is None else None

    async def end(self, tx: Transaction, *, waits_for: CommandId | None = None) -> None:
        """The timer is gone: nothing has to be kept."""

    async def settle(self, tx: Transaction, refusal: Conflict) -> None:
        """Say it in the chat, where it was typed."""
        chat = await lock_chat(tx, ChatKey(business=self.business, chat=self.chat))
        await say(tx, chat, refusal.detail)
