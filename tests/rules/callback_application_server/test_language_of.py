"""In which language a first message is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.callback_application_server.rules.intents.language import language_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Hello, could you please call me about my bill?"),
        ("de", "Guten Tag, können Sie mich bitte wegen meiner Rechnung anrufen?"),
        ("es", "Hola, ¿me pueden llamar mañana por la tarde, por favor?"),
        ("fr", "Bonjour, pouvez-vous me rappeler demain au sujet de ma facture ?"),
        ("pt", "Olá, vocês podem me ligar amanhã, por favor? Não entendo a minha conta."),
        ("it", "Buongiorno, potete chiamarmi domani per favore? Ho bisogno di aiuto con la bolletta."),
        (None, "STOP"),
        (None, "14:30"),
        (None, "電話してください"),
        (None, ""),
    ],
)
def test_a_first_message(language: str | None, text: str):
    assert language_of(text) == language


@given(st.text(max_size=300))
def test_anything_can_be_asked(text: str):
    assert language_of(text) in (None, "en", "de", "es", "fr", "pt", "it")
