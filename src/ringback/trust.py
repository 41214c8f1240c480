"""Whose certificates we believe when we ask other servers: read once in a process, since each reading takes 20 ms."""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def trusted() -> ssl.SSLContext:
    """Return the context for every HTTP client (`verify=`): the authorities of certifi, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)
