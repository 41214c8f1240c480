"""One loop and one set of pools for all the examples of a property test that needs a database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings

from ringback.postgres.address import ServerAddress
from tests.support.databases import Databases, open_databases

Result = TypeVar("Result")


class Examples:
    """Where the coroutines of one test's examples run, one after another."""

    def __init__(self, runner: asyncio.Runner, stack: AsyncExitStack, databases: Databases) -> None:
        self.databases = databases
        self._runner = runner
        self._stack = stack
        self._opened: dict[Callable[[Databases], Any], Any] = {}

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run one coroutine to its end."""
        return self._runner.run(work)

    def open(self, make: Callable[[Databases], AbstractAsyncContextManager[Result]]) -> Result:
        """Return what a context gives, which the first example enters and all others find open."""
        if make not in self._opened:
            self._opened[make] = self.run(self._stack.enter_async_context(make(self.databases)))
        opened: Result = self._opened[make]
        return opened


@contextlib.contextmanager
def examples_on(address: ServerAddress) -> Iterator[Examples]:
    """Open each role's pool on a database for as long as the examples last."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        databases = runner.run(stack.enter_async_context(open_databases(address)))
        try:
            yield Examples(runner, stack, databases)
        finally:
            runner.run(stack.aclose())


def bounded(count: int) -> settings:
    """So many examples, each with as much time as it takes; what fails is shown as it was found: a smaller one would take minutes."""
    return settings(
        max_examples=count,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
