"""How a message changes a request in the making: it adds what it states and leaves the rest, at any point before the yes."""

from __future__ import annotations

from dataclasses import replace

from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.understanding import Intent, Understood
from ringback.domain.times import When

HERE = frozenset(
    {
        "browser",
        "this browser",
        "here",
        "in this browser",
        "im browser",
        "hier",
        "navegador",
        "aqui",
        "navigateur",
        "ici",
        "qui",
    }
)


def when_after(draft: Draft, understood: Understood) -> When | None:
    """Return the time that stands after a message: the one it names, else the one there was, unless it asks for another."""
    if understood.when is not None or understood.readings or understood.day or understood.passed:
        return understood.when
    adds = understood.provider or understood.number or understood.same_agent
    return draft.when if adds and understood.intent is not Intent.MOVE else None


def draft_after(draft: Draft, understood: Understood, *, provider: str) -> Draft:
    """Return the draft with what a message states."""
    when = when_after(draft, understood)
    told = understood.when is not None or bool(understood.readings)
    asked = draft.asked if when is None and not understood.states_something else ()
    return replace(
        draft,
        provider=provider,
        when=when,
        typed=told or (draft.typed and when is not None),
        number=understood.number or draft.number,
        here=draft.here and understood.number is None,
        asked=asked,
    )


def confirms(draft: Draft, understood: Understood) -> bool:
    """Tell whether a message says yes to what stands: a yes, perhaps with the very time that was read back."""
    if understood.intent is Intent.YES:
        return True
    same = understood.when is not None and draft.when is not None and understood.when.start == draft.when.start
    changes = understood.provider or understood.number or understood.readings or understood.day
    return understood.agrees and same and not changes
