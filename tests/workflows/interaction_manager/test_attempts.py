"""What an attempt's events do to callback, agent, promise and gate; each outcome by its own rule; messages twice change nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ringback.domain.commands import AnswerQuestion, EndAttempt, OfferAgent, PerformCallback
from ringback.domain.events import AttemptMissed, CallbackFinished
from ringback.domain.ids import CallbackId
from ringback.domain.status import Outcome, Server
from ringback.interaction_manager.worker import InteractionManager
from ringback.postgres.messages import send
from tests.workflows.interaction_manager.floor import Floor


async def calling(floor: Floor, **policy: object) -> tuple[CallbackId, PerformCallback]:
    billing = await floor.queue(policy=dict(policy))
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    return callback, floor.last(PerformCallback)


async def make_due(floor: Floor, callback: CallbackId) -> None:
    """Let a retry's time come."""
    await floor.sql("UPDATE callback SET ready_at = now(), window_start = now() WHERE id = $1", callback)
    await floor.sql("UPDATE promise SET window_start = now() WHERE callback = $1 AND result = 'open'", callback)
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()


async def test_a_talk_keeps_the_promise_and_ends_in_a_wrap_up(floor: Floor) -> None:
    callback, perform = await calling(floor)
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    assert (await floor.agent_state(perform.agent))["state"] == "on_a_call"
    rang = await floor.customer_rings(perform)
    answered = await floor.joins(perform, epoch)
    assert (await floor.callback(callback))["state"] == "talking"
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["first_ring_at"], promise["answered_at"]) == ("kept", rang, answered)
    await floor.ends(
        perform, Outcome.TALKED, rang_at=rang, answered_at=answered, joined_at=answered + timedelta(seconds=1)
    )
    row = await floor.callback(callback)
    assert (row["state"], row["outcome"], row["customer_attempts"]) == ("done", "talked", 1)
    assert (await floor.gate(callback))["state"] == "closed"
    agent = await floor.agent_state(perform.agent)
    assert (agent["state"], agent["callback"]) == ("wrap_up", callback)
    finished = floor.last(CallbackFinished)
    assert (finished.reason, finished.talked_for is not None) == ("talked", True)
    handled = (await floor.sql("SELECT * FROM handled"))[0]
    assert handled["talk_ended_at"] is not None and handled["wrapped_at"] is None
    assert await floor.timers(callback) == set()
    states = [row["state"] for row in await floor.sql("SELECT state FROM agent_time ORDER BY began_at")]
    assert states == ["available", "reserved", "on_a_call"]


async def test_no_answer_twice_is_retried_after_five_and_thirty_minutes_then_closed(floor: Floor) -> None:
    callback, perform = await calling(floor)
    waits: list[int] = []
    row = await floor.callback(callback)
    while row["state"] != "closed":
        await floor.agent_rings(perform)
        await floor.agent_accepts(perform)
        rang = await floor.customer_rings(perform)
        await floor.ends(perform, Outcome.NO_ANSWER, rang_at=rang, may_have_rung=True)
        missed = floor.last(AttemptMissed)
        row = await floor.callback(callback)
        if missed.next_window is None:
            continue
        waits.append(round((missed.next_window.start - await floor.now()).total_seconds() / 60))
        assert row["ready_at"] == missed.next_window.start
        assert (await floor.gate(callback))["due_version"] == row["due_version"]
        assert {"promise", "risk"} <= await floor.timers(callback)
        await make_due(floor, callback)
        perform = floor.last(PerformCallback)
    assert waits == [5, 30]
    assert (row["reason"], row["customer_attempts"]) == ("nobody answered; 3 attempts were made", 3)
    assert floor.last(CallbackFinished).reason == "attempts_used"
    assert [(p["kind"], p["result"]) for p in await floor.promises(callback)] == [
        ("first", "kept"), ("retry", "kept"), ("retry", "kept"),
    ]  # fmt: skip
    assert (await floor.agent_state(perform.agent))["state"] == "available"


@pytest.mark.parametrize(
    ("outcome", "minutes"),
    [(Outcome.BUSY, 5), (Outcome.MACHINE, 60), (Outcome.UNREACHABLE, 15), (Outcome.CUSTOMER_ABSENT, 5)],
)
async def test_each_outcome_waits_its_own_time(floor: Floor, outcome: Outcome, minutes: int) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, outcome, may_have_rung=outcome is Outcome.MACHINE)
    missed = floor.last(AttemptMissed)
    assert missed.next_window is not None
    assert round((missed.next_window.start - await floor.now()).total_seconds() / 60) == minutes
    assert (await floor.callback(callback))["customer_attempts"] == 1


async def test_a_carrier_failure_costs_nothing_and_the_promise_goes_on(floor: Floor) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, Outcome.CARRIER_FAILURE)
    row = await floor.callback(callback)
    assert (row["state"], row["customer_attempts"]) == ("waiting", 0)
    assert round((row["ready_at"] - await floor.now()).total_seconds()) == 30
    assert [p["result"] for p in await floor.promises(callback)] == ["open"]
    assert floor.count(AttemptMissed) == 0


@pytest.mark.parametrize(("outcome", "result"), [(Outcome.DECLINED, "kept"), (Outcome.UNKNOWN, "broken")])
async def test_declined_and_unknown_are_asked_about_and_never_redialled_by_themselves(
    floor: Floor, outcome: Outcome, result: str
) -> None:
    callback, perform = await calling(floor)
    rang = await floor.customer_rings(perform) if outcome is Outcome.DECLINED else None
    await floor.ends(perform, outcome, rang_at=rang, may_have_rung=True)
    row = await floor.callback(callback)
    assert (row["state"], floor.last(AttemptMissed).question) == ("asking", outcome.value)
    promise = (await floor.promises(callback))[0]
    assert promise["result"] == result
    assert promise["cause"] == ("unknown" if outcome is Outcome.UNKNOWN else None)
    assert "asking" in await floor.timers(callback)
    await floor.sql("UPDATE due SET due_at = now()")
    await floor.settle()
    assert floor.count(PerformCallback) == 1
    assert (await floor.callback(callback))["state"] == "closed"
    assert floor.last(CallbackFinished).reason == "no_reply"
    assert (await floor.promises(callback))[0]["result"] == result


async def answer(floor: Floor, callback: CallbackId, question: str, reply: str) -> None:
    async with floor.databases.application.transaction(floor.business, name="answer") as tx:
        await send(
            tx,
            floor.business,
            Server.INTERACTIONS,
            callback,
            AnswerQuestion(callback=callback, question=question, answer=reply),
        )
    await floor.settle()


async def test_my_phone_did_not_ring_calls_again_at_once_with_a_promise_of_its_own(floor: Floor) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, Outcome.UNKNOWN, may_have_rung=True)
    await answer(floor, callback, "unknown", "did_not_ring")
    again = floor.last(PerformCallback)
    assert (again.number, again.callback) == (2, callback)
    assert [(p["kind"], p["result"]) for p in await floor.promises(callback)] == [
        ("first", "broken"),
        ("retry", "open"),
    ]
    assert "asking" not in await floor.timers(callback)


async def test_my_phone_rang_waits_as_after_a_call_nobody_answered(floor: Floor) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, Outcome.UNKNOWN, may_have_rung=True)
    await answer(floor, callback, "unknown", "rang")
    row = await floor.callback(callback)
    assert row["state"] == "waiting"
    assert round((row["ready_at"] - await floor.now()).total_seconds()) == 300


async def test_declined_and_no_more_calls_wanted_is_cancelled_by_the_customer(floor: Floor) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, Outcome.DECLINED, may_have_rung=True)
    await answer(floor, callback, "declined", "close")
    assert (await floor.callback(callback))["state"] == "cancelled"
    assert floor.last(CallbackFinished).reason == "closed_by_customer"


async def test_an_invalid_number_is_never_tried_again(floor: Floor) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, Outcome.INVALID_NUMBER)
    assert (await floor.callback(callback))["state"] == "closed"
    assert floor.last(CallbackFinished).reason == "invalid_number"
    assert (await floor.promises(callback))[0]["cause"] is not None


async def test_a_broken_connection_is_tried_once_more_within_a_minute_by_the_same_agent(floor: Floor) -> None:
    callback, perform = await calling(floor, retry={"dropped": [0.5]})
    for number in (1, 2):
        assert perform.number == number
        epoch = await floor.agent_rings(perform)
        await floor.agent_accepts(perform)
        rang = await floor.customer_rings(perform)
        answered = await floor.joins(perform, epoch)
        await floor.ends(
            perform, Outcome.DROPPED, rang_at=rang, answered_at=answered, joined_at=answered + timedelta(seconds=1),
            may_have_rung=True,
        )  # fmt: skip
        if number == 1:
            missed = floor.last(AttemptMissed)
            assert missed.next_window is not None
            assert missed.next_window.end <= await floor.now() + timedelta(seconds=60)
            assert (await floor.agent_state(perform.agent))["state"] == "available"
            await make_due(floor, callback)
            perform = floor.last(PerformCallback)
    assert (await floor.callback(callback))["state"] == "done"
    assert floor.count(PerformCallback) == 2


async def test_a_machine_that_was_joined_is_no_talk_whatever_ends_the_next_attempt(floor: Floor) -> None:
    """The agent was put through to voicemail; who answers the second time decides for itself."""
    callback, perform = await calling(floor, retry={"machine": [60]})
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    joined = await floor.joins(perform, epoch)
    await floor.ends(perform, Outcome.MACHINE, rang_at=joined, answered_at=joined, joined_at=joined)
    assert (await floor.callback(callback))["state"] == "waiting"
    await make_due(floor, callback)
    again = floor.last(PerformCallback)
    assert again.number == 2
    epoch = await floor.agent_rings(again)
    await floor.agent_accepts(again)
    joined = await floor.joins(again, epoch)
    await floor.ends(again, Outcome.WRONG_PERSON, rang_at=joined, answered_at=joined, joined_at=joined)
    finished = floor.last(CallbackFinished)
    assert (finished.state, finished.reason, finished.talked_for) == ("closed", "wrong_person", None)


async def test_an_agent_who_does_not_answer_is_not_responding_and_the_next_one_is_offered(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing, idle_for=100)
    lee = await floor.agent("lee", billing, idle_for=10)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    assert perform.agent == kim
    epoch = await floor.agent_rings(perform)
    await floor.agent_needed(perform, kim)
    offer = floor.last(OfferAgent)
    assert (offer.agent, offer.attempt) == (lee, perform.attempt)
    assert (await floor.agent_state(kim))["state"] == "not_responding"
    row = await floor.callback(callback)
    assert (row["declined_by"], row["customer_attempts"], row["attempts"]) == ([kim], 0, 1)
    await floor.agent_accepts(perform, lee)
    rang = await floor.customer_rings(perform)
    answered = await floor.joins(perform, epoch, lee)
    await floor.ends(
        perform,
        Outcome.TALKED,
        agent=lee,
        rang_at=rang,
        answered_at=answered,
        joined_at=answered + timedelta(seconds=1),
    )
    assert (await floor.agent_state(lee))["state"] == "wrap_up"
    assert (await floor.callback(callback))["state"] == "done"


async def test_an_agent_who_declines_is_available_again_and_not_asked_again_while_another_is_there(
    floor: Floor,
) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing, idle_for=100)
    lee = await floor.agent("lee", billing, idle_for=10)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    await floor.agent_needed(perform, kim, "declined")
    assert (await floor.agent_state(kim))["state"] == "available"
    assert floor.last(OfferAgent).agent == lee
    await floor.agent_needed(perform, lee, "declined")
    assert floor.last(EndAttempt).reason == "no_agent"
    await floor.ends(perform, Outcome.AGENT_UNAVAILABLE, agent=None)
    row = await floor.callback(callback)
    assert (row["state"], row["customer_attempts"], row["attempt"]) == ("waiting", 0, None)
    assert [p["result"] for p in await floor.promises(callback)] == ["open"]
    assert floor.count(PerformCallback) == 1  # not rung again at once


async def test_nobody_is_asked_twice_in_one_attempt_however_long_it_takes(floor: Floor) -> None:
    billing = await floor.queue(policy={"retry": {"agent_unavailable": [0.5]}})
    kim = await floor.agent("kim", billing, idle_for=100)
    lee = await floor.agent("lee", billing, idle_for=10)
    await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    await floor.agent_needed(perform, kim, "declined")
    await floor.sql("UPDATE assignment SET ended_at = ended_at - interval '1 hour' WHERE agent = $1", kim)
    await floor.agent_needed(perform, lee, "declined")
    assert floor.count(OfferAgent) == 1 and floor.last(OfferAgent).agent == lee
    assert floor.last(EndAttempt).reason == "no_agent"


async def test_everybody_asked_and_nobody_else_there_is_rung_again_after_a_pause(floor: Floor) -> None:
    callback, perform = await calling(floor, retry={"agent_unavailable": [0.5]})
    await floor.agent_rings(perform)
    await floor.agent_needed(perform, perform.agent, "declined")
    await floor.ends(perform, Outcome.AGENT_UNAVAILABLE, agent=None)
    await floor.sql("UPDATE assignment SET ended_at = ended_at - interval '1 s'")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    again = floor.last(PerformCallback)
    assert (again.callback, again.number) == (callback, 2)


async def test_every_event_twice_changes_nothing(floor: Floor) -> None:
    callback, perform = await calling(floor)
    epoch = await floor.agent_rings(perform)
    for _ in range(2):
        await floor.agent_accepts(perform)
    rang = await floor.customer_rings(perform)
    await floor.customer_rings(perform)
    answered = await floor.joins(perform, epoch)
    ended = await floor.ends(
        perform, Outcome.TALKED, rang_at=rang, answered_at=answered, joined_at=answered + timedelta(seconds=1)
    )
    await floor.say(ended)
    await floor.say(ended)
    assert floor.count(CallbackFinished) == 1
    row = await floor.callback(callback)
    assert (row["state"], row["customer_attempts"]) == ("done", 1)
    assert (await floor.promises(callback))[0]["first_ring_at"] == rang
    assert len(await floor.sql("SELECT 1 FROM handled")) == 1


async def test_the_same_event_applied_by_two_managers_at_once_is_applied_once(floor: Floor) -> None:
    callback, perform = await calling(floor)
    await floor.ends(perform, Outcome.NO_ANSWER, may_have_rung=True)
    managers: list[InteractionManager] = [floor.manager, floor.another_manager()]
    await asyncio.gather(*(manager.drain() for manager in managers))
    assert len(await floor.promises(callback)) == 2
    assert (await floor.callback(callback))["customer_attempts"] == 1
