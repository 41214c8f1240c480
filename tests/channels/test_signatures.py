"""Signatures and messages against what others publish: Twilio's vector and SDK, Standard Webhooks' reference implementation, python-telegram-bot."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringback.callback_application_server.channels.twilio import signature
from ringback.callback_application_server.rules.webhook_signatures import headers, is_signed
from ringback.domain.commands import RequestCallback
from tests.channels.customers import SmsCustomer, TelegramCustomer, arrived
from tests.channels.hall import Hall

pytestmark = pytest.mark.channel
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# Twilio's documentation of request validation: token 12345, this URL and these fields.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
PUBLISHED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


class Fields(dict[str, Any]):
    """A form as web frameworks give it to the SDK: a name may have several values."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def getall(self, name: str) -> list[str]:
        return [value for each, value in self._pairs if each == name]


def test_twilios_published_vector():
    assert signature("12345", URL, FORM.items()) == PUBLISHED
    assert signature("12345", URL.replace("https", "http"), FORM.items()) != PUBLISHED
    assert signature("12345", URL, {**FORM, "Digits": "1235"}.items()) != PUBLISHED


def test_twilios_sdk_agrees_also_where_a_field_comes_twice():
    from twilio.request_validator import RequestValidator

    sdk = RequestValidator("12345")
    assert sdk.validate(URL, FORM, PUBLISHED)
    twice = [*FORM.items(), ("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b"), ("Empty", "")]
    assert signature("12345", URL, twice) == sdk.compute_signature(URL, Fields(twice))


def test_standard_webhooks_reference_implementation_agrees_both_ways():
    from standardwebhooks.webhooks import Webhook

    now, body = datetime.now(UTC), '{"text": "ä"}'
    theirs = Webhook(SECRET)
    theirs.verify(body, dict(headers(SECRET, id="msg_1", at=now, body=body)))
    signed = theirs.sign("msg_2", now, body)
    shown = {"webhook-id": "msg_2", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}
    assert is_signed(SECRET, shown, body.encode(), now=now)
    assert is_signed(SECRET, {**shown, "webhook-signature": f"v1,AAAA {signed}"}, body.encode(), now=now)
    assert not is_signed(SECRET, shown, body.encode() + b" ", now=now)
    assert not is_signed(SECRET, {**shown, "webhook-id": "msg_3"}, body.encode(), now=now)
    for late in (timedelta(minutes=-6), timedelta(minutes=6)):
        assert not is_signed(SECRET, shown, body.encode(), now=now + late)


async def test_twilios_sdk_sends_a_receipt_that_only_moves_forward(hall: Hall):
    from twilio.request_validator import RequestValidator

    async with arrived(SmsCustomer, hall) as customer:
        assert isinstance(customer, SmsCustomer)
        await customer.write("HELP")
        (one,) = customer.provider.posted
        assert one.form["StatusCallback"] == hall.url + customer.path
        sdk = RequestValidator(customer.auth_token)
        for state, kept in (("delivered", "delivered"), ("sent", "delivered"), ("read", "read")):
            form = {"MessageSid": "SM-ours-1", "MessageStatus": state, "From": "+447700900000"}
            shown = sdk.compute_signature(hall.url + customer.path, form)
            answer = await hall.http.post(customer.path, data=form, headers={"x-twilio-signature": shown})
            assert answer.status_code == 200 and answer.text == "<Response/>"
            assert [each for _, each, _ in await hall.deliveries()] == [kept]
        plain = await hall.http.post(
            customer.path, data={"MessageSid": "SM-ours-1"}, headers={"x-twilio-signature": "forged"}
        )
        assert plain.status_code == 401


async def test_python_telegram_bot_reads_what_we_send_and_what_its_customer_does(hall: Hall):
    """PTB parses our messages as the Bot API's and the fake's updates as Telegram's; its limits are Telegram's."""
    import telegram
    from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

    async with arrived(TelegramCustomer, hall) as customer:
        assert isinstance(customer, TelegramCustomer)
        assert telegram.Update.de_json(customer.update("hello"), None).message.text == "hello"
        pressed = telegram.Update.de_json(customer.update("", "rb1_x"), None)
        assert pressed.callback_query is not None and pressed.callback_query.data == "rb1_x"
        start = await customer.post(customer.request("/start"))
        assert start.status_code == 200
        await customer.press("As soon as possible")
        for one in customer.provider.posted:
            sent = one.json
            assert 1 <= len(sent["text"]) <= MessageLimit.MAX_TEXT_LENGTH
            markup = sent.get("reply_markup") or {}
            if "inline_keyboard" in markup:
                read = telegram.InlineKeyboardMarkup.de_json(markup, None)
                assert read.to_dict() == markup
                for row in read.inline_keyboard:
                    size = len(str(row[0].callback_data).encode())
                    assert InlineKeyboardButtonLimit.MIN_CALLBACK_DATA <= size <= 64
            elif markup:
                assert telegram.ReplyKeyboardMarkup.from_button is not None
                assert (
                    markup["keyboard"][0][0]
                    == telegram.KeyboardButton("Share my number", request_contact=True).to_dict()
                )
        answered = await customer.post(customer.request("", "rb1_" + "B" * 42))
        assert json.loads(answered.content) == {"method": "answerCallbackQuery", "callback_query_id": "q1"}


async def test_a_number_shared_on_telegram_is_proved_when_it_is_their_own(hall: Hall):
    async with arrived(TelegramCustomer, hall) as customer:
        assert isinstance(customer, TelegramCustomer)
        await customer.write("call me as soon as possible")
        update = customer.update("")
        contact = {"phone_number": "442079460123", "first_name": "Ada", "user_id": 77}
        del update["message"]["text"]
        update["message"]["contact"] = contact
        await customer.post(customer.request() | {"json": update})
        await customer.press("Yes, call me")
        (request,) = hall.asked_for(RequestCallback)
        assert request.destination.address == "+442079460123" and request.destination.proved
