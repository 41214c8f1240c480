"""Who began to ask for a call and fell silent is offered one once more, inside ten minutes, and never again."""

from __future__ import annotations

from datetime import timedelta

from tests.workflows.callback_application_server.lobby import Lobby, Visitor

AGAIN = "Are you still there? We can call you instead."


async def falls_silent(lobby: Lobby, *, minutes: float = 5.5) -> None:
    lobby.pass_time(timedelta(minutes=minutes))
    await lobby.sql(
        "UPDATE due SET due_at = now() WHERE kind = 'abandoned'"
    )  # by the clock of the database no time has passed
    await lobby.server.timers.drain()
    await lobby.settle()


async def test_who_falls_silent_is_offered_a_call_once(lobby: Lobby, visitor: Visitor):
    await visitor.say("My bill is wrong")
    assert (await visitor.prompt())["kind"] == "when"
    await falls_silent(lobby)
    assert (await visitor.texts()).count(AGAIN) == 1
    assert (await visitor.choose("Yes, call me")).status_code == 200
    assert (await visitor.prompt())["kind"] == "when", "nobody is called without a yes"
    for _ in range(2):
        await falls_silent(lobby)
    assert (await visitor.texts()).count(AGAIN) == 1


async def test_who_goes_on_writing_is_not_interrupted(lobby: Lobby, visitor: Visitor):
    await visitor.say("My bill is wrong")
    await falls_silent(lobby, minutes=4)
    await visitor.say("It is about the meter reading")
    await falls_silent(lobby, minutes=2)
    assert AGAIN not in await visitor.texts()
    await falls_silent(lobby, minutes=4)
    assert (await visitor.texts()).count(AGAIN) == 1


async def test_who_has_a_call_or_wants_none_is_left_alone(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    other = await lobby.visitor()
    await other.say("My bill is wrong")
    await other.choose("No thanks, keep chatting")
    stopped = await lobby.visitor()
    await stopped.say("My bill is wrong")
    await stopped.say("STOP")
    await falls_silent(lobby)
    for each in (visitor, other, stopped):
        assert AGAIN not in await each.texts()
