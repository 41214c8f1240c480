"""Words as retrieval compares them: folded, without accents and endings, without the words that every sentence has."""

from __future__ import annotations

import re

from ringback.callback_application_server.rules.when.lexicon import fold

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ed", "es", "en", "er", "s", "e")
_SHORTEST = 4  # letters that stay of a word whose ending is taken
_EMPTY_WORDS = """
    a an the of to in on at by for from with and or but if is are was were be been am do does did have has had can could will would shall should may might must
    i me my mine we us our you your it its he she they them their this that these those there here what which who whom how when where why not no yes please
    hi hello hey thanks thank want need like get got just so as about into than then too very any some one anyone someone tell know help ok okay im ive id dont cant whats
    der die das den dem des ein eine einen einem einer und oder aber ist sind war bin ich mich mir mein meine meinen wir uns unser sie ihr ihre es er zu in im am an
    auf mit von fur was wer wie wann wo warum nicht kein keine bitte danke hallo kann konnen mochte will haben habe hat
    el la los las un una de del y o en con por para que como cuando donde es son mi mis su me se lo no si hola gracias por favor quiero puedo
    le les des du et ou est sont je mon ma mes vous nous il elle ce cette pour dans avec qui quoi comment quand pourquoi ne pas bonjour merci
    os as um uma do da dos das e em com quem como quando onde meu minha nao sim ola obrigado il gli i uno di del della che come quando dove mio mia non si ciao grazie
"""  # English, German, Spanish, French, Portuguese, Italian: what every sentence has
EMPTY = frozenset(_EMPTY_WORDS.split())


def folded(text: str) -> str:
    """Return the text in lower case and without accents, so that "Größe" and "grosse", "CAFÉ" and "cafe" are one."""
    return fold(text).replace("ß", "ss")


def stems(text: str) -> list[str]:
    """Return the words that carry meaning, each without its ending, in order; all of them when none would be left."""
    words = [word.replace("'", "").replace("’", "") for word in _WORD.findall(folded(text))]
    kept = [word for word in words if word not in EMPTY]
    return [_stem(word) for word in kept or words]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word
