"""The reference of bench_http.py: a Litestar server that does nothing but keep what is posted, many requests to a commit."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import asyncpg
import uvicorn
from litestar import Litestar, Request, Response, get, post

from ringback.postgres.group_writer import GroupWriter

KEEP = "INSERT INTO ringback.bare (id, body) SELECT * FROM unnest($1::uuid[], $2::text[])"


async def main() -> None:
    """Serve until it is ended."""
    pool = await asyncpg.create_pool(os.environ["BARE_DATABASE_URL"], min_size=2, max_size=2, ssl=False)

    async def flush(requests: Sequence[tuple[UUID, str]]) -> list[None]:
        await pool.execute(KEEP, [id for id, _ in requests], [body for _, body in requests])
        return [None] * len(requests)

    writer: GroupWriter[tuple[UUID, str], None] = GroupWriter(flush, key=lambda each: each[0])

    @post("/", status_code=201)
    async def keep(request: Request[Any, Any, Any]) -> dict[str, str]:
        """Keep a body; answered when it is committed."""
        id = uuid4()
        await writer.submit((id, (await request.body()).decode()))
        return {"id": str(id)}

    @get("/health", sync_to_thread=False)
    def health() -> Response[str]:
        """Say that it is there."""
        return Response("ok")

    config = uvicorn.Config(
        Litestar([keep, health], logging_config=None, openapi_config=None),
        host="127.0.0.1", port=int(os.environ["BARE_PORT"]), log_level="warning", loop="uvloop", http="httptools", access_log=False,
    )  # fmt: skip
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main())
