"""The calls that ring on pages: rows that any process may read, inputs that are kept, signals that reach the other end once and in order."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, LegId, new_id
from ringback.pages.calls import Callee, CallInput, SignalInput, put_input, put_signal, read_call, read_signals
from ringback.postgres.sql import parse_sql
from tests.workflows.callback_application_server.lobby import Lobby, Visitor
from tests.workflows.callback_application_server.test_bad_input import problem


async def ring(
    lobby: Lobby, subject: UUID, *, state: str = "ringing", page: UUID | None = None, peer: UUID | None = None
) -> LegId:
    """A leg as the browser carrier makes it."""
    leg = LegId(new_id())
    await lobby.sql(
        "INSERT INTO browser_leg (business, id, callback, party, subject, state, page, peer, show) "
        "VALUES ($1, $2, $3, 'customer', $4, $5, $6, $7, '{\"peer_name\": \"Kim\", \"peer_detail\": \"Billing\"}')",
        lobby.business, leg, new_id(), subject, state, page, peer,
    )  # fmt: skip
    return leg


async def test_ringing_is_current_state_for_every_page_of_the_chat(lobby: Lobby, visitor: Visitor):
    assert (await visitor.see())["call"] is None
    leg = await ring(lobby, visitor.chat)
    call = (await visitor.see())["call"]
    assert call["leg"] == str(leg) and call["state"] == "ringing" and call["peer_name"] == "Kim"
    other = await lobby.visitor()
    assert (await other.see())["call"] is None


async def test_a_leg_that_is_only_prepared_is_not_shown(lobby: Lobby, visitor: Visitor):
    await ring(lobby, visitor.chat, state="prepared")
    assert (await visitor.see())["call"] is None


async def test_another_tab_sees_that_the_call_is_elsewhere(lobby: Lobby, visitor: Visitor):
    holder, other = uuid4(), uuid4()
    await ring(lobby, visitor.chat, state="accepted", page=holder)
    seen = {}
    for page in (holder, other):
        response = await lobby.http.get("/widget/v1/chat", params={"page": str(page)}, headers=visitor.headers)
        seen[page] = response.json()["call"]["elsewhere"]
    assert seen == {holder: False, other: True}


async def test_what_a_page_says_is_kept_once(lobby: Lobby, visitor: Visitor):
    leg, key, page = await ring(lobby, visitor.chat), uuid4(), uuid4()
    for _ in range(3):
        response = await visitor.post(f"/calls/{leg}/inputs", {"page": str(page), "kind": "accept"}, key=key)
        assert response.status_code == 200
    rows = await lobby.sql("SELECT leg, page, kind, applied_at FROM page_input")
    assert [(row["leg"], row["page"], row["kind"], row["applied_at"]) for row in rows] == [(leg, page, "accept", None)]


async def test_a_page_cannot_speak_for_somebody_elses_call(lobby: Lobby, visitor: Visitor):
    leg = await ring(lobby, (await lobby.visitor()).chat)
    said = {"page": str(uuid4()), "kind": "accept"}
    assert problem(await visitor.post(f"/calls/{leg}/inputs", said)) == (404, "call-not-found")
    signal = {"page": str(uuid4()), "round": 1, "kind": "offer", "payload": "{}"}
    assert problem(await visitor.post(f"/calls/{leg}/signals", signal)) == (404, "call-not-found")
    assert not await lobby.sql("SELECT 1 FROM page_input")


async def test_nonsense_about_a_call(lobby: Lobby, visitor: Visitor):
    leg = await ring(lobby, visitor.chat)
    cases: tuple[tuple[str, dict[str, object], object], ...] = (
        ("inputs", {"kind": "explode"}, (422, "call-input-unknown")),
        ("signals", {"kind": "explode", "round": 1, "payload": ""}, (422, "signal-unknown")),
        ("signals", {"kind": "offer", "round": 1, "payload": "x" * 32_769}, (422, "signal-too-long")),
        ("signals", {"kind": "offer", "round": 1, "payload": "{}"}, (409, "call-not-joined")),
    )
    for path, body, expected in cases:
        assert problem(await visitor.post(f"/calls/{leg}/{path}", {"page": str(uuid4()), **body})) == expected


async def test_signals_come_out_at_the_other_end_once_and_in_order(lobby: Lobby, visitor: Visitor):
    agent = uuid4()
    theirs = await ring(lobby, agent, state="joined")
    mine = await ring(lobby, visitor.chat, state="joined", peer=theirs)
    page = str(uuid4())
    keys = [uuid4() for _ in range(12)]
    for number, key in enumerate(keys):
        signal = {"page": page, "round": 1, "kind": "candidate", "payload": str(number)}
        for _ in range(2):  # sent again with the same key
            assert (await visitor.post(f"/calls/{mine}/signals", signal, key=key)).status_code == 200
    callee = Callee(business=lobby.business, subject=agent)
    async with lobby.databases.application.transaction(lobby.business, name="read") as tx:
        signals = await read_signals(tx, callee, theirs, 0)
        rest = await read_signals(tx, callee, theirs, signals[4].id)
    assert [each.payload for each in signals] == [str(number) for number in range(12)]
    assert [each.id for each in signals] == list(range(1, 13))
    assert [each.payload for each in rest] == [str(number) for number in range(5, 12)]


async def test_signals_sent_at_once_have_ascending_numbers_without_gaps(lobby: Lobby, visitor: Visitor):
    theirs = await ring(lobby, uuid4(), state="joined")
    mine = await ring(lobby, visitor.chat, state="joined", peer=theirs)
    signal = {"page": str(uuid4()), "round": 1, "kind": "candidate", "payload": "c"}
    await asyncio.gather(*(visitor.post(f"/calls/{mine}/signals", signal) for _ in range(20)))
    rows = await lobby.sql("SELECT id FROM page_signal WHERE leg = $1 ORDER BY id", theirs)
    assert [row["id"] for row in rows] == list(range(1, 21))


async def test_a_page_that_holds_the_call_is_sent_its_signals_live(lobby: Lobby, visitor: Visitor):
    page, agent = uuid4(), uuid4()
    theirs = LegId(new_id())
    mine = await ring(lobby, visitor.chat, state="joined", page=page, peer=theirs)
    await lobby.sql(
        "INSERT INTO browser_leg (business, id, callback, party, subject, state, peer) VALUES ($1, $2, $3, 'agent', $4, 'joined', $5)",
        lobby.business, theirs, new_id(), agent, mine,
    )  # fmt: skip
    async with visitor.live(page=page) as feed:
        await feed.until(lambda event: event["type"] == "snapshot")
        async with lobby.databases.application.transaction(lobby.business, name="signal") as tx:
            callee = Callee(business=lobby.business, subject=agent)
            said = SignalInput(page=uuid4(), round=1, kind="offer", payload="sdp")
            await put_signal(tx, callee, theirs, uuid4(), said)
        event = await feed.until(lambda event: event["type"] == "signal")
        assert event["leg"] == str(mine) and event["signal"]["payload"] == "sdp"


async def test_another_business_sees_no_call(lobby: Lobby, visitor: Visitor):
    leg = await ring(lobby, visitor.chat)
    other = await lobby.databases.make_business("other")
    callee = Callee(business=other, subject=visitor.chat)
    async with lobby.databases.application.transaction(other, name="read") as tx:
        assert await read_call(tx, callee) is None
        with pytest.raises(NotFound):
            await put_input(tx, callee, leg, uuid4(), CallInput(page=uuid4(), kind="accept"))


async def test_a_forgotten_filter_leaks_nothing(lobby: Lobby, visitor: Visitor):
    """Row-level security answers even a statement that names another business's rows by their ids."""
    await visitor.book()
    other = BusinessId(await lobby.databases.make_business("other"))
    async with lobby.databases.application.transaction(other, name="leak") as tx:
        for table in ("chat", "chat_message", "prompt", "person", "consent", "callback_request", "channel"):
            everything = parse_sql(f"-- name: all\nSELECT count(*) FROM {table};")["all"]
            assert await tx.value(everything) == 0, table
