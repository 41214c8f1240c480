"""Clients for what the interaction manager computes or keeps as a whole: the report, and the configuration as one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from ringback.domain.ids import BusinessId, CallbackId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One thing that was decided or that happened: when, what in one sentence, and what it rested on."""

    at: datetime
    topic: str  # asked, offered, admission, promise, agent, attempt, notice, move, result …
    text: str
    because: tuple[str, ...] = ()


class ReportsClient(Protocol):
    """Reads the ledger."""

    async def report(
        self,
        business: BusinessId,
        *,
        since: date,
        until: date,
        queue: str | None,
        by: str | None = None,
        interval: str | None = None,
    ) -> Mapping[str, Any]:
        """Return the figures of design.md §7 for these days of the business's zone, both included, as plain JSON values.

        `by`: queue, channel, provider or interval; `interval`: 15min, 30min or day. Raises NotFound for a queue the business
        does not have, Invalid for days that run backwards and for a word that is none of these.
        """

    async def export(self, business: BusinessId, *, since: date, until: date, queue: str | None) -> Sequence[str]:
        """Return the lines of the ledger that the report of these days rests on. Raises as `report` does."""

    async def failures(self, business: BusinessId, day: date) -> tuple[int, int]:
        """Return the report's counts of what was lost and of what rang twice, of a day of the business's zone: for pages that look often."""

    async def sentences(self, business: BusinessId, callback: CallbackId) -> Sequence[Sentence]:
        """Return in sentences what was decided about a callback, or about a request that was refused, and from what.

        Raises NotFound for one the business does not have.
        """


class ConfigurationsClient(Protocol):
    """A business as one document: queues, agents, hours, policies, widgets, log-ins."""

    async def document(self, business: BusinessId, *, log_ins: bool) -> Mapping[str, Any]:
        """Return the document, with the log-ins when they are asked for and never with a secret; applying it again changes nothing."""

    async def apply(
        self, business: BusinessId, document: object, *, by: str, dry_run: bool = False, log_ins: bool = True
    ) -> Mapping[str, Any]:
        """Apply a document in one transaction and return `changes` and `notes` as plain JSON values; idempotent.

        `dry_run`: change nothing. `log_ins`: whether who asks may change log-ins. Raises ConfigurationInvalid with everything that
        is wrong, NotAllowed for log-ins that they may not change.
        """
