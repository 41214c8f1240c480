"""In which language somebody writes, by its commonest words: for channels that do not say, from the first message on."""

from __future__ import annotations

import re

from ringback.callback_application_server.rules.when.lexicon import fold

ENOUGH = 2  # words that are of this language and not of the next best one
_WORD = re.compile(r"[a-z]+")
_COMMON = {
    "en": "the a an i you me my your is are am be can could would please call to at on in of and for it this that with about today "
    "tomorrow need want have when what how hello hi thanks not do does",
    "de": "der die das den dem ein eine einen ich sie mich mir mein meine ist sind bin kann konnen konnten bitte anrufen ruckruf rufen um am im "
    "und fur es nicht mit uber heute morgen mochte brauche habe wann was wie hallo guten danke an zu auf",
    "es": "el la los las un una yo usted me mi su es son soy puede pueden podria por favor llamar llamame llamen llamada a al de del en y para "
    "con sobre hoy manana necesito quiero tengo cuando que como hola buenos gracias no lo",
    "fr": "le la les un une je vous me ma mon mes votre est sont suis pouvez pourriez peut appeler appelez rappel rappeler s il plait a au de du "
    "des en et pour avec sur aujourd hui demain besoin veux voudrais ai quand que comment bonjour merci pas ne",
    "pt": "o os as um uma eu voce me meu minha e sao sou pode podem poderia por favor ligar liguem ligacao ao do da no na em para com sobre hoje "
    "amanha preciso quero tenho quando que como ola bom obrigado obrigada nao",
    "it": "il lo la gli le un una io lei mi mio mia e sono puo potete potrebbe per favore chiamare chiamata chiamarmi al di del della in con su "
    "oggi domani ho bisogno vorrei quando che come ciao buongiorno grazie non",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}


def language_of(text: str) -> str | None:
    """Return the language of a text, `de`; None where too little of it is known, or two languages are alike in it."""
    written = set(_WORD.findall(fold(text[:500])))
    counted = sorted(((len(written & words), language) for language, words in _WORDS.items()), reverse=True)
    (best, language), (next_best, _) = counted[:2]
    return language if best - next_best >= ENOUGH else None
