"""What a member of a request may be, where that is one of a few words: the problem of a wrong one names them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

_INDEX = re.compile(r"\[[^\]]*\]")


def choices_of(annotation: Any, path: str) -> tuple[str, ...]:
    """Return the words that the member at a path such as `filter.state` or `events[0].kind` may be; none where it is anything else."""
    return tuple(dict.fromkeys(_walk(annotation, [each for each in _INDEX.sub("", path).split(".") if each])))


def _walk(annotation: Any, names: Sequence[str]) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        if not names:
            yield from (str(each) for each in get_args(annotation))
    elif get_args(annotation):  # a union, a list, something annotated: what is inside
        for each in get_args(annotation):
            yield from _walk(each, names)
    elif isinstance(annotation, type):
        if issubclass(annotation, Enum):
            if not names:
                yield from (str(each.value) for each in annotation)
        elif names and hasattr(annotation, "__struct_fields__"):
            hints = get_type_hints(annotation, include_extras=True)
            if names[0] in hints:
                yield from _walk(hints[names[0]], names[1:])
