"""The crash matrix: kill and stall every process at every commit and carrier call, and count what was lost, rung twice or left over.

`python -m tests.faults`: each point once with each fate, and the mutants. The last line is the count; the exit code is 0 only when all is well.
"""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.bites import bite, control, control_on_telephones
from tests.faults.mutants import MUTANTS
from tests.faults.points import NOT_ON_THE_PATH, NOT_WITH, SERVERS, both_sides, enumerate_points
from tests.faults.rounds import STALL, Round, clean, strike
from tests.faults.weather import combinations, rotation, storm

BEGAN = time.monotonic()


def say(line: str) -> None:
    """Print a line with the seconds since the start."""
    sys.stdout.write(f"[{time.monotonic() - BEGAN:5.0f} s] {line}\n")
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each point is struck")
    parser.add_argument("--points", default="*", help="only points that match, such as '*fence*'")
    parser.add_argument("--fate", choices=("kill", "stall"), help="only this fate")
    parser.add_argument(
        "--stall",
        type=float,
        default=STALL,
        help="seconds that a stalled process sleeps; past 5 the database hangs up on it",
    )
    parser.add_argument(
        "--combinations", type=int, default=12, help="how many of the faults from outside, and pairs of them"
    )
    parser.add_argument("--storm", type=float, default=240.0, help="seconds in which they may strike")
    parser.add_argument("--carrier", choices=("both", "simulated", "asterisk"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=220.0, help="seconds that a round may strike")
    parser.add_argument("--mutants", action="store_true", help="only the mutants: each must turn the run red")
    parser.add_argument("--no-mutants", action="store_true")
    parser.add_argument("--no-clean", action="store_true", help="leave out the round with nothing wrong")
    parser.add_argument("--list", action="store_true", help="list the points, and what is left out and why")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and records")
    return parser.parse_args()


def list_points() -> None:
    """Print every point and every exemption."""
    for carrier, others in NOT_WITH.items():
        for server, points in enumerate_points(carrier).items():
            for point in both_sides(points):
                print(f"{carrier:9} {server:13} {point}")
        for name, why in others.items():
            print(f"left out with {carrier}: {name}: {why}")
    for name, why in NOT_ON_THE_PATH.items():
        print(f"left out: {name}: {why}")
    for combination in combinations():
        print(f"from outside: {' and '.join(combination)}")


async def run(options: argparse.Namespace, folder: Path) -> int:
    """Run what was asked for and print the count."""
    dice = random.Random(options.seed)
    carriers = ("simulated", "asterisk") if options.carrier == "both" else (options.carrier,)
    for carrier in carriers:
        enumerate_points(carrier)  # reading all the code takes a while, in which nothing else would go on
    rounds: list[Round] = []
    blunt: list[str] = []

    async def without_faults(carrier: str) -> None:
        if not (options.mutants or options.no_clean):
            done = await clean(folder / f"{carrier[0]}clean", dice, most=options.most, carrier=carrier)
            rounds.append(report(done))

    async def with_mutants() -> None:
        if not options.no_mutants:
            blunt.extend(await mutants(folder, dice))

    async def with_faults(n: int, fate: str, carrier: str) -> None:
        done = await strike(
            folder / f"{carrier[0]}{fate}-{n}",
            dice,
            fate=fate,
            most=options.most,
            only=lambda point: fnmatch.fnmatch(point, options.points),
            first=n == 0,
            stall=options.stall,
            carrier=carrier,
            servers=SERVERS if carrier == "simulated" else ("sessions",),
        )
        rounds.append(report(done))

    async with asyncio.TaskGroup() as group:
        for carrier in carriers:
            group.create_task(without_faults(carrier))
        group.create_task(with_mutants())
    fates = (options.fate,) if options.fate else ("kill", "stall")
    for n in range(0 if options.mutants else options.rounds):
        for (
            carrier
        ) in carriers:  # one after the other: on two cores four installations at once would only wait for each other
            async with asyncio.TaskGroup() as group:
                for fate in fates:
                    group.create_task(with_faults(n, fate, carrier))
    if "asterisk" in carriers and options.combinations and not options.mutants:
        chosen = rotation(options.seed, options.combinations)
        done, befell = await storm(folder / "storm", dice, chosen, most=options.storm, say=say)
        rounds.append(report(done))
        say(f"combinations from outside: {befell} of {len(combinations())}, seed {options.seed}")
    return count(rounds, blunt)


def report(done: Round) -> Round:
    """Print what came of a round."""
    verdict = done.outcome.verdict
    say(f"{done.name}: {done.kills} kills, {done.stalls} stalls, {verdict.accepted} accepted, {len(done.red)} findings")
    for line in [*done.red, *done.details]:
        print(f"  {line}")
    sys.stdout.flush()
    return done


async def mutants(folder: Path, dice: random.Random) -> list[str]:
    """Run each mutant, and the product in the same circumstances; return what should have been found, or should not."""
    fair = await control(folder / "control", dice)
    also = await control_on_telephones(folder / "control-phones", dice)
    say(f"the product in the mutants' circumstances: {len(fair.red) + len(also.red)} findings")
    blunt = [f"no mutant, and yet: {line}" for line in (*fair.red, *also.red)]
    for name in MUTANTS:
        found = (await bite(folder / f"mutant-{name}", dice, name)).red
        say(f"mutant {name}: {len(found)} findings" + (f", such as {found[0]}" if found else ""))
        if not found:
            blunt.append(f"the oracle does not find the mutant {name}")
    return blunt


def count(rounds: list[Round], blunt: list[str]) -> int:
    """Print the count as the last line, and return the exit code."""
    for line in blunt:
        say(line)
    red = [line for each in rounds for line in each.red]
    outcomes = [each.outcome for each in rounds]
    wrong = sum(len(each.verdict.wrong_certainty) for each in outcomes)
    if red or blunt:
        say(f"RED: {len(red) + len(blunt)} findings")
    print(
        f"kills={sum(each.kills for each in rounds)} stalls={sum(each.stalls for each in rounds)}"
        f" accepted={sum(each.verdict.accepted for each in outcomes)} lost={sum(len(each.verdict.lost) for each in outcomes)}"
        f" rung_twice={sum(len(each.verdict.rung_twice) for each in outcomes)} wrong_certainty={wrong}"
        f" unknown={sum(each.unknown for each in outcomes)} orphans={sum(len(each.orphans) for each in outcomes)}"
        f" deadlocks={sum(each.deadlocks for each in outcomes)}"
    )
    return 1 if red or blunt else 0


def main() -> int:
    """Run in a folder of its own, which stays when something was found."""
    options = arguments()
    if options.list:
        list_points()
        return 0
    folder = Path(tempfile.mkdtemp(prefix="ringback-faults-"))
    folder.chmod(0o711)
    code = 1
    try:
        code = asyncio.run(run(options, folder.resolve()))
    finally:
        if options.keep or code:
            sys.stderr.write(f"logs, records and journals: {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
