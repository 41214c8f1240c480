"""Hands what is said in a channel's chat over to its provider: in order, one process a conversation, outside any transaction.

A message with an end to its time is marked before it is handed over: at most once. Every other is marked after: at least once.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from ringback.callback_application_server.channels.accounts import SQL, Channels, Opened, load_account
from ringback.callback_application_server.channels.protocol import Outgoing, TryLater, Undeliverable
from ringback.callback_application_server.queries import ChatKey, lock_chat
from ringback.callback_application_server.rules.prompts import load_prompt
from ringback.callback_application_server.rules.renderings import render
from ringback.callback_application_server.rules.tokens import Choice, SigningKeys, make_token
from ringback.domain.errors import CommitUnknown, NotFound
from ringback.domain.ids import ChatId, PromptId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.timers import Timer, cancel_timer, set_timer

log = structlog.get_logger(__name__)

TIMER = "channel"
CLAIM = timedelta(seconds=60)  # longer than one message takes; then another process goes on
AT_ONCE = 32
MOST_TRIES = 12
GIVEN_UP = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One message to hand over; `settled`: it is marked already."""

    opened: Opened
    message: Outgoing = field(repr=False)
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What came of the turn before."""

    seq: int
    state: str
    reference: str | None = None
    error: str | None = None
    again_after: timedelta | None = None  # None: it is settled


class ChannelSender:
    """One of a process. `fire` is the handler of timer `channel`; `run` hands over what it claimed."""

    def __init__(self, database: Database, channels: Channels, keys: SigningKeys) -> None:
        self._database = database
        self._channels = channels
        self._keys = keys
        self._process = new_id()
        self._claimed: asyncio.Queue[ChatKey] = asyncio.Queue()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._free_at: defaultdict[UUID, float] = defaultdict(float)  # of an account, by the monotonic clock

    async def fire(self, tx: Transaction, timer: Timer) -> None:
        """Claim a conversation for this process."""
        key = ChatKey(business=timer.business, chat=ChatId(timer.subject))
        try:
            await lock_chat(tx, key)
        except NotFound:
            return
        row = await tx.row(SQL["conversation_to_send"], business=key.business, chat=key.chat)
        if row is None:
            return
        waits_until = row["sending_until"] or row["retry_at"]
        busy = waits_until is not None and waits_until > tx.now
        until = waits_until if busy else tx.now + CLAIM
        await set_timer(tx, key.business, Server.APPLICATION, TIMER, key.chat, at=until)
        if not busy:
            await self._claim(tx, key, until)
            tx.after_commit(lambda: self._claimed.put_nowait(key))

    async def run(self) -> None:
        """Hand over until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                key = await self._claimed.get()
                group.create_task(self._hand_over_in_turn(key))

    async def drain(self) -> None:
        """Hand over what is claimed, then return: for tests."""
        while not self._claimed.empty():
            await self.hand_over(self._claimed.get_nowait())

    def forget_paces(self) -> None:
        """Hold nothing back for a provider that asked for a pause: for tests, whose clock is not the monotonic one."""
        self._free_at.clear()

    async def _hand_over_in_turn(self, key: ChatKey) -> None:
        try:
            async with self._turns:
                await self.hand_over(key)
        except (TimeoutError, CommitUnknown, *RETRYABLE) as error:
            log.info("channel_again", chat=str(key.chat), error=type(error).__name__)  # its timer stands

    async def hand_over(self, key: ChatKey) -> None:
        """Hand over everything that waits in a conversation, in order, until there is no more or it has to wait."""
        outcome: _Outcome | None = None
        while True:
            turn = await self._step(key, outcome)
            if turn is None:
                return
            outcome = await self._send(turn)
            await asyncio.sleep(turn.opened.channel.pace.in_conversation)

    async def _send(self, turn: _Turn) -> _Outcome:
        account, seq = turn.opened.account, turn.message.number
        await self._wait_for_account(turn)
        try:
            async with asyncio.timeout(CLAIM.total_seconds() / 2):
                reference = await turn.opened.channel.send(account, turn.message)
        except Undeliverable as error:
            return _Outcome(seq=seq, state="failed", error=str(error)[:300])
        except (TryLater, TimeoutError) as error:
            if turn.settled:
                return _Outcome(seq=seq, state="failed", error=f"not known whether it arrived: {error}"[:300])
            after = error.after if isinstance(error, TryLater) else None
            if after is not None and isinstance(error, TryLater) and error.account:
                self._free_at[account.id] = time.monotonic() + after.total_seconds()
            return _Outcome(seq=seq, state="handed_over", error=str(error)[:300], again_after=after or timedelta())
        except Exception as error:
            log.error("channel_failed", kind=account.kind, exc_info=error)
            return _Outcome(seq=seq, state="failed", error=type(error).__name__)
        return _Outcome(seq=seq, state="handed_over", reference=reference)

    async def _wait_for_account(self, turn: _Turn) -> None:
        """Keep to the account's pace; a long pause that the provider asked for is waited for by the timer instead."""
        account, pace = turn.opened.account.id, turn.opened.channel.pace.in_account
        now = time.monotonic()
        at = max(now, self._free_at[account])
        self._free_at[account] = at + pace
        await asyncio.sleep(min(at - now, CLAIM.total_seconds() / 4))

    async def _step(self, key: ChatKey, outcome: _Outcome | None) -> _Turn | None:
        """Settle the message before and choose the next, in one transaction; None when there is nothing to do now."""
        async with self._database.transaction(key.business, name="hand_over") as tx:
            chat = await lock_chat(tx, key)  # nothing is said meanwhile: the timer is not taken from under a message
            row = await tx.row(SQL["conversation_to_send"], business=key.business, chat=key.chat)
            if row is None:
                await cancel_timer(tx, key.business, TIMER, key.chat)
                return None
            if row["sender"] != self._process:
                return None  # this process was too slow: another goes on
            if outcome is not None and await self._settle(tx, key, outcome, row["tries"]):
                return None
            after = max(row["delivered_seq"], outcome.seq if outcome is not None else 0)
            opened = await load_account(self._channels, tx, key.business, chat.channel)
            turn = None if opened is None else await self._next(tx, key, opened, row["address"], after, row["stop_seq"])
            if turn is None:
                await tx.run(SQL["release_conversation"], business=key.business, chat=key.chat)
                await cancel_timer(tx, key.business, TIMER, key.chat)
                return None
            await self._claim(tx, key, tx.now + CLAIM)
            await set_timer(tx, key.business, Server.APPLICATION, TIMER, key.chat, at=tx.now + CLAIM)
            return turn

    async def _claim(self, tx: Transaction, key: ChatKey, until: datetime) -> None:
        await tx.run(SQL["claim_conversation"], business=key.business, chat=key.chat, sender=self._process, until=until)

    async def _settle(self, tx: Transaction, key: ChatKey, outcome: _Outcome, tries: int) -> bool:
        """Keep what came of a message; True when it is to be tried again later."""
        if outcome.again_after is not None:
            if tries + 1 < MOST_TRIES:
                at = tx.now + max(outcome.again_after, back_off(tries + 1))
                await tx.run(SQL["note_try"], business=key.business, chat=key.chat, at=at)
                await set_timer(tx, key.business, Server.APPLICATION, TIMER, key.chat, at=at)
                await self._save(tx, key, outcome)
                return True
            outcome = replace(outcome, state="failed")
        await tx.run(SQL["note_delivered"], business=key.business, chat=key.chat, seq=outcome.seq)
        await self._save(tx, key, outcome)
        return False

    async def _save(self, tx: Transaction, key: ChatKey, outcome: _Outcome) -> None:
        await tx.run(
            SQL["save_delivery"],
            business=key.business,
            chat=key.chat,
            seq=outcome.seq,
            state=outcome.state,
            reference=outcome.reference,
            error=outcome.error,
            now=tx.now,
        )

    async def _next(
        self, tx: Transaction, key: ChatKey, opened: Opened, address: str, after: int, stop: int | None
    ) -> _Turn | None:
        while True:
            row = await tx.row(
                SQL["next_to_send"], business=key.business, chat=key.chat, after=after, stop=stop, now=tx.now
            )
            if row is None:
                return None
            once = row["expires_at"] is not None
            if once:
                await tx.run(SQL["note_delivered"], business=key.business, chat=key.chat, seq=row["seq"])
            if not once or row["expires_at"] > tx.now:
                break
            await self._save(tx, key, _Outcome(seq=row["seq"], state=GIVEN_UP))
            after = row["seq"]
        content = load_prompt(row["content"]) if row["prompt"] is not None else None

        def token(option: int) -> str:
            return make_token(self._keys, key.chat, Choice(prompt=PromptId(row["prompt"]), option=option))

        message = Outgoing(
            id=f"{key.chat}-{row['seq']}",
            number=row["seq"],
            conversation=address,
            shown=render(row["text"], content, opened.channel.shows, token),
            at=tx.now,
            status=row["status"],
            expires_at=row["expires_at"],
        )
        return _Turn(opened=opened, message=message, settled=once)


def back_off(tries: int) -> timedelta:
    """Return how long to wait after so many tries that failed: from a second, doubled each time, at most ten minutes."""
    return timedelta(seconds=float(min(2 ** min(tries - 1, 10), 600)))
