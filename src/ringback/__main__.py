"""What the command `ringback` and `python -m ringback` start: a Ctrl-C while the program loads ends it without a traceback."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the program and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ringback.cli import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
