"""What must be so on every channel: prompt, answer, booking, move, cancel; STOP and HELP; forged, repeated and oversized input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ringback.domain.commands import CancelCallback, MoveCallback, RequestCallback
from ringback.domain.destinations import DestinationKind
from tests.channels.customers import NUMBER, Customer

pytestmark = pytest.mark.channel


async def book(customer: Customer) -> RequestCallback:
    """From the first word to a callback tomorrow."""
    await customer.write("Hi, my October bill looks much too high to me. Can someone call me?")
    await customer.press("Pick a time")
    await customer.press("09:30")
    if not customer.knows_number:
        await customer.write("020 7946 0123")
    await customer.press("Yes, call me")
    (request,) = customer.hall.asked_for(RequestCallback)
    return request


def texts(customer: Customer) -> list[str]:
    return [each.text for each in customer.heard()]


async def test_a_customer_gets_the_prompt_answers_it_books_moves_and_cancels(customer: Customer):
    request = await book(customer)
    assert request.destination.kind is DestinationKind.PHONE and request.destination.address == NUMBER
    assert request.destination.proved is customer.knows_number
    assert request.when.start == customer.hall.diary.start + timedelta(minutes=30)
    assert request.consent is not None and "bill" in (request.topic or "")
    (consent,) = await customer.hall.sql("SELECT channel, words, number FROM consent")
    assert (consent["channel"], consent["number"]) == (customer.kind, NUMBER)
    asked = next(each.text for each in reversed(customer.heard()) if "Answer yes" in each.text)
    assert consent["words"] in asked
    assert any(each.startswith("Booked: ") for each in texts(customer))
    await customer.write("can we move it to another time?")
    await customer.press("Pick a time")
    await customer.press("10:00")
    await customer.press("Yes, ")
    (moved,) = customer.hall.asked_for(MoveCallback)
    assert moved.callback == request.callback
    await customer.write("please call it off")
    await customer.press("Yes, cancel it")
    (cancelled,) = customer.hall.asked_for(CancelCallback)
    assert cancelled.callback == request.callback
    assert texts(customer)[-1] == "Cancelled. No phone will ring."
    states = {state for _, state, _ in await customer.hall.deliveries()}
    assert states == {"handed_over"}


async def test_who_writes_german_is_answered_in_german_with_buttons_that_fit(customer: Customer):
    customer.language = "de"
    await customer.write("Guten Tag, meine Rechnung ist zu hoch. Können Sie mich bitte anrufen?")
    await customer.press("Zeit wählen")
    await customer.press("09:30")
    if not customer.knows_number:
        await customer.write("020 7946 0123")
    await customer.press("Ja, anrufen")
    (request,) = customer.hall.asked_for(RequestCallback)
    assert request.language == "de"
    assert any(each.startswith("Gebucht: ein Anruf morgen, ") for each in texts(customer))
    labels = {label for each in customer.heard() for label in each.choices}
    assert all(len(label) <= (24 if customer.kind == "twilio-whatsapp" else 20) for label in labels if customer.presses)


async def test_labels_and_tokens_fit_every_channel(customer: Customer):
    await book(customer)
    shown = [(label, sent) for each in customer.heard() for label, sent in each.choices.items()]
    assert len(shown) > 10
    assert all(
        len(label) <= (24 if customer.kind == "twilio-whatsapp" else 20) for label, _ in shown if customer.presses
    )
    assert all(len(sent.encode()) <= 64 for _, sent in shown)


async def test_yes_can_be_typed_and_a_number_that_cannot_be_called_is_asked_for_again(customer: Customer):
    await customer.write("call me as soon as possible please")
    if not customer.knows_number:
        await customer.write("0207 94")
        assert "number" in texts(customer)[-1]
        await customer.write("+44 20 7946 0123")
    await customer.write("yes")
    (request,) = customer.hall.asked_for(RequestCallback)
    assert request.destination.address == NUMBER


async def test_the_same_event_twice_and_the_same_button_twice_change_nothing(customer: Customer):
    await customer.write("can someone call me?", event="4711")
    before = texts(customer)
    await customer.write("can someone call me?", event="4711")
    assert texts(customer) == before
    await customer.press("As soon as possible")
    after = texts(customer)
    if customer.presses:
        token = next(sent for label, sent in customer.heard()[-2].choices.items() if label.startswith("As soon"))
        assert (await customer.post(customer.request("As soon as possible", token))).status_code == 200
        assert texts(customer) == after
    (count,) = await customer.hall.sql("SELECT count(*) FROM chat")
    assert count["count"] == 1


async def test_stop_in_every_variant_withdraws_says_so_once_flags_a_person_and_nothing_more_is_sent(customer: Customer):
    for word in customer.stop_words[:1]:
        request = await book(customer)
        await customer.write(word)
        assert [each.callback for each in customer.hall.asked_for(CancelCallback)] == [request.callback]
        said = texts(customer)
        assert said[-1] == "You will not hear from us again about this."
        (chat,) = await customer.hall.sql("SELECT flagged_why FROM chat")
        assert chat["flagged_why"] == "stopped"
        await customer.write(word)
        await customer.write("help")
        await customer.write("what a day")
        await customer.hall.settle()
        assert texts(customer) == said
        await customer.write("please call me back as soon as possible")
        assert len(texts(customer)) > len(said)


async def test_every_word_that_stops_is_heard(customer: Customer):
    for word in customer.stop_words:
        await customer.write("can someone call me?")
        before = len(texts(customer))
        await customer.write(word)
        assert texts(customer)[before:] == ["You will not hear from us again about this."], word
        await customer.write("start")
    assert len(texts(customer)) > 0


async def test_help_says_who_this_is_and_how_to_make_it_stop(customer: Customer):
    await customer.write("HELP")
    (text,) = texts(customer)
    assert text.startswith("Acme Energy") and "STOP" in text


async def test_forged_oversized_and_broken_input_is_refused_and_changes_nothing(customer: Customer):
    good = customer.request("can someone call me?")
    forged: dict[str, Any] = good | {"headers": {"content-type": "application/json"}}
    assert (await customer.post(forged)).status_code == 401
    huge = {"content": b"x" * 70_000, "headers": good["headers"]}
    assert (await customer.post(huge)).status_code == 413
    broken = {"content": b'{"a":', "headers": good["headers"]}
    assert (await customer.post(broken)).status_code in (400, 401, 422)
    unknown = await customer.hall.http.post("/channels/v1/ch_nobody", **good)
    assert unknown.status_code == 404
    assert (await customer.hall.sql("SELECT count(*) FROM chat"))[0]["count"] == 0
    assert texts(customer) == []
    await customer.write("can someone call me?")
    assert texts(customer)


async def test_a_token_that_is_not_ours_is_answered_and_does_nothing(customer: Customer):
    await customer.write("can someone call me?")
    if customer.presses:
        assert (await customer.post(customer.request("Yes", "rb1_" + "A" * 42))).status_code == 200
        assert texts(customer)[-1].startswith("That choice is not there any more.")
    assert customer.hall.asked_for(RequestCallback) == []


async def test_a_provider_that_is_away_gets_everything_later_in_order(customer: Customer):
    customer.provider.refusals += [(503, {}), (429, {"parameters": {"retry_after": 2}})]
    await customer.write("HELP")
    await customer.write("can someone call me?")
    assert texts(customer) == []
    for _ in range(4):
        await customer.hall.let_it_be_later()
    heard = texts(customer)
    assert len(heard) == 2, heard
    assert heard[0].startswith("Acme Energy") and "call" in heard[1]


async def test_what_a_provider_will_never_take_is_kept_as_failed_and_what_follows_is_sent(customer: Customer):
    customer.provider.refusals += [(400, {})]
    await customer.write("HELP")
    assert [(state, error) for _, state, error in await customer.hall.deliveries()] == [("failed", "status 400")]
    await customer.write("HELP")
    assert len(texts(customer)) == 1
