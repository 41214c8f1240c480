"""Whether somebody says goodbye: the whole message does, and nothing else. Only asked while a person is in the chat, or looked for."""

from __future__ import annotations

import re

from ringback.callback_application_server.rules.when.lexicon import fold

_GOODBYES = frozenset(
    fold(each)
    for each in (
        "bye", "bye bye", "goodbye", "good bye", "that's all", "thats all", "that is all", "that was all", "end chat",
        "end the chat", "end this chat", "have a nice day", "bye for now", "no more questions", "nothing else",
        "tschüss", "tschüs", "auf wiedersehen", "das war alles", "das wars", "das war's", "das ist alles", "chat beenden",
        "schönen tag noch", "keine weiteren fragen", "bis dann",
        "adiós", "hasta luego", "eso es todo", "eso era todo", "nada más", "terminar el chat", "chao", "chau",
        "au revoir", "c'est tout", "c'était tout", "bonne journée", "terminer le chat", "à bientôt", "plus de questions",
        "tchau", "adeus", "é tudo", "é só isso", "era só isso", "encerrar o chat", "até logo",
        "arrivederci", "è tutto", "era tutto", "buona giornata", "chiudi la chat", "a presto",
    )
)  # fmt: skip
_THANKS = frozenset(
    fold(each)
    for each in (
        "thank you very much", "thank you so much", "thanks a lot", "many thanks", "thank you", "thanks", "ok", "okay", "great", "no",
        "vielen dank", "danke schön", "danke", "nein", "super", "muchas gracias", "gracias", "merci beaucoup", "merci", "non",
        "muito obrigado", "muito obrigada", "obrigado", "obrigada", "não", "mille grazie", "grazie mille", "grazie", "and", "und", "y", "et", "e",
    )
)  # fmt: skip
_PUNCTUATION = re.compile(r"[^\w\s']+")
_PHRASES = tuple(sorted(_GOODBYES | _THANKS, key=len, reverse=True))


def is_goodbye(text: str) -> bool:
    """Tell whether the message is made of goodbyes and thanks alone, with one goodbye at least, in any of the languages the chat reads."""
    left, said = " ".join(_PUNCTUATION.sub(" ", fold(text)).split()) + " ", False
    while left:
        phrase = next((each for each in _PHRASES if left.startswith(f"{each} ")), None)
        if phrase is None:
            return False
        left, said = left[len(phrase) + 1 :], said or phrase in _GOODBYES
    return said
