"""Whether a request that carries the cookie comes from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_own_page(*, origin: str | None, host: str | None, public_url: str) -> bool:
    """Tell whether the Origin names this very host, or the public URL. Browsers send Origin with every POST and WebSocket: none is foreign."""
    if origin is None or host is None:
        return False
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    ours = urlsplit(public_url)
    return parts.netloc.lower() == host.lower() or (parts.scheme, parts.netloc.lower()) == (
        ours.scheme,
        ours.netloc.lower(),
    )
