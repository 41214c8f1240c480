"""The interaction manager's worker: applies what it is told, fires what falls due, and sweeps once a minute. Any number may run."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping

import structlog

from ringback.domain.commands import (
    AnswerQuestion,
    BulkAct,
    CallNext,
    CancelCallback,
    EndWrapUp,
    ExtendWrapUp,
    ForgetPerson,
    ImportShifts,
    JoinWaitlist,
    MarkAway,
    MoveCallback,
    OfferMove,
    ReassignCallback,
    ReportOutside,
    RequestCallback,
    SetAgentState,
    SetLevers,
    SetPriority,
    TransferCustomer,
    WriteToCustomer,
)
from ringback.domain.destinations import DestinationKind
from ringback.domain.errors import CommitUnknown
from ringback.domain.events import (
    REMINDER,
    AgentAccepted,
    AgentFreed,
    AgentNeeded,
    AgentRings,
    AttemptEnded,
    CustomerAnswered,
    CustomerDialled,
    CustomerRings,
    Joined,
)
from ringback.domain.ids import BusinessId, QueueId
from ringback.domain.live_chat import AskPerson, EndChat, LeaveChat, PassChat, TakeChat
from ringback.domain.status import Server
from ringback.interaction_manager.assignment import WORK, queues_with_work
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.live_chats import LIVE_CHAT
from ringback.interaction_manager.operators import open_waitlists
from ringback.interaction_manager.outside import THROUGH, forget_interactions
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.strays import find_strays
from ringback.interaction_manager.workflows.act_in_bulk import act_in_bulk
from ringback.interaction_manager.workflows.answer_question import answer_question, nobody_answered
from ringback.interaction_manager.workflows.ask_about_agent import ask_about_agent
from ringback.interaction_manager.workflows.ask_still_needed import STILL_NEEDED, ask_still_needed
from ringback.interaction_manager.workflows.assign_agents import assign_agents
from ringback.interaction_manager.workflows.book_callback import book_callback, book_callbacks
from ringback.interaction_manager.workflows.call_next import call_next
from ringback.interaction_manager.workflows.cancel_callback import cancel_callback
from ringback.interaction_manager.workflows.close_day import close_day
from ringback.interaction_manager.workflows.direct_callback import Carriers
from ringback.interaction_manager.workflows.end_attempt import end_attempt
from ringback.interaction_manager.workflows.end_wrap_up import end_wrap_up, extend_wrap_up, wrap_up_is_over
from ringback.interaction_manager.workflows.forget_ledger import forget_ledger
from ringback.interaction_manager.workflows.forget_person import forget_person
from ringback.interaction_manager.workflows.free_agent import free_agent
from ringback.interaction_manager.workflows.get_through import get_through
from ringback.interaction_manager.workflows.import_shifts import answer_import
from ringback.interaction_manager.workflows.keep_waitlist import INVITE, invite_from_waitlist, put_on_waitlist
from ringback.interaction_manager.workflows.look_for_page import PAGE, look_for_page
from ringback.interaction_manager.workflows.mark_away import mark_away
from ringback.interaction_manager.workflows.mend_strays import mend_agents, mend_stray
from ringback.interaction_manager.workflows.move_callback import move_callback
from ringback.interaction_manager.workflows.narrow_window import NARROW, narrow_window
from ringback.interaction_manager.workflows.offer_move import offer_move, write_to_customer
from ringback.interaction_manager.workflows.offer_next_agent import offer_next_agent
from ringback.interaction_manager.workflows.raise_alerts import LOOK_AT_DAY, raise_alerts
from ringback.interaction_manager.workflows.reassign_callback import reassign_callback
from ringback.interaction_manager.workflows.record_attempt_event import (
    agent_accepted,
    agent_rings,
    customer_answered,
    customer_dialled,
    customer_rings,
    joined,
)
from ringback.interaction_manager.workflows.refresh_slots import refresh_slots
from ringback.interaction_manager.workflows.remind_customer import remind_customer
from ringback.interaction_manager.workflows.report_outside import report_outside
from ringback.interaction_manager.workflows.serve_chat import (
    ask_person,
    end_chat,
    leave_chat,
    nobody_came,
    pass_chat,
    take_chat,
)
from ringback.interaction_manager.workflows.set_agent_state import set_agent_state
from ringback.interaction_manager.workflows.set_levers import set_levers
from ringback.interaction_manager.workflows.set_priority import set_priority
from ringback.interaction_manager.workflows.settle_promise import settle_promise
from ringback.interaction_manager.workflows.transfer_customer import transfer_customer
from ringback.interaction_manager.workflows.warn_of_risk import check_risk, warn_queue
from ringback.interaction_manager.workflows.watch_presence import watch_presence
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.hints import Hints
from ringback.postgres.message_batches import Handler
from ringback.postgres.messages import MessageWorker
from ringback.postgres.sql import load_sql
from ringback.postgres.timers import LEASE, Timer, TimerHandler, TimerWorker

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "worker.sql")

MINUTE = 60.0
PRESENCE = 3.0


class InteractionManager:
    """Everything the interaction manager does in one process. `phone_carrier`: what rings telephones, if anything does."""

    def __init__(
        self,
        *,
        database: Database,
        dispatcher: Database,
        hints: Hints,
        phone_carrier: str | None = None,
        cache: SettingsCache | None = None,
        minute: float = MINUTE,
        lease: float = LEASE,
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._minute = minute
        self._cache = cache or SettingsCache()
        self._carriers: Carriers = {DestinationKind.BROWSER: "browser"} | (
            {DestinationKind.PHONE: phone_carrier} if phone_carrier else {}
        )
        self.strays_mended = 0
        self.messages = MessageWorker(
            Server.INTERACTIONS,
            database,
            dispatcher,
            hints,
            self._handlers(),
            together={RequestCallback: functools.partial(book_callbacks, self._cache)},
        )
        self.timers = TimerWorker(Server.INTERACTIONS, database, dispatcher, hints, self._timer_handlers(), lease=lease)

    def _handlers(self) -> Mapping[type, Handler]:
        return {
            RequestCallback: functools.partial(book_callback, self._cache),
            MoveCallback: functools.partial(move_callback, self._cache),
            CancelCallback: cancel_callback,
            ReassignCallback: reassign_callback,
            CallNext: call_next,
            BulkAct: functools.partial(act_in_bulk, self._cache),
            OfferMove: offer_move,
            WriteToCustomer: write_to_customer,
            MarkAway: functools.partial(mark_away, self._cache),
            AnswerQuestion: answer_question,
            SetAgentState: set_agent_state,
            EndWrapUp: end_wrap_up,
            ExtendWrapUp: extend_wrap_up,
            SetLevers: set_levers,
            SetPriority: set_priority,
            ForgetPerson: forget_person,
            ReportOutside: report_outside,
            ImportShifts: answer_import,
            JoinWaitlist: functools.partial(put_on_waitlist, self._cache),
            AskPerson: ask_person,
            TakeChat: take_chat,
            EndChat: end_chat,
            LeaveChat: leave_chat,
            PassChat: pass_chat,
            AgentRings: agent_rings,
            AgentAccepted: agent_accepted,
            AgentFreed: free_agent,
            TransferCustomer: transfer_customer,
            AgentNeeded: offer_next_agent,
            CustomerDialled: customer_dialled,
            CustomerRings: customer_rings,
            CustomerAnswered: customer_answered,
            Joined: joined,
            AttemptEnded: end_attempt,
        }

    def _timer_handlers(self) -> Mapping[str, TimerHandler]:
        return {
            WORK: self._work,
            "promise": functools.partial(settle_promise, cache=self._cache),
            "risk": functools.partial(check_risk, cache=self._cache),
            "asking": nobody_answered,
            STILL_NEEDED: ask_still_needed,
            LOOK_AT_DAY: self._look_at_day,
            INVITE: self._invite,
            REMINDER: remind_customer,
            PAGE: look_for_page,
            THROUGH: get_through,
            LIVE_CHAT: nobody_came,
            "wrap_up": wrap_up_is_over,
            NARROW: functools.partial(narrow_window, cache=self._cache),
        }

    async def _work(self, tx: Transaction, timer: Timer) -> None:
        await assign_agents(tx, timer.business, QueueId(timer.subject), carriers=self._carriers)

    async def _look_at_day(self, tx: Transaction, timer: Timer) -> None:
        await refresh_slots(self._cache, tx, timer.business)
        await raise_alerts(tx, timer.business)

    async def _invite(self, tx: Transaction, timer: Timer) -> None:
        await invite_from_waitlist(self._cache, tx, timer.business, QueueId(timer.subject))

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.messages.run())
            group.create_task(self.timers.run())
            group.create_task(self._every(PRESENCE, self.watch_presence))
            group.create_task(self._every(self._minute, self.sweep))

    async def drain(self) -> None:
        """Apply and fire all there is now: for tests."""
        await self.messages.drain()
        await self.timers.drain()
        await self.messages.drain()

    # ------------------------------------------------------------------ what is looked at by the clock alone

    async def _every(self, seconds: float, act: Callable[[BusinessId], Awaitable[None]]) -> None:
        while True:
            for business in await self._businesses():
                try:
                    await act(business)
                except (*RETRYABLE, CommitUnknown) as error:
                    log.info("sweep_again", error=type(error).__name__)
                except Exception as error:  # the next round tries again; one business never stops another
                    log.error("sweep_failed", business=str(business), exc_info=error)
            await asyncio.sleep(seconds)

    async def _businesses(self) -> list[BusinessId]:
        try:
            async with self._dispatcher.transaction(name="find_businesses") as tx:
                return [BusinessId(row["id"]) for row in await tx.rows(SQL["businesses"])]
        except (*RETRYABLE, CommitUnknown) as error:
            log.warning("database_away", server=Server.INTERACTIONS, error=type(error).__name__)
            return []

    async def watch_presence(self, business: BusinessId) -> None:
        """Take agents off duty whose pages are gone."""
        async with self._database.transaction(business, name="watch_presence") as tx:
            timeout = await tx.value(SQL["presence_timeout"], business=business)
            gone = await watch_presence(tx, business, timeout=timeout or Policy().presence_timeout)
        if gone:
            log.info("agents_gone", business=str(business), count=gone)

    async def sweep(self, business: BusinessId) -> None:
        """Look at everything that no timer of its own wakes: the end of the day, promises at risk, strays."""
        await self.mend(business)
        async with self._database.transaction(business, name="refresh_slots") as tx:
            await refresh_slots(self._cache, tx, business)
        async with self._database.transaction(business, name="find_waitlists") as tx:
            listed = await open_waitlists(tx, business)
        for queue in listed:
            async with self._database.transaction(business, name="invite_from_waitlist") as tx:
                await invite_from_waitlist(self._cache, tx, business, queue)
        async with self._database.transaction(business, name="forget_outside") as tx:
            await forget_interactions(tx, business)
        async with self._database.transaction(business, name="forget_ledger") as tx:
            await forget_ledger(tx, business)
        async with self._database.transaction(business, name="find_queues") as tx:
            queues = [queue for queue, _ in await queues_with_work(tx, business)]
        for queue in queues:
            async with self._database.transaction(business, name="close_day") as tx:
                await close_day(tx, business, queue)
            async with self._database.transaction(business, name="warn_of_risk") as tx:
                await warn_queue(tx, business, queue, self._cache)
        async with self._database.transaction(business, name="ask_about_agent") as tx:
            await ask_about_agent(tx, business)
        async with self._database.transaction(business, name="raise_alerts") as tx:
            await raise_alerts(tx, business)

    async def mend(self, business: BusinessId) -> int:
        """Find and mend what nothing would wake; return how many there were."""
        async with self._database.transaction(business, name="find_strays") as tx:
            strays = await find_strays(tx, business)
        mended = 0
        for stray in strays:
            async with self._database.transaction(business, name="mend_stray") as tx:
                mended += await mend_stray(tx, business, stray)
        async with self._database.transaction(business, name="mend_agents") as tx:
            mended += await mend_agents(tx, business)
        if mended:
            self.strays_mended += mended
            log.warning("strays_mended", business=str(business), count=mended)
        return mended
