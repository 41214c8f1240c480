"""Whatever is sent, the answer is clear, nothing is lost, and nobody is booked by accident."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ringback.domain.commands import RequestCallback
from ringback.domain.errors import CommitUnknown
from tests.support.waiting import PATIENCE
from tests.workflows.callback_application_server.diary import LONDON
from tests.workflows.callback_application_server.lobby import ORIGIN, Lobby, Visitor, identity


def problem(response: httpx.Response) -> tuple[int, str]:
    """The status and the stable id; every problem is one of RFC 9457."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert body["status"] == response.status_code and body["detail"] and body["title"]
    assert body["type"].startswith("https://ringback.dev/problems/")
    return response.status_code, body["type"].rsplit("/", 1)[1]


# ---------------------------------------------------------------- opening


async def test_a_foreign_origin_opens_nothing(lobby: Lobby):
    for origin in (
        "https://evil.example",
        "https://www.acme.example.evil.example",
        "http://www.acme.example",
        "null",
        None,
    ):
        refused = await lobby.request_chat(origin=origin)
        assert problem(refused) == (403, "foreign-origin"), origin
        assert "access-control-allow-origin" not in refused.headers, "its page cannot read even the refusal"
    assert not await lobby.sql("SELECT id FROM chat")
    assert (await lobby.request_chat()).headers["access-control-allow-origin"] == ORIGIN


async def test_a_star_is_every_origin_only_when_it_was_configured(lobby: Lobby):
    await lobby.make_channel("*")
    assert (await lobby.request_chat(origin="https://anything.example")).status_code == 201


async def test_a_foreign_page_cannot_use_a_token_it_got_hold_of(lobby: Lobby, visitor: Visitor):
    visitor.origin = "https://evil.example"
    stolen = await visitor.post("/messages", {"text": "hello"})
    assert problem(stolen) == (403, "foreign-origin") and "access-control-allow-origin" not in stolen.headers
    visitor.origin = None
    assert problem(await visitor.post("/messages", {"text": "hello"})) == (403, "foreign-origin")


async def test_an_unknown_widget_key(lobby: Lobby):
    assert problem(await lobby.request_chat(widget_key="wk_nobody")) == (404, "channel-not-found")


async def test_an_unknown_zone(lobby: Lobby):
    response = await lobby.request_chat(zone="Mars/Olympus")
    assert problem(response) == (422, "zone-unknown") and response.json()["field"] == "zone"
    assert problem(await lobby.request_chat(zone="../../etc/passwd")) == (422, "zone-unknown")


async def test_preflight_names_exactly_the_asking_origin_and_allows_no_cookies(lobby: Lobby):
    response = await lobby.http.options(
        "/widget/v1/chats", headers={"origin": ORIGIN, "access-control-request-method": "POST"}
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in response.headers
    assert "idempotency-key" in response.headers["access-control-allow-headers"]


async def test_no_cookie_is_ever_set(lobby: Lobby, visitor: Visitor):
    opened = await lobby.request_chat()
    said = await visitor.post("/messages", {"text": "hello"})
    assert "set-cookie" not in opened.headers and "set-cookie" not in said.headers


# ---------------------------------------------------------------- identities


async def test_a_signed_identity_is_the_same_person_in_every_chat(lobby: Lobby):
    later = (lobby.now() + timedelta(hours=1)).timestamp()
    token = identity({"sub": "customer-7", "name": "Dana Wright", "exp": later})
    for _ in range(2):
        await lobby.visitor(identity=token)
    await lobby.visitor()
    persons = await lobby.sql("SELECT name, identity FROM person ORDER BY identity NULLS LAST")
    assert [(row["name"], row["identity"]) for row in persons] == [("Dana Wright", "customer-7"), (None, None)]


async def test_the_priority_of_a_callback_comes_from_the_signed_identity(lobby: Lobby):
    later = (lobby.now() + timedelta(hours=1)).timestamp()
    visitor = await lobby.visitor(identity=identity({"sub": "customer-8", "exp": later, "priority": 3}))
    await visitor.book()
    await (await lobby.visitor()).book()
    assert [each.priority for each in lobby.asked_for(RequestCallback)] == [3, 0]


async def test_a_bad_identity_makes_nobody(lobby: Lobby):
    later = (lobby.now() + timedelta(hours=1)).timestamp()
    bad = {
        "forged": identity({"sub": "7", "exp": later}, secret="a guess"),
        "expired": identity({"sub": "7", "exp": later - 7200}),
        "endless": identity({"sub": "7"}),
        "nobody": identity({"exp": later}),
        "alg none": identity({"sub": "7", "exp": later}, algorithm="none"),
        "no token": "not.a.token",
        "endless text": "x" * 5000,
        "too urgent": identity({"sub": "7", "exp": later, "priority": 101}),
        "urgent in words": identity({"sub": "7", "exp": later, "priority": "high"}),
    }
    for name, token in bad.items():
        assert problem(await lobby.request_chat(identity=token)) == (422, "identity-invalid"), name
    assert not await lobby.sql("SELECT id FROM person")


# ---------------------------------------------------------------- bodies


async def test_a_malformed_or_oversized_message_is_refused_and_not_kept(lobby: Lobby, visitor: Visitor):
    headers = {**visitor.headers, "content-type": "application/json"}
    for body, expected in (
        (b"{", (400, "malformed-request")),
        (b"[]", (400, "malformed-request")),
        (b"\xff\xfe", (400, "malformed-request")),
        (b'{"text": 5}', (422, "invalid")),
        (b"{}", (400, "malformed-request")),
        (b'{"text": "   "}', (422, "message-empty")),
        (json.dumps({"text": "x" * 4001}).encode(), (422, "message-too-long")),
        (json.dumps({"text": "x" * 300_000}).encode(), (413, "body-too-large")),
    ):
        keyed = {**headers, "idempotency-key": str(uuid4())}
        response = await lobby.http.post("/widget/v1/messages", content=body, headers=keyed)
        assert problem(response) == expected, body[:40]
    assert not await visitor.texts()


@pytest.mark.parametrize("path", ["/widget/v1/answers", "/widget/v1/chats"])
async def test_a_malformed_or_oversized_body_is_refused_and_says_how_to_send_one(
    lobby: Lobby, visitor: Visitor, path: str
):
    headers = {**visitor.headers, "content-type": "application/json"}
    for body, statuses in ((b"{", (400,)), (b"[]", (400, 422)), (b"{}", (400, 422)), (b"x" * 300_000, (413,))):
        keyed = {**headers, "idempotency-key": str(uuid4())}
        response = await lobby.http.post(path, content=body, headers=keyed)
        status, id = problem(response)
        assert status in statuses and id in ("malformed-request", "invalid", "body-too-large"), (
            body[:9],
            response.text,
        )
        assert response.json()["detail"]
    assert not await visitor.texts()


@pytest.mark.parametrize("hello", ["{", "[]", "{}", '{"hello": 5}', '{"hello": {"page": "none"}}'])
async def test_a_malformed_hello_closes_the_socket_with_a_code_of_ours(lobby: Lobby, hello: str):
    async with connect(f"ws://127.0.0.1:{lobby.port}/widget/v1/live", origin=ORIGIN) as socket:  # type: ignore[arg-type]
        await socket.send(hello)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(PATIENCE):
                await socket.recv()
        assert closed.value.rcvd is not None and 4400 <= closed.value.rcvd.code < 4500


async def test_an_oversized_hello_closes_the_socket(lobby: Lobby):
    async with connect(f"ws://127.0.0.1:{lobby.port}/widget/v1/live", origin=ORIGIN) as socket:  # type: ignore[arg-type]
        await socket.send("x" * 5000)
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                await socket.recv()


async def test_markup_is_text(visitor: Visitor):
    await visitor.say("<img src=x onerror=alert(1)> \x00 hello")
    assert (await visitor.texts())[0] == "<img src=x onerror=alert(1)>  hello"


async def test_a_method_or_address_that_is_not_there(lobby: Lobby, visitor: Visitor):
    assert problem(await lobby.http.delete("/widget/v1/chat", headers=visitor.headers)) == (405, "method-not-allowed")
    assert problem(await lobby.http.get("/widget/v1/nothing", headers=visitor.headers))[0] in (404, 405)


async def test_a_token_that_opens_no_chat(lobby: Lobby, visitor: Visitor):
    visitor.token = visitor.token[:-2] + "xx"
    assert problem(await visitor.post("/messages", {"text": "hello"})) == (401, "chat-token-invalid")
    assert problem(await lobby.http.get("/widget/v1/chat")) == (401, "chat-token-missing")


async def test_a_missing_idempotency_key(lobby: Lobby, visitor: Visitor):
    response = await lobby.http.post("/widget/v1/messages", json={"text": "hi"}, headers=visitor.headers)
    assert problem(response) == (422, "idempotency-key-missing")


async def test_too_many_requests_say_when_to_come_back(lobby: Lobby):
    lobby.edge.chats_of_address.burst = 3
    answers = [await lobby.request_chat() for _ in range(6)]
    refused = [each for each in answers if each.status_code == 429]
    assert refused and problem(refused[0]) == (429, "too-many-requests")
    assert int(refused[0].headers["retry-after"]) >= 1


# ---------------------------------------------------------------- choices


async def test_a_forged_token_and_another_chats_are_refused(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    token = (await visitor.prompt())["options"][0]["token"]
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    other = await lobby.visitor()
    for who, wrong in ((visitor, forged), (visitor, "rb1_"), (visitor, "x" * 400), (visitor, ""), (other, token)):
        assert problem(await who.post("/answers", {"token": wrong})) == (422, "token-invalid")
    assert (await visitor.prompt())["answered"] is None


async def test_a_replayed_token_gives_the_first_result_and_books_once(lobby: Lobby, visitor: Visitor):
    await visitor.say("call me asap")
    token = (await visitor.prompt())["options"][0]["token"]
    answers = [await visitor.post("/answers", {"token": token, "consent": True}) for _ in range(3)]
    await lobby.settle()
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert len(lobby.asked_for(RequestCallback)) == 1


async def test_another_option_of_an_answered_prompt_comes_too_late(visitor: Visitor):
    await visitor.say("can someone call me?")
    options = (await visitor.prompt())["options"]
    await visitor.post("/answers", {"token": options[1]["token"]})
    assert problem(await visitor.post("/answers", {"token": options[0]["token"]})) == (409, "already-answered")


async def test_an_expired_token_gives_new_times(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    token = (await visitor.prompt())["options"][0]["token"]
    lobby.pass_time(timedelta(minutes=11))
    assert (await visitor.post("/answers", {"token": token})).status_code == 200
    assert (await visitor.texts())[-1] == "These times are old. Here are new ones."
    assert (await visitor.prompt())["kind"] == "when"
    assert not lobby.asked_for(RequestCallback)


async def test_an_expired_question_about_a_callback_shows_the_callback(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    await visitor.say("cancel")
    token = (await visitor.prompt())["options"][0]["token"]
    lobby.pass_time(timedelta(minutes=31))
    assert (await visitor.post("/answers", {"token": token})).status_code == 200
    assert (await visitor.texts())[-1].startswith("You have a callback ")


async def test_a_wrong_field_is_named_and_can_be_mended(lobby_with_phones: Lobby):
    visitor = await lobby_with_phones.visitor()
    await visitor.say("call me asap")
    token = (await visitor.prompt())["options"][0]["token"]
    for number, expected in {
        "020 7946": "number-too-short",
        "+44 20 7946 0123 99999": "number-too-long",
        "banana": "number-invalid",
        "0909 879 0123": "number-not-allowed",  # premium
        "999": "number-not-allowed",  # emergency
        "+44 70 1234 5678": "number-not-allowed",  # forwards for money
        "": "number-missing",
    }.items():
        filled = {"token": token, "destination": "phone", "number": number, "consent": True}
        response = await visitor.post("/answers", filled)
        assert problem(response) == (422, expected), number
        assert response.json()["field"] == "number"
    response = await visitor.post("/answers", {"token": token, "destination": "pigeon", "consent": True})
    assert problem(response) == (422, "destination-unknown") and response.json()["field"] == "destination"
    response = await visitor.post("/answers", {"token": token, "destination": "browser"})
    assert problem(response) == (422, "consent-missing") and response.json()["field"] == "consent"
    mended = {"token": token, "destination": "phone", "number": "020 7946 0123", "consent": True}
    assert (await visitor.post("/answers", mended)).status_code == 200, "the same prompt takes a better answer"


async def test_a_phone_cannot_be_asked_for_where_none_can_be_rung(visitor: Visitor):
    await visitor.say("call me asap")
    token = (await visitor.prompt())["options"][0]["token"]
    filled = {"token": token, "destination": "phone", "number": "020 7946 0123", "consent": True}
    assert problem(await visitor.post("/answers", filled)) == (422, "no-phone-carrier")


async def test_an_unknown_provider(visitor: Visitor):
    for provider, expected in {
        "biz:acme/q:nowhere": (404, "unknown-provider"),
        "biz:other": (404, "unknown-provider"),
        "nonsense": (422, "unknown-provider"),
        "biz:acme'; DROP TABLE chat": (422, "unknown-provider"),
    }.items():
        assert problem(await visitor.post("/callback-offer", {"provider": provider})) == expected, provider
    assert not await visitor.texts()


async def test_a_time_that_has_passed_is_said_and_others_are_offered(lobby: Lobby, visitor: Visitor):
    if lobby.now().astimezone(LONDON).time() < time(0, 2):
        lobby.pass_time(timedelta(minutes=2))  # so that midnight lies behind us
    await visitor.say("call me today at 00:00")
    assert "00:00 has passed" in (await visitor.texts())[-1]
    assert (await visitor.prompt())["kind"] == "choice"
    assert not lobby.asked_for(RequestCallback)


async def test_nothing_to_cancel_or_move(visitor: Visitor):
    assert problem(await visitor.post("/callback/cancel")) == (409, "no-callback")
    assert problem(await visitor.post("/callback/move")) == (409, "no-callback")


# ---------------------------------------------------------------- the database fails


async def test_a_lost_database_says_to_try_again_and_keeps_nothing_half_done(
    lobby: Lobby, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
):
    """The connection is cut by the server under the request; the same key then does it once."""
    key = uuid4()
    lobby.diary.broken = asyncpg.ConnectionDoesNotExistError("the connection was closed in the middle of operation")
    response = await visitor.post("/callback-offer", {}, key=key)
    assert problem(response) == (503, "try-again") and response.headers["retry-after"] == "1"
    lobby.diary.broken = None
    assert (await visitor.post("/callback-offer", {}, key=key)).status_code == 200
    assert len(await visitor.texts()) == 1


async def test_a_connection_cut_in_the_middle_of_a_booking_books_nothing_and_the_same_key_books_once(
    lobby: Lobby, visitor: Visitor
):
    """PostgreSQL ends the backend while it waits for the chat's row."""
    await visitor.say("call me asap")
    token, key = (await visitor.prompt())["options"][0]["token"], uuid4()
    async with lobby.databases.administrator() as administrator:
        async with administrator.transaction():
            await administrator.execute("SELECT * FROM chat FOR UPDATE")
            asking = asyncio.create_task(visitor.post("/answers", {"token": token, "consent": True}, key=key))
            cut = 0
            async with asyncio.timeout(PATIENCE):
                while not cut:
                    cut = await administrator.fetchval(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"
                    )
            response = await asking
    assert problem(response) == (503, "try-again") and response.headers["retry-after"] == "1"
    assert not lobby.asked_for(RequestCallback)
    assert (await visitor.post("/answers", {"token": token, "consent": True}, key=key)).status_code == 200
    await lobby.settle()
    assert len(lobby.asked_for(RequestCallback)) == 1
    card = await visitor.card()
    assert card is not None and card["state"] == "booked"


async def test_an_unclear_commit_is_said_as_such_and_the_same_key_reads_the_truth(lobby: Lobby, visitor: Visitor):
    """COMMIT went out, its answer did not come back: neither done nor failed."""
    await visitor.say("call me asap")
    token, key = (await visitor.prompt())["options"][0]["token"], uuid4()
    unclear = UnclearOnce(lobby, "answer_prompt")
    with unclear:
        response = await visitor.post("/answers", {"token": token, "consent": True}, key=key)
    assert unclear.happened
    assert problem(response) == (503, "commit-unknown")
    assert response.json()["detail"] == "We are checking that your booking arrived. Do not send it again."
    again = await visitor.post("/answers", {"token": token, "consent": True}, key=key)
    await lobby.settle()
    assert again.status_code == 200
    assert len(lobby.asked_for(RequestCallback)) == 1
    card = await visitor.card()
    assert card is not None and card["state"] == "booked"


class UnclearOnce:
    """Loses the answer to one COMMIT of one workflow, after it was done."""

    def __init__(self, lobby: Lobby, name: str) -> None:
        self.database, self.name, self.happened = lobby.databases.application, name, False

    def __enter__(self) -> None:
        whole = type(self.database).transaction

        @contextlib.asynccontextmanager
        async def losing(*businesses: Any, name: str) -> Any:
            async with whole(self.database, *businesses, name=name) as tx:
                yield tx
            if name == self.name and not self.happened:
                self.happened = True
                raise CommitUnknown("the answer was lost")

        self.database.transaction = losing  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        del self.database.transaction


async def test_typed_words_that_name_what_there_is_not_are_answered(lobby: Lobby, visitor: Visitor):
    await visitor.say("call me yesterday at 3pm")
    assert "has passed" in (await visitor.texts())[-1]
    unknown = await lobby.visitor()
    await unknown.say("call Zorblax tomorrow at 10")
    assert (await unknown.texts())[-1].startswith("Nobody here is called Zorblax")
    assert (await unknown.prompt())["kind"] == "provider"
    ringing = await lobby.visitor()
    await ringing.say("ring 07700 900123 now")
    assert "We cannot ring telephones, so we do not use that number." in await ringing.texts()
    assert (await ringing.prompt())["destinations"] == ["browser"]
    assert lobby.asked_for(RequestCallback) == []


async def test_a_typed_number_that_may_not_be_rung_is_said_to_be_none(lobby_with_phones: Lobby):
    visitor = await lobby_with_phones.visitor()
    await visitor.say("call me on 07700 900123 as soon as possible")  # reserved for films: nobody's
    assert "07700 900123 is not a number that we can ring. Write another one at any time." in await visitor.texts()
    await visitor.say("020 7946 0018")
    assert "+442079460018" in (await visitor.texts())[-1]
