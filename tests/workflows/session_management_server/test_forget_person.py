"""Forgetting who was called: times and outcomes stay, and a call that goes on is left alone."""

from __future__ import annotations

import json

from ringback.domain.commands import ForgetPerson
from ringback.domain.ids import AttemptId, BusinessId, CallbackId, LegId, PersonId, new_id
from ringback.session_management_server.workflows.forget_person import forget_person
from tests.support.databases import Databases


async def attempt(databases: Databases, business: BusinessId, *, ended: bool) -> CallbackId:
    """An attempt and its page, as far as they hold anything of the customer."""
    callback, id = CallbackId(new_id()), AttemptId(new_id())
    async with databases.administrator() as connection:
        await connection.execute(
            "INSERT INTO attempt (business, id, callback, number, state, direction, customer_address, agent, not_before, not_after, epoch,"
            " due_version, outcome, began_at) VALUES ($1, $2, $3, 1, $4, $5, '+442079460123', $6, now(), now(), 1, 1, $7, now())",
            business, id, callback, "ended" if ended else "joined",
            json.dumps({"customer_name": "Dana", "topic": "secret meter", "queue_name": "Billing"}), new_id(),
            "talked" if ended else None,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO browser_leg (business, id, callback, party, subject, state, show) VALUES ($1, $2, $3, 'agent', $4, $5, $6)",
            business, LegId(new_id()), callback, new_id(), "ended" if ended else "joined",
            json.dumps({"peer_name": "Dana", "about": "secret meter"}),
        )  # fmt: skip
    return callback


async def test_attempts_that_are_over_name_nobody(databases: Databases, business: BusinessId):
    over = await attempt(databases, business, ended=True)
    going_on = await attempt(databases, business, ended=False)
    async with databases.sessions.transaction(business, name="forget") as tx:
        command = ForgetPerson(person=PersonId(new_id()), callbacks=(over, going_on))
        await forget_person(tx, business, command)
    async with databases.administrator() as connection:
        statement = (
            "SELECT a.customer_address, a.direction::text AS direction, a.outcome, l.show::text AS show"
            " FROM attempt a JOIN browser_leg l USING (callback) WHERE callback = $1"
        )
        row, kept = await connection.fetchrow(statement, over), await connection.fetchrow(statement, going_on)
    assert (row["customer_address"], row["outcome"]) == ("", "talked") and "Billing" in row["direction"]
    assert "Dana" not in row["direction"] + row["show"] and "secret" not in row["direction"] + row["show"]
    assert kept["customer_address"] == "+442079460123" and "Dana" in kept["direction"] and "Dana" in kept["show"]
