"""How the far end of a simulated leg behaves, written as words: `answers:0.2+hangs_up:1+duplicates`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from ringback.domain.errors import ConfigurationError
from ringback.session_management_server.carriers.protocol import EndCause


class Act(StrEnum):
    """What the far end does when it is dialled."""

    ANSWERS = "answers"  # after so many seconds of ringing
    DECLINES = "declines"
    MACHINE = "machine"  # an answering machine does
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    INVALID = "invalid"
    ABSENT = "absent"
    FAILS = "fails"
    DIES = "dies"  # the whole carrier does, right after the device rang
    DIES_FIRST = "dies_first"  # or right before


RINGS = frozenset({Act.ANSWERS, Act.DECLINES, Act.MACHINE, Act.NO_ANSWER, Act.DIES})
ENDS_AT_ONCE: Mapping[Act, EndCause] = {
    Act.BUSY: EndCause.BUSY,
    Act.UNREACHABLE: EndCause.UNREACHABLE,
    Act.INVALID: EndCause.INVALID_NUMBER,
    Act.ABSENT: EndCause.ABSENT,
    Act.FAILS: EndCause.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One far end. Seconds everywhere; None: never."""

    act: Act = Act.ANSWERS
    after: float = 0.05
    hangs_up: float | None = None  # after the join
    leaves: float | None = None  # after answering, joined or not
    loses: float | None = None  # after the join: media or page gone
    slow: float = 0.0  # every verb acts at once, and its answer comes late
    late: float = 0.0  # every event comes late
    drops: str | None = None  # events that are lost: a kind, or "all"
    duplicates: bool = False
    reorders: bool = False  # each event is overtaken by the next


_FLAGS = {"duplicates", "reorders"}
_SECONDS = {"hangs_up", "leaves", "loses", "slow", "late"}


def parse_behaviour(text: str) -> Behaviour:
    """Read the words; raise ConfigurationError for one that is unknown."""
    behaviour = Behaviour()
    for word in text.split("+"):
        name, _, value = word.strip().partition(":")
        try:
            if name in set(Act):
                behaviour = replace(behaviour, act=Act(name), after=float(value) if value else behaviour.after)
            elif name in _FLAGS:
                behaviour = replace(behaviour, **{name: True})  # type: ignore[arg-type]
            elif name in _SECONDS:
                behaviour = replace(behaviour, **{name: float(value)})  # type: ignore[arg-type]
            elif name == "drops":
                behaviour = replace(behaviour, drops=value or "all")
            else:
                raise ValueError(name)
        except ValueError as error:
            known = sorted({*Act, *(field.name for field in fields(Behaviour))} - {"act", "after"})
            raise ConfigurationError(f"{word!r} is no behaviour of the simulated carrier; known: {known}") from error
    return behaviour
