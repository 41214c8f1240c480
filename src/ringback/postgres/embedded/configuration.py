"""The configuration of the embedded server, written anew at each start so that a new release brings its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ACCESS = """\
# Written by Ringback at each start. A socket in a private folder, and passwords all the same; no TCP.
local  all          all  scram-sha-256
local  replication  all  scram-sha-256
"""

SETTINGS: dict[str, str] = {
    # reachable by the socket only
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    # what was committed stays, whatever is killed or unplugged
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # nobody holds up the rest
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "5s",
    "client_connection_check_interval": "10s",
    # small by default; an operator's custom.conf can ask for more
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    # the tables of messages and timers are short and change all the time
    "autovacuum_naptime": "15s",
    # one clock for everybody
    "timezone": "UTC",
    "log_timezone": "UTC",
    # a week of logs, without statements, parameters or the keys that DETAIL lines show: those may be phone numbers
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_file_mode": "0600",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}


def configuration(*, socket: Path, port: int, overrides: Mapping[str, str]) -> str:
    """Return the text of postgresql.conf; an operator's `custom.conf` beside the data folder has the last word."""
    settings = {
        **SETTINGS,
        # a list of folders, so that a name with a comma needs quotes of its own
        "unix_socket_directories": '"' + str(socket).replace('"', '""') + '"',
        "port": str(port),
        **overrides,
    }
    lines = [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
    return "\n".join(
        [
            "# Written by Ringback at each start; put your own settings into ../custom.conf",
            *lines,
            "include_if_exists = '../custom.conf'",
            "",
        ]
    )


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
