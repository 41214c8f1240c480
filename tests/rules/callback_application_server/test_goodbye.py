"""A goodbye is the whole message: what says anything else is for the agent to answer."""

from __future__ import annotations

import pytest

from ringback.callback_application_server.rules.intents.goodbye import is_goodbye


@pytest.mark.parametrize(
    "text",
    [
        "Bye!", "Thanks, that was all. Bye bye!", "OK, that was all. Thank you very much!", "No thanks, that’s all", "Tschüss und danke", "Das war’s, vielen Dank.",
        "Merci, au revoir", "Non, c'est tout, merci", "Gracias, adiós", "Obrigado, até logo", "Grazie mille, arrivederci!",
    ],
)  # fmt: skip
def test_it_is_understood_with_thanks_before_and_after(text: str):
    assert is_goodbye(text)


@pytest.mark.parametrize(
    "text", ["", "thanks", "ok", "no", "bye-law 7 applies", "that's all I know about it", "danke", "goodbye party?", "stop", "and bye the way"]
)  # fmt: skip
def test_what_says_anything_else_is_no_goodbye(text: str):
    assert not is_goodbye(text)
