"""What a customer's own words ask for: the wish, when, who and the number, read together. What is not certain is marked so, and asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.intents.languages import WORDINGS
from ringback.callback_application_server.rules.intents.names import Named, WhoNamed, somebody_else, who_is_named
from ringback.callback_application_server.rules.intents.numbers import number_in, unusable_in
from ringback.callback_application_server.rules.intents.wishes import Intent, Wish, wish_of
from ringback.callback_application_server.rules.typed_times import TimeReading, read_time
from ringback.callback_application_server.rules.when.lexicon import fold
from ringback.domain.times import When

LONGEST = 1500  # characters in which wishes are looked for
FEW = 8  # more words that ask for nothing tell a story: its times are not asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One message, read."""

    intent: Intent = Intent.NONE
    guessed: bool = False  # the intent is the classifier's: asked about before anything is done
    agrees: bool = False  # it begins with a yes, whatever follows
    declines: bool = False  # it begins with a no: what follows corrects
    when: When | None = None
    readings: tuple[When, ...] = ()  # the times that may be meant
    day: str | None = None  # a day without a time: 2026-11-24
    provider: str | None = None
    same_agent: bool = False
    unclear_who: tuple[str, ...] = ()
    unknown_who: str | None = None  # a name that nobody here has
    number: str | None = field(default=None, repr=False)
    unusable: str | None = field(default=None, repr=False)  # written as a number, and none that may be rung
    other_number: bool = False
    passed: datetime | None = None  # the time that was named lies behind us

    @property
    def asks_for_a_call(self) -> bool:
        """A callback is what this is about."""
        asks = (Intent.CALL, Intent.PERSON, Intent.WHEN)
        return self.intent in asks or self.when is not None

    @property
    def states_something(self) -> bool:
        """It answers one of the questions: who, when, where."""
        return bool(
            self.when or self.readings or self.day or self.passed or self.provider or self.number or self.same_agent
        )


def understand(
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    names: Iterable[Named] = (),
    language: str = "en",
    region: str | None = None,
    before: When | None = None,
) -> Understood:
    """Read one message of the customer's, in their zone. `before`: the time talked about so far, which a correction changes in part."""
    folded = fold(text[:LONGEST])
    wish = wish_of(folded, language=language)
    time = read_time(text, now=now, zone=zone, locale=language, before=before)
    who = who_is_named(folded, names)
    nobody_named = who == WhoNamed(anybody=who.anybody) and wish.intent is not Intent.PERSON
    unknown = somebody_else(text[:LONGEST]) if nobody_named else None
    if unknown is not None and read_time(unknown, now=now, zone=zone) is not None:
        unknown = None  # "call Monday": a day, nobody's name
    number = number_in(text, region)
    when = None if time is None or time.passed else time.when
    readings = () if time is None or (wish.intent is Intent.NONE and len(text.split()) > FEW) else time.readings
    day = None if time is None else time.day
    understood = Understood(
        intent=wish.intent,
        guessed=wish.guessed,
        agrees=wish.agrees,
        declines=wish.declines,
        when=when,
        readings=readings,
        day=day,
        provider=who.address,
        same_agent=who.same_agent,
        unclear_who=who.unclear,
        unknown_who=unknown,
        number=number,
        unusable=unusable_in(text, region) if number is None else None,
        other_number=wish.other_number,
        passed=_passed(time, folded, wish, now=now, zone=zone),
    )
    return _settled(understood, wish)


def _passed(time: TimeReading | None, folded: str, wish: Wish, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return a time that is asked for and lies behind us: one of today, or one of "yesterday", which is no story."""
    if time is not None:
        return time.when.start if time.passed and time.when is not None else None
    if wish.intent is not Intent.CALL or wish.guessed or any(each.tells.search(folded) for each in WORDINGS):
        return None
    for each in WORDINGS:
        if each.names_yesterday.search(folded):
            rest = read_time(each.names_yesterday.sub(" ", folded), now=now, zone=zone)
            named = rest.when.start if rest is not None and rest.when is not None else None
            at = (named or now).astimezone(zone)
            return datetime.combine(now.astimezone(zone).date() - timedelta(days=1), at.timetz())
    return None


def _settled(understood: Understood, wish: Wish) -> Understood:
    """Name what a message without a wish of its own states."""
    if wish.intent is not Intent.NONE and not wish.guessed:
        return understood
    for stated, intent in (
        (understood.when or understood.passed or understood.day or understood.readings, Intent.WHEN),
        (understood.number, Intent.NUMBER),
        (understood.provider, Intent.PROVIDER),
    ):
        if stated:
            return _with(understood, intent)
    return understood


def _with(understood: Understood, intent: Intent) -> Understood:
    return replace(understood, intent=intent, guessed=False)


__all__ = ["Intent", "Named", "Understood", "understand"]
