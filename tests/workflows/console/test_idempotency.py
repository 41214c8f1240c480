"""Requests repeated in any order and at once, with keys, bodies and callers of all kinds: each key has one effect and one answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import new_id
from tests.support.databases import Databases
from tests.support.examples import Examples, bounded
from tests.workflows.callback_application_server.test_bad_input import problem
from tests.workflows.console.office import Caller, House, Office, wanted
from tests.workflows.console.test_api import keep_waiting, present

REUSED = (422, "idempotency-key-reused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One request: by whom, with which key, for what. `variant`: the same request with another body."""

    caller: int
    key: int
    what: str
    variant: int

    @property
    def scope(self) -> tuple[int, int]:
        """What the key is scoped to."""
        return self.caller, self.key

    @property
    def mark(self) -> str:
        """Ten digits that no other caller, key or variant has."""
        return f"2079460{self.caller}{self.key}{self.variant}"

    def request(self, house: House) -> tuple[str, Any]:
        """Return where it goes and what it says."""
        if self.what == "channel":
            return "/api/v1/channels", {"name": self.mark, "allowed_origins": ["https://www.acme.example"]}
        queue = "billing" if self.what == "callback" else "nowhere"
        return "/api/v1/callbacks", wanted(f"+44{self.mark}", provider=f"biz:{house.slug}/q:{queue}")


REQUESTS = st.builds(
    Wanted,
    caller=st.integers(0, 2),
    key=st.integers(0, 1),
    what=st.sampled_from(("channel", "callback", "refused")),
    variant=st.integers(0, 1),
)
# Rounds one after another, the requests of a round at once.
ROUNDS = st.lists(st.lists(REQUESTS, min_size=1, max_size=6), min_size=2, max_size=4)


async def callers_of(office: Office) -> list[tuple[House, Caller]]:
    """Two programs of one business and one of another, each with a key of its own."""
    one, other = [await office.house(f"h{new_id().hex[-12:]}") for _ in range(2)]
    for house in (one, other):
        await present(office, house, "kim", "amir")
    return [(house, await office.key(house)) for house in (one, one, other)]


async def effects(office: Office, houses: Iterable[House]) -> set[str]:
    """Return the marks of everything that was done, each of which has to be there once."""
    made = await office.rows(
        "SELECT name AS mark FROM channel WHERE business = ANY ($1)"
        " UNION ALL SELECT substr(address, 4) FROM callback WHERE business = ANY ($1)",
        [each.id for each in houses],
    )
    marks = [row["mark"] for row in made]
    assert len(marks) == len(set(marks)), f"done twice: {sorted(marks)}"
    return set(marks)


def said(answer: httpx.Response) -> tuple[int, str]:
    """Return what an answer says for ever: a callback is shown as it is, and where it stands in the line changes."""
    return answer.status_code, answer.json()["id"] if answer.is_success else answer.text


@bounded(5)
@given(rounds=ROUNDS)
def test_each_key_of_each_caller_has_one_effect_and_one_answer(examples: Examples, rounds: list[list[Wanted]]):
    examples.run(repeats(examples.open(opened), rounds))


def opened(databases: Databases) -> AbstractAsyncContextManager[Office]:
    """An office at work."""
    return Office(databases).open()


async def repeats(office: Office, rounds: list[list[Wanted]]) -> None:
    await keep_waiting(office)
    callers = await callers_of(office)
    answers: dict[tuple[int, int], list[tuple[Wanted, httpx.Response]]] = defaultdict(list)

    async def send(each: Wanted) -> None:
        house, caller = callers[each.caller]
        path, body = each.request(house)
        answers[each.scope].append((each, await caller.post(path, body, key=f"key-{each.key}")))

    for together in rounds:
        await asyncio.gather(*map(send, together))
    done = set()
    for of_key in answers.values():
        taken = [(each, answer) for each, answer in of_key if answer.is_success or problem(answer) != REUSED]
        assert len({(each.what, each.variant) for each, _ in taken}) == 1, "a key stands for one request"
        assert len({said(answer) for _, answer in taken}) == 1, "and that has one answer"
        first, answer = taken[0]
        assert answer.is_success == (first.what != "refused"), answer.text
        done |= {first.mark} if answer.is_success else set()
        others = [each for each, answer in of_key if (each, answer) not in taken]
        assert (first.what, first.variant) not in {(each.what, each.variant) for each in others}
    assert await effects(office, [house for house, _ in callers]) == done
