"""What a customer's keys, a machine with a message and a transfer do to callbacks and agents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ringback.domain.commands import AnswerQuestion, HandCustomerOver, PerformCallback, TransferCustomer
from ringback.domain.events import AgentFreed, AttemptMissed, CallbackFinished
from ringback.domain.ids import AgentId, CallbackId, QueueId
from ringback.domain.status import Outcome
from tests.workflows.interaction_manager.floor import Floor, new_command

MENU = {"telephony": {"customer_menu": "Press 1, 2 or 9.", "later_after": 1200, "accept_key": "1"}}


async def directed(floor: Floor, **policy: Any) -> tuple[CallbackId, PerformCallback, QueueId]:
    queue = await floor.queue(policy={**MENU, **policy})
    await floor.agent("kim", queue)
    callback = await floor.book()
    await floor.settle()
    return callback, floor.last(PerformCallback), queue


async def talking(floor: Floor) -> tuple[CallbackId, PerformCallback, QueueId]:
    callback, perform, queue = await directed(floor)
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.customer_rings(perform)
    await floor.joins(perform, epoch)
    return callback, perform, queue


async def test_a_queue_s_telephony_travels_with_the_direction(floor: Floor) -> None:
    _, perform, _ = await directed(floor)
    assert (perform.handling.accept_key, perform.handling.customer_menu) == ("1", "Press 1, 2 or 9.")


async def test_a_customer_who_presses_2_is_called_later_and_told_so(floor: Floor) -> None:
    callback, perform, _ = await directed(floor)
    await floor.ends(perform, Outcome.DECLINED, detail="later", may_have_rung=True)
    row = await floor.callback(callback)
    assert row["state"] == "waiting"
    assert timedelta(minutes=19) < row["ready_at"] - await floor.now() < timedelta(minutes=21)
    missed = floor.last(AttemptMissed)
    assert missed.question is None
    assert missed.next_window is not None


async def test_a_customer_who_presses_9_is_never_called_again(floor: Floor) -> None:
    callback, perform, _ = await directed(floor)
    await floor.ends(perform, Outcome.DECLINED, detail="never", may_have_rung=True)
    assert (await floor.callback(callback))["state"] == "closed"
    assert floor.last(CallbackFinished).reason == "asked_never"
    assert await floor.sql("SELECT 1 FROM do_not_call WHERE number = $1", perform.customer.address)


async def test_who_meets_a_machine_with_a_message_is_free_before_it_is_left(floor: Floor) -> None:
    callback, perform, _ = await talking(floor)
    await floor.say(freed(perform, await floor.now(), "message"))
    assert (await floor.agent_state(perform.agent))["state"] == "available"
    assert (await floor.callback(callback))["state"] == "talking"
    now = await floor.now()
    await floor.ends(perform, Outcome.MACHINE, joined_at=now, answered_at=now, rang_at=now, may_have_rung=True)
    assert (await floor.callback(callback))["state"] == "waiting"


async def test_a_customer_is_handed_to_a_free_agent_and_the_first_wraps_up(floor: Floor) -> None:
    callback, perform, queue = await talking(floor)
    lee = await floor.agent("lee", queue)
    done = await floor.command(callback, transfer(perform, to_agent=lee))
    assert done.problem is None
    order = floor.last(HandCustomerOver)
    assert (order.agent, order.attempt) == (lee, perform.attempt)
    assert (await floor.agent_state(lee))["state"] == "reserved"
    await floor.say(freed(perform, await floor.now(), "transferred"))
    assert (await floor.agent_state(perform.agent))["state"] == "wrap_up"
    await floor.agent_accepts(perform, lee)
    assert (await floor.agent_state(lee))["state"] == "on_a_call"
    now = await floor.now()
    await floor.ends(
        perform, Outcome.TALKED, agent=lee, joined_at=now, answered_at=now, rang_at=now, may_have_rung=True
    )
    assert (await floor.callback(callback))["state"] == "done"
    assert (await floor.agent_state(lee))["state"] == "wrap_up"


async def test_with_nobody_free_a_transfer_is_refused_and_the_talk_goes_on(floor: Floor) -> None:
    callback, perform, queue = await talking(floor)
    refused = await floor.command(callback, transfer(perform, to_queue=queue))
    assert refused.problem == "nobody-free"
    assert floor.count(HandCustomerOver) == 0
    assert (await floor.agent_state(perform.agent))["state"] == "on_a_call"
    busy = await floor.agent("lee", queue, state="paused")
    assert (await floor.command(callback, transfer(perform, to_agent=busy))).problem == "nobody-free"


async def test_an_agent_who_does_not_take_a_transfer_is_followed_by_the_next(floor: Floor) -> None:
    callback, perform, queue = await talking(floor)
    lee, mia = await floor.agent("lee", queue), await floor.agent("mia", queue)
    await floor.command(callback, transfer(perform, to_agent=lee))
    await floor.agent_needed(perform, lee, "no_answer")
    assert (await floor.agent_state(lee))["state"] == "not_responding"
    assert (await floor.agent_state(mia))["state"] == "reserved"
    assert (await floor.callback(callback))["state"] == "talking"


async def test_a_call_that_was_cut_off_is_made_again_at_once_when_the_customer_taps(floor: Floor) -> None:
    callback, perform, _ = await directed(floor, retry={"dropped": [30]})
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    joined = await floor.joins(perform, epoch)
    await floor.ends(perform, Outcome.DROPPED, rang_at=joined, answered_at=joined, joined_at=joined, may_have_rung=True)
    await floor.settle()
    assert floor.count(PerformCallback) == 1, "it waits for its half minute"
    await floor.order(callback, AnswerQuestion(callback=callback, question="declined", answer="again"))
    await floor.settle()
    again = floor.last(PerformCallback)
    assert (again.number, again.callback) == (2, callback)
    assert again.not_before <= await floor.now()


def freed(perform: PerformCallback, at: Any, why: str) -> AgentFreed:
    return AgentFreed(callback=perform.callback, attempt=perform.attempt, agent=perform.agent, at=at, why=why)


def transfer(
    perform: PerformCallback, *, to_agent: AgentId | None = None, to_queue: QueueId | None = None
) -> TransferCustomer:
    return TransferCustomer(
        command=new_command(), callback=perform.callback, attempt=perform.attempt, agent=perform.agent,
        to_agent=to_agent, to_queue=to_queue,
    )  # fmt: skip
