"""A chat in the customer's language: what is said, asked, shown and refused; beside another chat in another language."""

from __future__ import annotations

from ringback.domain.commands import CancelCallback
from ringback.domain.events import CallbackFinished, CallbackRefused
from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState
from tests.workflows.callback_application_server.lobby import Lobby, Visitor
from tests.workflows.callback_application_server.test_telling import dialled


async def test_from_the_first_words_to_the_last_in_german(lobby: Lobby):
    visitor = await lobby.visitor(locale="de-DE")
    await visitor.say("Bitte rufen Sie mich so bald wie möglich an")
    prompt = await visitor.prompt()
    assert prompt["title"] == "Wir rufen Sie hier an, in diesem Browser"
    assert prompt["submit"].startswith("Rufen Sie mich bis ") and prompt["submit"].endswith(" an")
    assert "darf mich dazu in diesem Browser anrufen" in prompt["consent"]
    refused = (await visitor.choose(prompt["submit"])).json()
    assert refused["detail"] == "Setzen Sie das Häkchen, damit wir Sie anrufen dürfen."
    assert (await visitor.choose(prompt["submit"], consent=True)).status_code == 200
    assert (await visitor.texts())[-1].startswith("Gebucht: ein Anruf bis ")
    card = await visitor.card()
    assert card is not None and "ruft Sie an" in card["lead"]
    assert {line["label"] for line in card["lines"]} <= {"Ihr Platz", "Wir rufen an", "Thema"}
    callback = CallbackId(card["id"])
    await lobby.tell(callback, dialled(callback, lobby))
    assert (await visitor.texts())[-1] == "Kim ruft Sie jetzt an."
    await visitor.say("Bitte absagen")
    await visitor.choose("Ja, absagen")
    assert len(lobby.asked_for(CancelCallback)) == 1
    await lobby.tell(callback, CallbackFinished(callback=callback, state=CallbackState.CANCELLED, reason="customer"))
    assert (await visitor.texts())[-1] == "Abgesagt. Es wird kein Telefon klingeln."


async def test_two_chats_in_two_languages_are_not_mixed_up(lobby: Lobby):
    german, english, other = [await lobby.visitor(locale=each) for each in ("de", "en-GB", "ja")]
    visitors: list[tuple[Visitor, str]] = [
        (german, "Wann sollen wir anrufen?"),
        (english, "When should we call?"),
        (other, "When should we call?"),  # nobody has written it in Japanese yet
    ]
    for visitor, title in visitors:
        assert (await visitor.post("/callback-offer")).status_code < 300
        assert (await visitor.prompt())["title"] == title
    await german.choose("Zeit wählen")
    [today, *_] = (await german.prompt())["days"]
    assert today["label"] == "Heute" or today["label"].endswith(".")


async def test_a_refusal_by_another_server_is_said_in_the_language_of_the_chat(lobby: Lobby):
    visitor = await lobby.visitor(locale="fr-FR")
    callback = await visitor.book("Appelez-moi dès que possible")
    refusal = CallbackRefused(
        callback=callback, id="slot-taken", detail="15:15 was just taken.", next="Pick another time."
    )
    await lobby.tell(callback, refusal)
    assert (await visitor.texts())[-1] == "Cette heure vient d’être prise. Choisissez une autre heure."
    assert (await visitor.prompt())["title"] == "Cela n’a pas pu être réservé"


async def test_the_words_of_the_widget_are_there_for_any_page(lobby: Lobby):
    found = await lobby.http.get("/widget/v1/words/es", headers={"origin": "https://elsewhere.example"})
    assert (found.status_code, found.headers["access-control-allow-origin"]) == (200, "https://elsewhere.example")
    assert (found.json()["direction"], found.json()["words"]["getCall"]) == ("ltr", "Pedir una llamada")
    unknown = await lobby.http.get("/widget/v1/words/xx")
    assert (unknown.status_code, unknown.json()["words"]) == (200, {}), "it stays English, and no console complains"
