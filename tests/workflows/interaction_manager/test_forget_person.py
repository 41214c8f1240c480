"""Forgetting who a callback was for: the ledger keeps its times, and what is open is left alone."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.commands import CancelCallback, ForgetPerson
from ringback.domain.ids import PersonId, new_id
from ringback.domain.status import Server
from ringback.postgres.messages import send
from tests.workflows.interaction_manager.floor import Floor, new_command

NUMBER = "+442079460123"


async def test_a_finished_callback_loses_name_number_and_words_and_an_open_one_nothing(floor: Floor):
    await floor.agent("kim", await floor.queue())
    later = await floor.now() + timedelta(hours=2)
    person = PersonId(new_id())
    over = await floor.book(number=NUMBER, topic="secret meter", person=person, start=later)
    await floor.command(over, CancelCallback(command=new_command(), callback=over, by="customer"))
    await floor.settle()
    still_open = await floor.book(number=NUMBER, topic="secret meter", person=person, start=later)
    promises = [dict(row) for row in await floor.promises(over)]

    async with floor.databases.application.transaction(floor.business, name="forget") as tx:
        command = ForgetPerson(person=person, callbacks=(over, still_open))
        await send(tx, floor.business, Server.INTERACTIONS, person, command)
    await floor.settle()

    row = await floor.callback(over)
    assert (row["person_name"], row["address"], row["topic"], row["note"]) == (None, "", None, None)
    assert row["state"] == "cancelled" and row["finished_at"] is not None
    assert [dict(each) for each in await floor.promises(over)] == promises
    kept = await floor.callback(still_open)
    assert (kept["person_name"], kept["address"], kept["topic"]) == ("Dana", NUMBER, "secret meter")
