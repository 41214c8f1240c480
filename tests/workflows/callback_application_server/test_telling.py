"""What happens to a callback, told in the chat it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ringback.domain.commands import AnswerQuestion, CancelCallback, Estimate, MoveCallback, PromiseMade
from ringback.domain.events import (
    AgentRings,
    AttemptEnded,
    AttemptMissed,
    CallbackChanged,
    CallbackFinished,
    CustomerDialled,
    GotThrough,
    Joined,
    PromiseAtRisk,
)
from ringback.domain.ids import AgentId, AttemptId, CallbackId, LegId, new_id
from ringback.domain.status import CallbackState, Outcome, Party
from ringback.domain.times import TimeWindow
from tests.workflows.callback_application_server.lobby import Lobby, Visitor, identity

KIM = AgentId(new_id())
ATTEMPT = AttemptId(new_id())


def dialled(callback: CallbackId, lobby: Lobby) -> CustomerDialled:
    return CustomerDialled(callback=callback, attempt=ATTEMPT, leg=LegId(new_id()), agent_name="Kim", at=lobby.now())


def joined(callback: CallbackId, lobby: Lobby) -> Joined:
    return Joined(callback=callback, attempt=ATTEMPT, agent=KIM, agent_name="Kim", at=lobby.now())


def missed(callback: CallbackId, lobby: Lobby, outcome: Outcome, **more: Any) -> AttemptMissed:
    now = lobby.now()
    again = TimeWindow(start=now + timedelta(minutes=5), end=now + timedelta(minutes=15))
    return AttemptMissed(
        callback=callback, attempt=ATTEMPT, number=1, outcome=outcome, at=now, **{"next_window": again, **more}
    )


async def test_who_talked_with_us_briefly_is_asked_whether_the_call_is_still_needed(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    event = GotThrough(callback=callback, queue_name="Billing", at=lobby.now(), talked_for=20.0)
    await lobby.tell(callback, event)
    assert "Do you still need our call? If you do nothing, we call as promised." in (await visitor.texts())[-1]
    assert (await visitor.choose("No, cancel it")).status_code < 300
    assert [each.callback for each in lobby.asked_for(CancelCallback)] == [callback]


async def test_who_got_through_reads_that_no_phone_will_ring(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    finished = CallbackFinished(callback=callback, state=CallbackState.CANCELLED, reason="got_through")
    await lobby.tell(callback, finished)
    assert (await visitor.texts())[-1] == "You got through to us, so we will not call. No phone will ring."


async def test_next_calling_talking_done(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    steps = []
    rings = AgentRings(
        callback=callback, attempt=ATTEMPT, agent=KIM, agent_name="Kim", leg=LegId(new_id()), at=lobby.now()
    )
    for event in (rings, dialled(callback, lobby), joined(callback, lobby)):
        await lobby.tell(callback, event)
        card = await visitor.card()
        assert card is not None
        steps.append((card["state"], card["step"], card["can_cancel"], card["cannot"]))
    assert steps == [
        ("next", 1, True, None),
        ("calling", 2, True, None),
        ("talking", 3, False, "You are connected. Hang up to end the call."),
    ]
    ended = AttemptEnded(
        callback=callback, attempt=ATTEMPT, number=1, outcome=Outcome.TALKED, at=lobby.now(), agent=KIM,
        ended_by=Party.CUSTOMER, joined_at=lobby.now(),
    )  # fmt: skip
    done = CallbackFinished(callback=callback, state=CallbackState.DONE, reason="talked", talked_for=368.0)
    await lobby.tell(callback, ended, done)
    lines = await visitor.lines()
    assert [status for status, _ in lines] == ["booked", "next", "calling", "joined", "ended", "done"]
    texts = [text for _, text in lines]
    assert "You are next." in texts and "Kim is calling you now." in texts and "The call has ended." in texts
    assert texts[-1].startswith("We spoke at ") and texts[-1].endswith(" for 6 min.")
    card = await visitor.card()
    assert card is not None and card["state"] == "done" and not card["can_move"]


async def test_a_time_that_comes_near_is_said_and_a_page_that_was_closed_too(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    window = TimeWindow(start=lobby.now() + timedelta(minutes=15), end=lobby.now() + timedelta(minutes=30))
    promise = PromiseMade(window=window, early_is_fine=False)
    for why in ("reminder", "page_absent"):
        await lobby.tell(
            callback, CallbackChanged(callback=callback, state=CallbackState.WAITING, promise=promise, why=why)
        )
    said = [text for status, text in await visitor.lines() if status == "soon"]
    assert len(said) == 2 and said[0].startswith("We call you ")
    assert said[1].startswith("We call on this page ") and said[1].endswith("Keep it open, or pick another time.")
    lobby.pass_time(timedelta(minutes=31))
    assert "soon" not in [status for status, _ in await visitor.lines()], "it is no news any more"


async def test_whoever_was_next_hears_that_calls_are_paused(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    promise = await promise_of(lobby, minutes=1)
    waits = CallbackChanged(callback=callback, state=CallbackState.WAITING, promise=promise, place=1, line=7)
    await lobby.tell(callback, waits)
    card = await visitor.card()
    assert card is not None and card["title"] == "You are next"
    await lobby.tell(callback, replace(waits, place=None, line=None, why="dialling_stopped"))
    assert (await visitor.texts())[-1] == "Calls are paused at the moment. You keep your place."
    card = await visitor.card()
    assert card is not None and card["title"] == "Callback booked"


async def test_calling_you_now_is_not_told_after_the_fact(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    await lobby.tell(callback, dialled(callback, lobby))
    assert ("calling", "Kim is calling you now.") in await visitor.lines()
    lobby.pass_time(timedelta(minutes=2))
    assert "calling" not in [status for status, _ in await visitor.lines()]
    assert "booked" in [status for status, _ in await visitor.lines()], "what must be known stays"


async def test_a_place_that_moved_a_little_changes_the_card_and_says_nothing(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    said = len(await visitor.texts())
    promise = await promise_of(lobby, minutes=1)
    await lobby.tell(
        callback, CallbackChanged(callback=callback, state=CallbackState.WAITING, promise=promise, place=2, line=7)
    )
    card = await visitor.card()
    assert card is not None and {"label": "Your place", "value": "2nd of 7"} in card["lines"]
    assert len(await visitor.texts()) == said


async def test_an_estimate_that_moved_by_more_than_five_minutes_is_told(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    promise = await promise_of(lobby, minutes=6)
    await lobby.tell(
        callback, CallbackChanged(callback=callback, state=CallbackState.WAITING, promise=promise, place=3, line=7)
    )
    status, text = (await visitor.lines())[-1]
    assert status == "changed" and text.startswith("It now looks like ") and ", still by " in text


async def promise_of(lobby: Lobby, *, minutes: int) -> PromiseMade:
    """The promise that was made, with an estimate that many minutes later."""
    now = lobby.now()
    return PromiseMade(
        window=TimeWindow(start=now, end=now + timedelta(minutes=18)),
        early_is_fine=True,
        estimate=Estimate(
            p10=now + timedelta(minutes=6 + minutes),
            p50=now + timedelta(minutes=7 + minutes),
            p90=now + timedelta(minutes=9 + minutes),
        ),
    )


async def late(lobby: Lobby, visitor: Visitor) -> CallbackId:
    callback = await visitor.book()
    now = lobby.now()
    estimate = Estimate(
        p10=now + timedelta(minutes=26), p50=now + timedelta(minutes=30), p90=now + timedelta(minutes=33)
    )
    window = TimeWindow(start=now, end=now + timedelta(minutes=18))
    await lobby.tell(callback, PromiseAtRisk(callback=callback, window=window, estimate=estimate, notice=1))
    return callback


async def test_late_is_told_with_keep_move_and_cancel(lobby: Lobby, visitor: Visitor):
    await late(lobby, visitor)
    text = (await visitor.texts())[-1]
    assert text.startswith("We are running late. It now looks like ")
    assert "We said by " in text and text.endswith("If you do nothing, we keep your place.")
    prompt = await visitor.prompt()
    assert prompt["kind"] == "late"
    assert [each["label"] for each in prompt["options"]] == [
        "Keep my place",
        "Move to another time",
        "Cancel the callback",
    ]
    await visitor.choose("Keep my place")
    (answer,) = lobby.asked_for(AnswerQuestion)
    assert (answer.question, answer.answer) == ("late", "keep")


async def test_late_and_cancelled_from_there(lobby: Lobby, visitor: Visitor):
    await late(lobby, visitor)
    prompt = await visitor.prompt()
    token = next(each["token"] for each in prompt["options"] if each["label"] == "Cancel the callback")
    assert (await lobby_does(lobby, visitor.post("/answers", {"token": token}))).status_code == 200
    assert (await visitor.lines())[-1] == ("cancelled", "Cancelled. No phone will ring.")


async def test_no_answer_and_the_next_try_is_told_as_one(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    await lobby.tell(callback, missed(callback, lobby, Outcome.NO_ANSWER))
    text = (await visitor.texts())[-1]
    assert text.startswith("No answer at ") and " We ring again " in text and "–" in text
    for tried, words in ((2, ", try 2 of 3."), (3, ", our last try.")):
        await lobby.tell(callback, missed(callback, lobby, Outcome.BUSY, next_try=tried, tries=3))
        assert (await visitor.texts())[-1].endswith(words), (await visitor.texts())[-1]
    prompt = await visitor.prompt()
    assert prompt["kind"] == "missed" and prompt["options"][0]["label"].startswith("Keep ")


async def test_busy_has_words_of_its_own(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    await lobby.tell(callback, missed(callback, lobby, Outcome.BUSY))
    assert (await visitor.texts())[-1].startswith("The line was busy at ")


async def test_what_cannot_be_known_is_asked(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    await lobby.tell(callback, missed(callback, lobby, Outcome.UNKNOWN, next_window=None, question="unknown"))
    text = (await visitor.texts())[-1]
    assert text.startswith("Did your phone ring? Our line dropped at ")
    assert text.endswith("We cannot tell if it rang, so we will not ring again until you answer.")
    card = await visitor.card()
    assert card is not None and card["state"] == "unknown"
    await visitor.choose("No, please call me")
    (answer,) = lobby.asked_for(AnswerQuestion)
    assert (answer.callback, answer.question, answer.answer) == (callback, "unknown", "did_not_ring")


async def test_declined_is_asked_too(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    await lobby.tell(callback, missed(callback, lobby, Outcome.DECLINED, next_window=None, question="declined"))
    await visitor.choose("No more calls")
    (answer,) = lobby.asked_for(AnswerQuestion)
    assert (answer.question, answer.answer) == ("declined", "close")


async def test_closed_by_us_is_told_with_a_way_on(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    await lobby.tell(callback, CallbackFinished(callback=callback, state=CallbackState.CLOSED, reason="attempts_used"))
    assert (await visitor.lines())[-1][1] == "That was our last try. No phone will ring."
    assert (await visitor.texts())[-1].startswith("Pick a new time when it suits you")
    await visitor.say("please call me asap")
    assert (await visitor.prompt())["kind"] == "confirm", "a new one can be asked for"


async def test_cancel_from_the_card(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    request = visitor.post("/callback/cancel")
    assert (await lobby_does(lobby, request)).status_code == 200
    (command,) = lobby.asked_for(CancelCallback)
    assert command.callback == callback and command.by == f"chat:{visitor.chat}"
    assert (await visitor.lines())[-1] == ("cancelled", "Cancelled. No phone will ring.")
    card = await visitor.card()
    assert card is not None and card["state"] == "cancelled" and card["headline"] == "No phone will ring."


async def test_cancelled_is_not_said_before_it_is_so(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    changed = CallbackChanged(
        callback=callback, state=CallbackState.CANCELLING, promise=await promise_of(lobby, minutes=0)
    )
    await lobby.tell(callback, changed)
    card = await visitor.card()
    assert card is not None and card["state"] == "cancelling" and card["title"] == "Cancelling…"
    assert not any("No phone will ring" in text for text in await visitor.texts())


async def test_connected_is_too_late_to_cancel(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    lobby.manager.connected.add(callback)
    response = await lobby_does(lobby, visitor.post("/callback/cancel"))
    assert response.status_code == 409
    assert response.json()["type"].endswith("/connected")
    assert response.json()["detail"] == "You are connected. Hang up to end the call."
    card = await visitor.card()
    assert card is not None and card["state"] == "talking"


async def test_move_keeps_the_place_until_the_new_one_is_certain(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    assert (await visitor.post("/callback/move")).status_code == 200
    assert "Your place is kept until then." in (await visitor.texts())[-1]
    await visitor.choose("Pick a time")
    await visitor.choose("09:00")
    submit = (await visitor.prompt())["options"][0]["label"]
    prompt = await visitor.prompt()
    assert prompt["title"] == "Move your callback?"
    request = visitor.post("/answers", {"token": prompt["options"][0]["token"]})
    assert (await lobby_does(lobby, request)).status_code == 200, submit
    (command,) = lobby.asked_for(MoveCallback)
    assert command.callback == callback and command.when.start == lobby.diary.start
    status, text = (await visitor.lines())[-1]
    assert status == "moved" and text.startswith("Moved: we call tomorrow") and "09:00–09:15" in text


async def test_a_move_to_a_time_that_went_meanwhile_leaves_all_as_it_was(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    await visitor.post("/callback/move")
    await visitor.choose("Pick a time")
    await visitor.choose("09:00")
    lobby.diary.slots[lobby.diary.start] = 0
    token = (await visitor.prompt())["options"][0]["token"]
    await lobby_does(lobby, visitor.post("/answers", {"token": token}))
    assert "Your callback stays as it is." in (await visitor.texts())[-1]
    card = await visitor.card()
    assert card is not None and card["state"] == "booked"


async def test_asking_again_shows_the_one_there_is(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    await visitor.say("can someone call me at 4pm tomorrow?")
    text = (await visitor.texts())[-1]
    assert text.startswith("You have a callback by ") and text.endswith("Move it or cancel it here.")
    assert [each["label"] for each in (await visitor.prompt())["options"]] == ["Move it", "Cancel it", "Keep it"]
    assert len(await lobby.sql("SELECT id FROM callback_request")) == 1


async def test_one_is_open_in_another_chat_of_the_same_person(lobby: Lobby):
    """It is shown here too, moves with it, and can be cancelled from here."""
    token = identity({"sub": "customer-7", "exp": (lobby.now() + timedelta(hours=1)).timestamp()})
    first, second = await lobby.visitor(identity=token), await lobby.visitor(identity=token)
    callback = await first.book()
    await second.say("please call me asap")
    await second.choose((await second.prompt())["submit"], consent=True)
    assert (await second.texts())[-1].startswith("You have a callback by ")
    await lobby.tell(callback, dialled(callback, lobby))
    for visitor in (first, second):
        card = await visitor.card()
        assert card is not None and (card["id"], card["state"]) == (str(callback), "calling")
    assert (await lobby_does(lobby, second.post("/callback/cancel"))).status_code == 200
    for visitor in (first, second):
        card = await visitor.card()
        assert card is not None and card["state"] == "cancelled"


async def test_a_stranger_is_not_shown_somebody_elses_callback(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    stranger = await lobby.visitor()
    (row,) = await lobby.sql("SELECT person FROM chat WHERE id = $1", stranger.chat)
    lobby.diary.open_of[row["person"]] = callback
    await stranger.say("please call me asap")
    await stranger.choose((await stranger.prompt())["submit"], consent=True)
    assert await stranger.card() is None
    assert "You have a callback already." in (await stranger.texts())[-1]


async def test_an_event_about_another_callback_changes_no_card(lobby: Lobby, visitor: Visitor):
    first = await visitor.book()
    await lobby_does(lobby, visitor.post("/callback/cancel"))
    second = await visitor.book()
    await lobby.tell(first, joined(first, lobby))
    card = await visitor.card()
    assert card is not None and card["id"] == str(second) and card["state"] == "booked"


async def test_stop_withdraws_and_is_said_once(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    await visitor.say("STOP")
    await visitor.say("stop")
    texts = await visitor.texts()
    assert texts.count("You will not hear from us again about this.") == 1
    assert len(lobby.asked_for(CancelCallback)) == 1
    assert (await lobby.sql("SELECT stopped_at FROM person"))[0]["stopped_at"] is not None


async def lobby_does(lobby: Lobby, request: Any) -> Any:
    """Let the interaction manager answer while a request waits for it."""
    import asyncio

    asked = asyncio.ensure_future(request)
    while not asked.done():
        await lobby.settle()
        await asyncio.wait([asked], timeout=0.02)
    await lobby.settle()
    return asked.result()


async def rated(lobby: Lobby, visitor: Visitor) -> CallbackId:
    """Their callback is over, and the chat asks how it was."""
    callback = await visitor.book()
    finished = CallbackFinished(
        callback=callback, state=CallbackState.DONE, reason="talked", talked_for=60.0, rate=True
    )
    await lobby.tell(callback, joined(callback, lobby), finished)
    prompt = await visitor.prompt()
    assert (prompt["kind"], prompt["title"]) == ("rating", "How was the call?")
    return callback


async def rating(lobby: Lobby, callback: CallbackId) -> str | None:
    [row] = await lobby.sql("SELECT rating FROM callback_request WHERE id = $1", callback)
    return row["rating"]


async def test_a_call_is_rated_with_one_tap_and_once(lobby: Lobby, visitor: Visitor):
    callback = await rated(lobby, visitor)
    assert (await visitor.choose("So-so")).status_code == 200
    assert await rating(lobby, callback) == "so_so"
    assert (await visitor.texts())[-1].startswith("Thank you.")


async def test_a_rating_can_be_written_and_any_other_words_are_about_something_new(lobby: Lobby, visitor: Visitor):
    callback = await rated(lobby, visitor)
    await visitor.say("please call me as soon as possible")
    assert (await visitor.prompt())["kind"] == "confirm"
    assert await rating(lobby, callback) is None


async def test_a_written_rating_counts(lobby: Lobby, visitor: Visitor):
    callback = await rated(lobby, visitor)
    await visitor.say("not good")
    assert await rating(lobby, callback) == "bad"


async def test_who_is_not_to_be_asked_is_not(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    finished = CallbackFinished(callback=callback, state=CallbackState.DONE, reason="talked", talked_for=60.0)
    await lobby.tell(callback, joined(callback, lobby), finished)
    assert (await visitor.texts())[-1].startswith("We spoke at")


async def test_a_callback_given_to_somebody_else_is_said_with_their_name(lobby: Lobby, visitor: Visitor):
    callback = await visitor.book()
    promise = PromiseMade(
        window=TimeWindow(start=lobby.now(), end=lobby.now() + timedelta(minutes=20)), early_is_fine=True
    )
    given = CallbackChanged(
        callback=callback, state=CallbackState.WAITING, promise=promise, why="Given to Amir", agent_name="Amir"
    )
    for _ in range(2):
        await lobby.tell(callback, given)
    assert [text.split(" by ")[0] for status, text in await visitor.lines() if status == "changed"] == [
        "Amir calls you"
    ]
