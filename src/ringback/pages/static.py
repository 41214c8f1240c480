"""The built pages: desk, console, log-in, the widget's one script, and the demonstration customer's page."""

from __future__ import annotations

import asyncio
import html
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import ResponseHeader
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

FOR_A_YEAR = "public, max-age=31536000, immutable"
NOT_KEPT = "no-cache"
WidgetKeyOf = Callable[[str], Awaitable[str | None]]


def page_routes(folder: Path, *, widget_key_of: WidgetKeyOf) -> Sequence[ControllerRouterHandler]:
    """Return the routes. `widget_key_of` finds the widget key of a business by its short name, for /demo/NAME."""

    def file(name: str, *, cache: str = NOT_KEPT) -> Response[bytes]:
        path = folder / name
        if not path.is_file():
            raise NotFoundException
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if kind == "text/javascript" or path.suffix == ".js":
            kind = "text/javascript"
        return Response(path.read_bytes(), media_type=kind, headers={"cache-control": cache})

    @get("/", include_in_schema=False)
    async def front() -> Redirect:
        """Lead to the log-in."""
        return Redirect("/login")

    @get(["/login", "/desk", "/console"], include_in_schema=False)
    async def page(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Serve a page."""
        return await asyncio.to_thread(file, f"{request.url.path.strip('/')}.html")

    @get(
        "/widget.js",
        include_in_schema=False,
        sync_to_thread=True,
        response_headers=[
            ResponseHeader(name="cross-origin-resource-policy", value="cross-origin"),
            ResponseHeader(name="access-control-allow-origin", value="*"),
        ],
    )
    def widget() -> Response[bytes]:
        """Serve the one script that embeds the chat."""
        return file("widget.js", cache="public, max-age=300")

    @get("/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
    def asset(name: str) -> Response[bytes]:
        """Serve a script or a style; its name changes with its content."""
        if "/" in name or name.startswith("."):
            raise NotFoundException
        return file(f"assets/{name}", cache=FOR_A_YEAR)

    @get("/demo/{business:str}", include_in_schema=False)
    async def demo(business: str) -> Response[str]:
        """Serve a page as a business's customer may see it, with the business's own widget in it."""
        key = await widget_key_of(business)
        path = folder / "demo.html"
        if key is None or not path.is_file():
            raise NotFoundException
        text = path.read_text(encoding="utf-8").replace("{{widget_key}}", html.escape(key, quote=True))
        return Response(text, media_type="text/html", headers={"cache-control": NOT_KEPT})

    return [front, page, widget, asset, demo]
