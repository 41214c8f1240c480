"""The callback application server's worker: tells customers what happens, answers what a crash left unanswered, sends webhooks, forgets in time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from weakref import WeakValueDictionary

import structlog

from ringback.callback_application_server.channels.accounts import Channels, installed
from ringback.callback_application_server.channels.sender import TIMER as CHANNEL
from ringback.callback_application_server.channels.sender import ChannelSender
from ringback.callback_application_server.code_sender import CodeSender
from ringback.callback_application_server.forgetting import Forgetting
from ringback.callback_application_server.mail.post_office import PostOffice
from ringback.callback_application_server.mail.sender import TIMER as MAIL
from ringback.callback_application_server.mail.sender import MailSender
from ringback.callback_application_server.number_proofs import TIMER as NUMBER_CODE
from ringback.callback_application_server.queries import ChatKey
from ringback.callback_application_server.webhooks.publish import TIMER as WEBHOOK
from ringback.callback_application_server.webhooks.publish import with_webhooks
from ringback.callback_application_server.webhooks.sender import WebhookSender
from ringback.callback_application_server.workflows import tell_business, tell_customer, tell_of_the_day
from ringback.callback_application_server.workflows.ask_after_talk import got_through
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.live_chat import LIVE_CHAT_HANDLERS
from ringback.callback_application_server.workflows.offer_again import offer_again
from ringback.callback_application_server.workflows.receive_message import give_up, remind_of_reply, reply
from ringback.callback_application_server.workflows.request_callback import ask_again
from ringback.callback_application_server.workflows.speak import ABANDONED
from ringback.domain.commands import RequestCallback
from ringback.domain.errors import CommitUnknown, RingbackError
from ringback.domain.events import (
    AgentAway,
    AgentRings,
    AlertRaised,
    AlertResolved,
    AttemptEnded,
    AttemptMissed,
    CallbackAccepted,
    CallbackChanged,
    CallbackFinished,
    CallbackRefused,
    CustomerDialled,
    CustomerRings,
    GotThrough,
    Joined,
    OperatorWrote,
    PromiseAtRisk,
    RoomAppeared,
    StillNeeded,
    WaitlistAnswered,
)
from ringback.domain.ids import ChatId
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.message_batches import Handler, in_turn
from ringback.postgres.messages import MessageWorker
from ringback.postgres.timers import Timer, TimerWorker

log = structlog.get_logger(__name__)

HANDLERS: Mapping[type, Handler] = {
    RequestCallback: ask_again,
    CallbackAccepted: tell_customer.accepted,
    CallbackRefused: tell_customer.refused,
    CallbackChanged: tell_customer.changed,
    PromiseAtRisk: tell_customer.at_risk,
    AgentRings: tell_customer.agent_rings,
    CustomerDialled: tell_customer.dialled,
    CustomerRings: tell_customer.rings,
    Joined: tell_customer.joined,
    AttemptMissed: tell_customer.missed,
    AttemptEnded: tell_customer.attempt_ended,
    CallbackFinished: tell_customer.finished,
    GotThrough: got_through,
    StillNeeded: tell_of_the_day.still_needed,
    AgentAway: tell_of_the_day.agent_away,
    OperatorWrote: tell_of_the_day.operator_wrote,
    WaitlistAnswered: tell_of_the_day.waitlist_answered,
    RoomAppeared: tell_of_the_day.room_appeared,
    AlertRaised: tell_business.alert_raised,
    AlertResolved: tell_business.alert_resolved,
    **LIVE_CHAT_HANDLERS,
}


class ApplicationServer:
    """Everything the callback application server does beside answering requests, in one process."""

    def __init__(
        self,
        context: ChatContext,
        *,
        dispatcher: Database,
        post_office: PostOffice | None = None,
        channels: Channels | None = None,
        lease: float = 8.0,
    ) -> None:
        self._context = context
        self._in_order: WeakValueDictionary[ChatId, asyncio.Lock] = WeakValueDictionary()
        self.channels = channels or installed(context.poster, public_url="")
        self.sender = ChannelSender(context.database, self.channels, context.keys)
        self.codes = CodeSender(context.database, self.channels, context.keys)
        self._replies: set[asyncio.Task[None]] = set()
        self._sender = WebhookSender(context.database, context.poster)
        self.mail = MailSender(context.database, post_office)
        self._forgetting = Forgetting(context.database, dispatcher)
        handlers = with_webhooks(HANDLERS)
        self.messages = MessageWorker(
            Server.APPLICATION,
            context.database,
            dispatcher,
            context.hints,
            handlers,
            together={CallbackAccepted: in_turn(handlers[CallbackAccepted])},
            apart=True,
        )
        self.timers = TimerWorker(
            Server.APPLICATION,
            context.database,
            dispatcher,
            context.hints,
            {
                "reply": self._remind,
                ABANDONED: offer_again,
                CHANNEL: self.sender.fire,
                NUMBER_CODE: self.codes.fire,
                WEBHOOK: self._sender.fire,
                MAIL: self.mail.fire,
            },
            lease=lease,
        )

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in (
                    self.messages,
                    self.timers,
                    self.sender,
                    self.codes,
                    self._sender,
                    self.mail,
                    self._forgetting,
                ):
                    group.create_task(part.run())
        finally:
            for task in self._replies:
                task.cancel()
            await self._context.poster.close()

    def start_reply(self, key: ChatKey, seq: int) -> None:
        """Answer a customer's message in the background; its timer stands behind it."""
        task = asyncio.create_task(self._reply(key, seq))
        self._replies.add(task)
        task.add_done_callback(self._replies.discard)

    async def replied(self) -> None:
        """Wait for the answers under way."""
        while self._replies:
            await asyncio.gather(*self._replies, return_exceptions=True)

    async def _reply(self, key: ChatKey, seq: int) -> None:
        turn = self._in_order.setdefault(key.chat, asyncio.Lock())  # fair: in the order the messages came
        try:
            async with turn, asyncio.timeout(20):
                await reply(self._context, key, seq)
        except (*RETRYABLE, RingbackError) as error:
            log.warning("reply_later", error=type(error).__name__)  # its timer stands
        except Exception as error:
            log.error("reply_failed", chat=str(key.chat), exc_info=error)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                await give_up(self._context, key, seq)

    async def _remind(self, tx: Transaction, timer: Timer) -> None:
        await remind_of_reply(tx, timer)
        key = ChatKey(business=timer.business, chat=ChatId(timer.subject))
        tx.after_commit(lambda: self.start_reply(key, timer.n))
