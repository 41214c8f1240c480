"""A number that nobody vouches for is called only after a code sent to it was written in the chat."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from ringback.callback_application_server.rules.number_codes import MASK
from ringback.domain.commands import RequestCallback
from ringback.domain.ids import BusinessId
from tests.channels.hall import Hall
from tests.channels.provider import Provider
from tests.support.databases import Databases
from tests.workflows.callback_application_server.lobby import Visitor

NUMBER = "+442079460123"
CREDENTIALS = {"account_sid": "AC" + "0123456789abcdef" * 2, "auth_token": "a token of Twilio's"}


@pytest.fixture
async def hall(databases: Databases, business: BusinessId) -> AsyncIterator[Hall]:
    async with Hall(databases, business).open() as opened:
        opened.manager.wants_proof = True
        yield opened


@pytest.fixture
async def provider(hall: Hall) -> AsyncIterator[Provider]:
    """Where short messages go."""
    async with Provider(answer=lambda _: {"sid": f"SM{uuid4().hex}"}).open() as opened:
        await hall.account("twilio-sms", CREDENTIALS, {"from": "+447700900000", "api_url": opened.url})
        hall.unhurried()
        yield opened


async def asks(hall: Hall, number: str = NUMBER) -> Visitor:
    """A visitor who asks to be called on a number."""
    visitor = await hall.visitor()
    await ask(visitor, number)
    return visitor


async def ask(visitor: Visitor, number: str = NUMBER) -> None:
    await visitor.say("please call me as soon as possible")
    label = (await visitor.prompt())["submit"]
    response = await visitor.choose(label, destination="phone", number=number, consent=True)
    assert response.status_code == 200, response.text


def sent(provider: Provider) -> list[str]:
    """The codes that were sent."""
    return [re.findall(r"\d{6}", each.form["Body"])[0] for each in provider.posted]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def booked(hall: Hall) -> list[Any]:
    return [each for each in hall.asked_for(RequestCallback) if each.destination.proved]


async def test_the_right_code_books_what_was_asked_for_and_is_kept_nowhere(
    hall: Hall, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = await asks(hall)
    assert [each.form["To"] for each in provider.posted] == [NUMBER]
    (code,) = sent(provider)
    prompt = await visitor.prompt()
    assert prompt["kind"] == "code" and "123" in prompt["title"] + (await visitor.texts())[-1]
    assert not booked(hall) and await visitor.card() is None
    await visitor.say(f"{code[:3]} {code[3:]}")
    (request,) = booked(hall)
    assert request.destination.address == NUMBER and request.named_time and request.consent is not None
    card = await visitor.card()
    assert card is not None and card["state"] in ("booked", "next")
    assert MASK in await visitor.texts()
    for table in ("chat_message", "number_code", "prompt", "callback_request", "message", "idempotency"):
        if await hall.sql("SELECT to_regclass($1) AS it", table) != [(None,)]:
            rows = await hall.sql(f"SELECT t::text AS row FROM {table} t")
            assert not [each for each in rows if code in each["row"].replace(" ", "").replace("-", "")], table
    printed = capsys.readouterr()
    assert code not in printed.out + printed.err


async def test_who_proved_a_number_is_not_asked_again(hall: Hall, provider: Provider) -> None:
    visitor = await asks(hall)
    await visitor.say(sent(provider)[0])
    response = await visitor.post("/callback/cancel")
    assert response.status_code == 200
    first = booked(hall)[0]
    hall.diary.over(first.callback)
    await hall.sql("UPDATE chat SET callback = NULL, card = NULL RETURNING 1")
    await ask(visitor)
    assert len(sent(provider)) == 1 and len(booked(hall)) == 2
    stranger = await asks(hall)
    assert len(sent(provider)) == 2, "the proof is one person's"
    assert (await stranger.prompt())["kind"] == "code"


async def test_five_wrong_codes_and_the_right_one_is_worth_nothing(hall: Hall, provider: Provider) -> None:
    visitor = await asks(hall)
    (code,) = sent(provider)
    for _ in range(5):
        await visitor.say(wrong(code))
    await visitor.say(code)
    assert not booked(hall)
    assert "worth nothing" in (await visitor.texts())[-1]
    await visitor.choose("Send another code")
    assert len(sent(provider)) == 2
    await visitor.say(sent(provider)[1])
    assert len(booked(hall)) == 1


async def test_a_code_of_another_chat_or_one_that_is_old_books_nothing(hall: Hall, provider: Provider) -> None:
    one, other = await asks(hall), await asks(hall, "+442079460124")
    first, second = sent(provider)
    if first != second:
        await other.say(first)
        assert not booked(hall)
    await one.choose("Send another code")
    if sent(provider)[2] != first:
        await one.say(first)
        assert not booked(hall), "the code before the last"
    await hall.sql("UPDATE number_code SET expires_at = clock_timestamp() RETURNING 1")
    await one.say(sent(provider)[2])
    assert not booked(hall)


async def test_no_number_chat_address_or_business_is_sent_codes_without_end(hall: Hall, provider: Provider) -> None:
    visitor = await asks(hall)
    for _ in range(2):
        await visitor.choose("Send another code")
    assert len(sent(provider)) == 3
    await visitor.choose("Send another code")
    assert len(sent(provider)) == 3, "three to one number in ten minutes"
    assert "cannot send another code now" in (await visitor.texts())[-1]
    for n in range(9):
        await asks(hall, f"+44207946{n:04}")
    assert len(sent(provider)) == 10, "ten from one address in an hour"


async def test_the_code_comes_once_for_a_message_that_is_posted_twice(hall: Hall, provider: Provider) -> None:
    visitor = await asks(hall)
    key, bad = uuid4(), wrong(sent(provider)[0])
    await visitor.say(bad, key=key)
    await visitor.say(bad, key=key)
    assert await hall.sql("SELECT tries FROM number_code") == [(1,)]
    twice = uuid4()
    await asyncio.gather(*(visitor.post("/messages", {"text": sent(provider)[0]}, key=twice) for _ in range(2)))
    await hall.settle()
    assert len(booked(hall)) == 1


async def test_a_provider_that_is_away_gets_the_same_code_later_and_one_that_refuses_is_said(
    hall: Hall, provider: Provider
) -> None:
    provider.refusals.append((503, {}))
    visitor = await asks(hall)
    assert not sent(provider)
    await hall.sql(
        "UPDATE due SET due_at = clock_timestamp(), lease_until = NULL WHERE kind = 'number_code' RETURNING 1"
    )
    await hall.settle()
    assert len(sent(provider)) == 1
    provider.refusals.append((400, {"code": 21211}))
    await visitor.choose("Send another code")
    assert "could not be sent" in (await visitor.texts())[-1]
    assert await hall.sql("SELECT state FROM number_code ORDER BY made_at") == [("sent",), ("failed",)]
    assert not await hall.sql("SELECT 1 FROM due WHERE kind = 'number_code'")


async def test_a_business_without_short_messages_says_so_and_offers_the_browser(hall: Hall) -> None:
    visitor = await asks(hall)
    assert "cannot send a code" in (await visitor.texts())[-1]
    response = await visitor.choose("Another number")
    assert response.status_code == 200
    assert (await visitor.prompt())["kind"] == "confirm"


async def test_codes_addresses_and_proofs_are_forgotten_in_time(hall: Hall, provider: Provider) -> None:
    visitor = await asks(hall)
    await visitor.say(sent(provider)[0])
    hall.pass_time(timedelta(days=3))
    await hall.server._forgetting.sweep()
    assert not await hall.sql("SELECT 1 FROM number_code") and not await hall.sql("SELECT 1 FROM chat_address")
    assert await hall.sql("SELECT number FROM number_proof") == [(NUMBER,)]
    hall.pass_time(timedelta(days=90))
    await hall.server._forgetting.sweep()
    assert not await hall.sql("SELECT 1 FROM number_proof")
