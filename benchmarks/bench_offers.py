"""Offers for one queue among 1,000 with 10,000 agents, with 10,000 and with 1,000,000 callbacks in the database, on one database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import uvloop

from benchmarks.bench_booking import SECRET, offers
from benchmarks.reporting import Row, report
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate


async def main(asked: int, output: Path | None) -> None:
    """Measure and report."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            slow, growth = await offers(address, asked)
    rows = [
        Row(what=slow.what, reference=10.0, ours=slow.ours, unit="ms", ratio=slow.ratio, bound="at most", target=1.0),
        Row(what=growth.what, reference=growth.reference, ours=growth.ours, unit="ms", ratio=growth.ratio, bound="at most", target=1.3),
    ]  # fmt: skip
    report(rows, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asked", type=int, default=400)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    uvloop.run(main(given.asked, given.json))
