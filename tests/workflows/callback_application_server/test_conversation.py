"""From the first word to a booked callback, as the customer sees it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import DestinationKind
from ringback.domain.times import WhenKind
from tests.workflows.callback_application_server.lobby import Lobby, Visitor


async def test_nobody_is_there_to_chat_so_a_call_is_offered(visitor: Visitor):
    await visitor.say("Hi, my October bill looks too high. Can anyone explain the second line?")
    prompt = await visitor.prompt()
    assert prompt["kind"] == "when"
    assert prompt["title"] == "When should we call?"
    assert prompt["context"] == "Billing team · 3 people"
    asap = prompt["options"][0]
    assert asap["label"] == "As soon as possible"
    assert asap["detail"].startswith("About 6–9 min · by ") and asap["detail"].endswith(" at the latest")
    assert [each["label"] for each in prompt["options"]] == [
        "As soon as possible",
        "Pick a time",
        "No thanks, keep chatting",
    ]


async def test_as_soon_as_possible_by_taps(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("As soon as possible")
    confirm = await visitor.prompt()
    assert confirm["kind"] == "confirm" and confirm["destinations"] == ["browser"]
    assert confirm["submit"].startswith("Call me by ")
    assert confirm["consent"].startswith("Acme Energy may call me")
    await visitor.choose(confirm["submit"], consent=True, topic="October bill")
    card = await visitor.card()
    assert card is not None
    assert (card["state"], card["headline"], card["title"]) == ("booked", "about 6–9 min", "Callback booked")
    told_by = lobby.asked_for(RequestCallback)[0].told_by
    assert told_by is not None
    assert confirm["submit"] == f"Call me by {told_by.astimezone(ZoneInfo('Europe/London')):%H:%M}"
    assert {"label": "Your place", "value": "3rd of 7"} in card["lines"]
    assert [status for status, _ in await visitor.lines()] == ["booked"]
    (request,) = lobby.asked_for(RequestCallback)
    assert request.when.kind is WhenKind.ASAP and request.topic == "October bill" and request.consent is not None
    assert request.destination.kind is DestinationKind.BROWSER and request.destination.address == str(visitor.chat)
    (consent,) = await lobby.sql("SELECT * FROM consent")
    assert consent["words"] == confirm["consent"] and consent["answer"] and consent["id"] == request.consent


async def test_yes_is_said_only_after_it_was_accepted(lobby: Lobby, visitor: Visitor):
    await visitor.say("call me asap")
    prompt = await visitor.prompt()
    await visitor.post("/answers", {"token": prompt["options"][0]["token"], "consent": True})
    card = await visitor.card()
    assert card is not None and card["state"] == "asking_room" and not card["can_cancel"]
    assert not await visitor.lines()
    await lobby.settle()
    assert [status for status, _ in await visitor.lines()] == ["booked"]


async def test_a_day_and_then_a_time(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    prompt = await visitor.prompt()
    times = [each["label"] for each in prompt["options"] if each["style"] == "option"]
    assert prompt["kind"] == "day" and len(times) == 8 and times[0] == "09:00"
    assert prompt["note"] == "We call within 15 min of the time you pick."
    await visitor.choose("09:15")
    confirm = await visitor.prompt()
    assert confirm["submit"] == "Call me tomorrow at 09:15"
    await visitor.choose(confirm["submit"], consent=True)
    (request,) = lobby.asked_for(RequestCallback)
    assert request.when.kind is WhenKind.SLOT and request.when.start == lobby.diary.start + timedelta(minutes=15)
    assert lobby.diary.slots[request.when.start] == 1


async def test_another_day_comes_back_under_the_same_message(lobby: Lobby, visitor: Visitor):
    lobby.diary.slots[lobby.diary.start + timedelta(days=1)] = 1
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    before = await visitor.prompt()
    said = len(await visitor.texts())
    response = await visitor.choose(before["days"][1]["label"])
    assert response.status_code == 200
    after = await visitor.prompt()
    assert after["id"] != before["id"] and len(await visitor.texts()) == said
    assert [each["selected"] for each in after["days"]] == [False, True]
    assert [each["label"] for each in after["options"]] == ["09:00", "Back"]


@pytest.mark.parametrize(
    ("words", "context", "provider"),
    [
        ("I want to speak with Mira", "Mira Holt · Support", "biz:acme/q:support/a:mira"),
        ("Can Kim Sand call me?", "Kim Sand · Support", "biz:acme/q:support/a:kim-s"),
        ("Can Kim call me?", "Kim · Billing", "biz:acme/q:billing/a:kim"),  # who is meant here before anybody elsewhere
    ],
)
async def test_an_agent_of_any_department_can_be_named(
    lobby: Lobby, visitor: Visitor, words: str, context: str, provider: str
):
    await visitor.say(words)
    assert (await visitor.prompt())["context"] == context
    await visitor.choose("As soon as possible")
    await visitor.choose((await visitor.prompt())["submit"], consent=True)
    assert [each.provider for each in lobby.asked_for(RequestCallback)] == [provider]


async def test_who_calls_can_be_chosen(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("Change")
    prompt = await visitor.prompt()
    assert prompt["kind"] == "provider"
    assert {each["label"]: each["badge"] for each in prompt["options"] if each["style"] == "option"} == {
        "Billing team": None,
        "Support team": "free_now",
        "Kim": "on_a_call",
        "Amir": "available",
    }
    await visitor.choose("Kim")
    assert (await visitor.prompt())["context"] == "Kim · Billing"
    await visitor.choose("As soon as possible")
    await visitor.choose((await visitor.prompt())["submit"], consent=True)
    (request,) = lobby.asked_for(RequestCallback)
    assert request.provider == "biz:acme/q:billing/a:kim"


async def test_no_thanks_ends_it_politely(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("No thanks, keep chatting")
    assert "All right" in (await visitor.texts())[-1]
    assert not lobby.asked_for(RequestCallback)


async def test_a_number_consent_and_yes_are_one_step(lobby_with_phones: Lobby):
    visitor = await lobby_with_phones.visitor()
    await visitor.say("call me asap")
    confirm = await visitor.prompt()
    assert confirm["destinations"] == ["browser", "phone"]
    assert "on this number" in confirm["consent"]
    response = await visitor.choose(confirm["submit"], destination="phone", number="020 7946 0123", consent=True)
    assert response.status_code == 200, response.text
    (request,) = lobby_with_phones.asked_for(RequestCallback)
    assert request.destination.address == "+442079460123" and not request.destination.proved
    stored = await lobby_with_phones.sql("SELECT request::text FROM callback_request")
    assert "442079460123" not in stored[0]["request"], "the request as kept has no number"


async def test_the_page_asks_for_the_prompt(lobby: Lobby, visitor: Visitor):
    response = await visitor.post("/callback-offer", {"provider": "biz:acme/q:support", "topic": "Router"})
    assert response.json() == {"accepted": True}
    prompt = await visitor.prompt()
    assert prompt["kind"] == "when" and prompt["context"].startswith("Support team")
    await visitor.choose("As soon as possible")
    await visitor.choose((await visitor.prompt())["submit"], consent=True)
    (request,) = lobby.asked_for(RequestCallback)
    assert request.provider == "biz:acme/q:support" and request.topic == "Router"


async def test_after_hours_the_reason_and_times_of_the_next_opening(lobby: Lobby, visitor: Visitor):
    lobby.diary.open_now = False
    await visitor.say("Can someone call me?")
    prompt = await visitor.prompt()
    text = (await visitor.texts())[-1]
    assert "Billing is closed until tomorrow" in text and "09:00" in text
    assert "As soon as possible" not in [each["label"] for each in prompt["options"]]
    await visitor.choose("Pick a time")
    assert (await visitor.prompt())["options"][0]["label"] == "09:00"


async def test_a_time_that_is_taken_meanwhile_is_refused_with_what_is_next(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    await visitor.choose("09:00")
    submit = (await visitor.prompt())["submit"]
    lobby.diary.slots[lobby.diary.start] = 0
    response = await visitor.choose(submit, consent=True)
    assert response.status_code == 200
    assert (await visitor.texts())[-1] == "09:00 was just taken. Next: 09:15."
    assert await visitor.card() is None
    await visitor.choose("Pick another time")
    assert "09:00" not in [each["label"] for each in (await visitor.prompt())["options"]]
    await visitor.choose("09:15")
    await visitor.choose((await visitor.prompt())["submit"], consent=True)
    card = await visitor.card()
    assert card is not None and card["state"] == "booked"


async def test_a_time_that_went_before_the_confirmation_is_not_even_asked_for(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    lobby.diary.slots[lobby.diary.start] = 0
    await visitor.choose("09:00")
    prompt = await visitor.prompt()
    assert "09:00 was just taken" in (await visitor.texts())[-1]
    assert any("09:15" in each["label"] for each in prompt["options"])


async def test_the_customer_sees_their_own_zone(lobby: Lobby):
    visitor = await lobby.visitor(zone="Europe/Madrid")
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    prompt = await visitor.prompt()
    assert prompt["options"][0]["label"] == "10:00"
    assert prompt["note"].endswith("Your time, Madrid. Acme Energy is 1 h behind.")


async def test_answers_to_two_chats_never_mix(lobby: Lobby):
    first, second = await lobby.visitor(), await lobby.visitor()
    await first.book()
    assert await second.card() is None and await second.texts() == []


async def test_a_time_that_is_picked_is_kept_for_the_chat_and_let_go_with_the_next_look(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    times = await visitor.prompt()
    assert lobby.diary.holds == {}
    await visitor.choose(times["options"][1]["label"])
    confirm = await visitor.prompt()
    (kept,) = lobby.diary.holds.values()
    assert kept.kind is WhenKind.SLOT and kept.start == lobby.diary.start + timedelta(minutes=15)
    assert confirm["note"].startswith("We keep this time for you until ")
    await visitor.post("/answers", {"token": confirm["context_change"]})
    assert lobby.diary.holds == {}, "another look gives it back"


async def test_a_time_with_two_readings_is_asked_about_and_a_day_keeps_its_hour(lobby: Lobby, visitor: Visitor):
    await visitor.say("call me tomorrow at 9:15")
    await visitor.say("no, make it 10")
    assert "10:00" in (await visitor.texts())[-1]
    await visitor.say("yes")
    await visitor.say("ja, gerne")
    (request,) = lobby.asked_for(RequestCallback)
    assert request.when.start == lobby.diary.start + timedelta(hours=1)
    await visitor.say("können wir es auf 11 Uhr verschieben?")
    assert (await visitor.prompt())["title"] == "Move your callback?"


async def test_nothing_is_asked_more_than_twice(visitor: Visitor):
    for text in ("please call me", "banana", "bananas!", "more bananas", "and more"):
        await visitor.say(text)
    said = [each["text"] for each in (await visitor.see())["messages"] if each["author"] == "assistant"]
    assert len(said) == len(set(said)) == 3


async def test_a_number_in_words_is_taken_where_telephones_are_rung(lobby_with_phones: Lobby):
    visitor = await lobby_with_phones.visitor()
    await visitor.say("rufen Sie mich bitte morgen um 9:15 an")
    await visitor.say("ja")
    await visitor.say("ja")
    assert "number" in (await visitor.texts())[-1]
    await visitor.say("meine Nummer ist 020 7946 0123")
    assert "+442079460123" in (await visitor.texts())[-1]
    await visitor.say("ja")
    (request,) = lobby_with_phones.asked_for(RequestCallback)
    assert request.destination.address == "+442079460123"


async def test_a_guess_takes_nothing_back(visitor: Visitor):
    await visitor.say("es funktioniert jetzt nicht mehr")
    assert (await visitor.prompt())["kind"] == "when"
    assert "All right" not in (await visitor.texts())[-1]
