"""How documents (jsonb) are written."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID


def encode(value: Any) -> str:
    """Write a document; ids and times as text. Raise TypeError for what does not belong into one."""
    return json.dumps(value, default=_plain, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not go into jsonb")
