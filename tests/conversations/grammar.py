"""Scripts of customers, made from phrasings of their own: none stands in the tables that the program reads with or trains on.

A script states when (and perhaps who) in one message or in several, in one of six languages, with corrections, chatter, impatience or
nonsense between. `start` is the time that the whole script means; None when it never says one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

LANGUAGES = ("en", "de", "es", "fr", "pt", "it")
_DAY = {"en": "tomorrow", "de": "morgen", "es": "mañana", "fr": "demain", "pt": "amanhã", "it": "domani"}
_TIME = {
    "en": ("at {c}", "at {c} sharp"),
    "de": ("um {c}", "gegen {c} Uhr"),
    "es": ("a las {c}", "a las {c} horas"),
    "fr": ("à {h}h{m}", "vers {c}"),
    "pt": ("às {c}", "pelas {c}"),
    "it": ("alle {c}", "alle ore {c}"),
}
_ASK = {
    "en": ("Hiya, would somebody kindly phone me {t} {w}", "I want a call {t} {w}, cheers", "ring me {t} {w} would you"),
    "de": ("Moin, könnte mich jemand {t} {w} anrufen", "Ich hätte gern einen Rückruf {t} {w}", "Bitte {t} {w} {who_de}bei mir anrufen"),
    "es": ("Buenas, llámenme {t} {w} si son tan amables", "Quisiera una llamada {t} {w}", "¿Podría alguien llamarme {t} {w}?"),
    "fr": ("Bonsoir, merci de m'appeler {t} {w}", "Je voudrais un rappel {t} {w}", "Pourriez-vous me téléphoner {t} {w} ?"),
    "pt": ("Viva, liguem-me {t} {w} se puderem", "Gostava de uma chamada {t} {w}", "Alguém me pode ligar {t} {w}?"),
    "it": ("Salve, chiamatemi {t} {w} se potete", "Vorrei una telefonata {t} {w}", "Qualcuno può chiamarmi {t} {w}?"),
}  # fmt: skip
_WITH = {"en": "with {n}", "de": "mit {n}", "es": "con {n}", "fr": "avec {n}", "pt": "com {n}", "it": "con {n}"}
_VAGUE = {
    "en": "I would love a phone call please", "de": "Könnte mich bitte jemand zurückrufen?", "es": "Por favor llámenme",
    "fr": "Rappelez-moi s'il vous plaît", "pt": "Podem ligar-me por favor?", "it": "Potete richiamarmi?",
}  # fmt: skip
_CORRECT = {
    "en": ("no sorry, {c} is better", "actually make it {c}"),
    "de": ("nein, doch lieber um {c}", "Moment, besser um {c}"),
    "es": ("no, mejor a las {c}", "perdón, a las {c}"),
    "fr": ("non, plutôt à {c}", "pardon, à {c}"),
    "pt": ("não, melhor às {c}", "desculpe, às {c}"),
    "it": ("no, meglio alle {c}", "scusi, alle {c}"),
}
_YES = {
    "en": ("yup", "sure thanks", "yes that's right"), "de": ("jawohl", "ja passt", "genau, danke"), "es": ("sí claro", "vale gracias", "correcto"),
    "fr": ("oui merci", "d'accord", "c'est bon"), "pt": ("sim obrigado", "pode ser", "isso mesmo"), "it": ("sì grazie", "va bene", "esatto"),
}  # fmt: skip
_CHATTER = {
    "en": "My meter shows a strange figure since the storm.", "de": "Der Zähler zeigt seit dem Sturm Unsinn an.", "es": "El contador marca algo raro.",
    "fr": "Le compteur affiche n'importe quoi.", "pt": "O contador mostra um valor estranho.", "it": "Il contatore segna un valore strano.",
}  # fmt: skip
_NOISE = ("???", "hello???", "asdf qwer", "🙃🙃", "hmpf", "zzzz 99", "blah blah blah")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a customer writes, the words with which they agree, and what should become of it."""

    number: int
    language: str
    messages: tuple[str, ...]
    yes: str
    start: datetime | None
    agent: str | None

    @property
    def states_everything(self) -> bool:
        """A callback can be booked from it."""
        return self.start is not None


def scripts(count: int, *, morning: datetime, seed: int = 1) -> list[Script]:
    """Make so many scripts about times from `morning` on: tomorrow, on the customer's clock."""
    dice = random.Random(seed)
    return [_script(dice, number, morning) for number in range(count)]


def _script(dice: random.Random, number: int, morning: datetime) -> Script:
    language = dice.choice(LANGUAGES)
    start = morning + timedelta(minutes=15) * dice.randrange(4, 10)
    later = morning + timedelta(minutes=15) * dice.randrange(4, 10)
    agent = dice.choice((None, None, "Kim", "Amir"))
    messages: list[str] = []
    meant: datetime | None = start
    kind = dice.choice(("whole", "whole", "whole", "parts", "corrected", "chatter", "nonsense", "silent"))
    if kind == "chatter":
        messages.append(_CHATTER[language])
    if kind in ("parts", "nonsense", "silent"):
        messages.append(_VAGUE[language])
    if kind == "nonsense":
        messages += dice.sample(_NOISE, 1)
    if kind == "silent":
        messages += dice.sample(_NOISE, 3)
        meant, agent = None, None
    elif kind in ("parts", "nonsense"):
        messages.append(" ".join(_shuffled(dice, [_DAY[language], _time(dice, language, start)])))
        if agent:
            messages.append(_WITH[language].format(n=agent))
    else:
        messages.append(_ask(dice, language, start, agent))
    if kind == "corrected" and later != start:
        messages.append(dice.choice(_CORRECT[language]).format(c=f"{later:%H:%M}"))
        meant = later
    return Script(
        number=number,
        language=language,
        messages=tuple(messages),
        yes=dice.choice(_YES[language]),
        start=meant,
        agent=agent,
    )


def _ask(dice: random.Random, language: str, start: datetime, agent: str | None) -> str:
    when = " ".join(_shuffled(dice, [_DAY[language], _time(dice, language, start)]))
    who = _WITH[language].format(n=agent) if agent else ""
    return " ".join(dice.choice(_ASK[language]).format(t=when, w=who, who_de="").split())


def _time(dice: random.Random, language: str, start: datetime) -> str:
    return dice.choice(_TIME[language]).format(c=f"{start:%H:%M}", h=start.hour, m=f"{start:%M}")


def _shuffled(dice: random.Random, parts: list[str]) -> list[str]:
    return parts if dice.random() < 0.7 else parts[::-1]
