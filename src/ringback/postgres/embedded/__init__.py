"""The PostgreSQL that comes with Ringback: started, recovered and stopped here, so that nobody has to install one."""

from __future__ import annotations

from ringback.postgres.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
