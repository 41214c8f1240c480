"""How tests wait for what happens by itself."""

from __future__ import annotations

import asyncio
from typing import Any

PATIENCE = 60.0  # seconds: no test asserts a time, and a machine that tests share may stand still for a while


async def eventually(check: Any, *, within: float = PATIENCE, every: float = 0.02) -> Any:
    """Call until it returns something true, and return that."""
    async with asyncio.timeout(within):
        while not (found := await check()):
            await asyncio.sleep(every)
    return found
