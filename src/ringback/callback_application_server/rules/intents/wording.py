"""How one language says what a customer of a callback can want. Patterns are over folded text: small letters, no accents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

GAP = r"[\s,.!?;:…\"“”'()-]*"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One language. Each field lists alternatives as parts of a regular expression; none may repeat without a bound.

    `yes`, `no`, `stop` and `polite` make up whole messages; the others are found anywhere. `leads_to` stands before what a
    call is about, `except_for` before a name that is not wanted. `yesterday` names a day that is over, and `told` makes a story
    of the same words; `wants` has a name where it says {who}.
    """

    language: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    stop: tuple[str, ...]
    polite: tuple[str, ...]
    cancel: tuple[str, ...]
    move: tuple[str, ...]
    status: tuple[str, ...]
    call: tuple[str, ...]
    person: tuple[str, ...]
    other_number: tuple[str, ...]
    same_agent: tuple[str, ...]
    anybody: tuple[str, ...]
    except_for: tuple[str, ...]
    greeting: tuple[str, ...]
    leads_to: tuple[str, ...]
    yesterday: tuple[str, ...]
    told: tuple[str, ...]
    wants: tuple[str, ...]

    @cached_property
    def is_yes(self) -> re.Pattern[str]:
        """A whole message that agrees, perhaps with a please or "call me"."""
        return self._whole(self.yes, (*self.polite, *self.yes, *self.call))

    @cached_property
    def begins_with_yes(self) -> re.Pattern[str]:
        """The message agrees first."""
        return re.compile(rf"{GAP}(?:{_either(self.yes)})\b")

    @cached_property
    def is_no(self) -> re.Pattern[str]:
        """A whole message that declines."""
        return self._whole(self.no, (*self.polite, *self.no))

    @cached_property
    def begins_with_no(self) -> re.Pattern[str]:
        """The message declines first: what follows corrects."""
        return re.compile(rf"{GAP}(?:{_either(self.no)})\b")

    @cached_property
    def is_stop(self) -> re.Pattern[str]:
        """A whole message that wants no contact any more."""
        return self._whole(self.stop, self.polite)

    def _whole(self, first: tuple[str, ...], more: tuple[str, ...]) -> re.Pattern[str]:
        either = _either(more)
        return re.compile(
            rf"{GAP}(?:(?:{_either(self.polite)})\b{GAP}){{0,2}}(?:{_either(first)})\b{GAP}(?:(?:{either})\b{GAP}){{0,4}}"
        )

    @cached_property
    def wants_cancel(self) -> re.Pattern[str]:
        """The callback there is shall not happen."""
        return anywhere(self.cancel)

    @cached_property
    def wants_move(self) -> re.Pattern[str]:
        """The callback there is shall happen at another time."""
        return anywhere(self.move)

    @cached_property
    def wants_status(self) -> re.Pattern[str]:
        """How it stands."""
        return anywhere(self.status)

    @cached_property
    def wants_call(self) -> re.Pattern[str]:
        """A call."""
        return anywhere(self.call)

    @cached_property
    def wants_person(self) -> re.Pattern[str]:
        """Somebody to talk to now."""
        return anywhere(self.person)

    @cached_property
    def wants_other_number(self) -> re.Pattern[str]:
        """To be called elsewhere."""
        return anywhere(self.other_number)

    @cached_property
    def wants_same_agent(self) -> re.Pattern[str]:
        """Whoever they spoke to last."""
        return anywhere(self.same_agent)

    @cached_property
    def wants_anybody(self) -> re.Pattern[str]:
        """It does not matter who."""
        return anywhere(self.anybody)

    @cached_property
    def greets(self) -> re.Pattern[str]:
        """A greeting at the beginning."""
        return re.compile(rf"{GAP}(?:{_either(self.greeting)})\b{GAP}")

    @cached_property
    def about(self) -> re.Pattern[str]:
        """What stands before the topic."""
        return anywhere(self.leads_to)

    @cached_property
    def names_yesterday(self) -> re.Pattern[str]:
        """A day that is over."""
        return anywhere(self.yesterday)

    @cached_property
    def tells(self) -> re.Pattern[str]:
        """A story, and no request."""
        return anywhere(self.told)

    @cached_property
    def wants_somebody(self) -> tuple[re.Pattern[str], ...]:
        """Whom the customer wants, whether such a person is there or not: the group `who`."""
        name = r"(?P<who>[^\W\d_]{2,30})"
        return tuple(re.compile(rf"\b{part.replace('{who}', name)}(?!\w)") for part in self.wants)

    @cached_property
    def refuses_next(self) -> re.Pattern[str]:
        """At the end of what stands before a name: it is not wanted."""
        return re.compile(
            rf"\b(?:{_either(self.except_for)})\s{{1,3}}(?:(?:with|by|mit|von|con|avec|par|com|por|pelo|pela|the|a|de[rnm]|die|el|la|le|o|il) ){{0,2}}$"
        )


def anywhere(parts: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds one of the parts between word borders."""
    return re.compile(rf"\b(?:{_either(parts)})(?!\w)")


def _either(parts: tuple[str, ...]) -> str:
    return "|".join(sorted(parts, key=len, reverse=True))
