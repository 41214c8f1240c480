"""The ledger as a file that anybody can check: JSON lines, a header first and an end line with the digest last (docs/scores.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from ringback.domain.errors import Invalid
from ringback.interaction_manager.rules.reading import zone_of
from ringback.interaction_manager.rules.records import (
    CallbackRecord,
    CustomerLeg,
    Handling,
    Ledger,
    PromiseRecord,
    Stretch,
)

VERSION = 1
LONGEST_LINE = 100_000  # bytes; ours have a few hundred

Record: TypeAlias = PromiseRecord | Handling | Stretch | CustomerLeg | CallbackRecord

_KINDS: Mapping[str, type[Record]] = {
    "promise": PromiseRecord,
    "handling": Handling,
    "time": Stretch,
    "leg": CustomerLeg,
    "callback": CallbackRecord,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """One line that is not counted, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFile:
    """What a file held. `problems`: lines left out; `genuine`: whether the digest in its end line is that of its lines."""

    ledger: Ledger
    queue: str | None
    digest: str
    genuine: bool
    problems: tuple[BadLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    record: str
    version: int
    business: str
    zone: str
    begins: datetime
    ends: datetime
    as_of: datetime
    service_level: dict[str, float]
    queue: str | None = None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far."""

    header: _Header
    records: dict[type[Record], list[Record]] = field(default_factory=lambda: {kind: [] for kind in _NAMES})
    problems: list[BadLine] = field(default_factory=list)
    seen: dict[tuple[object, ...], int] = field(default_factory=dict)


def written(ledger: Ledger, *, queue: str | None = None) -> Iterator[str]:
    """Yield the lines of the file, each with its end; `queue`: the one queue the ledger was loaded for."""
    digest = hashlib.sha256()
    count = 0

    def line(text: bytes) -> str:
        digest.update(text)
        return text.decode()

    header = msgspec.json.encode(
        _Header(
            record="ledger",
            version=VERSION,
            business=ledger.business,
            zone=ledger.zone,
            begins=ledger.begins,
            ends=ledger.ends,
            as_of=ledger.as_of,
            service_level=dict(ledger.service_level),
            queue=queue,
        )
    )
    yield line(header + b"\n")
    for records in (ledger.promises, ledger.handlings, ledger.stretches, ledger.legs, ledger.callbacks):
        for record in records:
            count += 1
            begins = b'{"record":"%s",' % _NAMES[type(record)].encode()
            yield line(begins + msgspec.json.encode(record)[1:] + b"\n")
    yield msgspec.json.encode({"record": "end", "records": count, "sha256": digest.hexdigest()}).decode() + "\n"


def read_ledger(lines: Iterable[bytes]) -> LedgerFile:
    """Read a file's lines. A bad line is left out and reported by its number.

    Raises Invalid for what is no ledger, another version's, several in one, or one that was cut off.
    """
    digest = hashlib.sha256()
    reading: _Reading | None = None
    lines = iter(lines)
    for number, raw in enumerate(lines, start=1):
        document = _document(raw)
        kind = document.get("record") if isinstance(document, dict) else None
        if reading is None:
            reading = _Reading(header=_header(document, number))
        elif kind == "end" and isinstance(document, dict):
            _nothing_follows(lines, number)
            return _finished(reading, document, digest.hexdigest(), number)
        elif kind == "ledger":
            raise _refused(f"line {number} begins another ledger: several files were put together; read one at a time")
        else:
            _take(reading, document, kind, number)
        digest.update(raw)
    if reading is None:
        raise _refused("the file is empty")
    read = sum(map(len, reading.records.values()))
    raise _refused(f"the file was cut off: its end line is missing after {read} records")


def _refused(why: str) -> Invalid:
    return Invalid(f"This ledger cannot be read: {why}.", id="ledger-invalid", field="ledger")


def _document(raw: bytes) -> Any:
    if len(raw) > LONGEST_LINE:
        return f"longer than {LONGEST_LINE} bytes"
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return "not JSON"


def _header(document: Any, number: int) -> _Header:
    if not isinstance(document, dict) or document.get("record") != "ledger":
        raise _refused(f"line {number} is not the header of a ledger")
    if document.get("version") != VERSION:
        raise _refused(f"it is of version {document.get('version')}, and this program reads version {VERSION}")
    try:
        header: _Header = _converted(document, _Header)
        if header.ends <= header.begins:
            raise ValueError("it ends before it begins")
        zone_of(header.zone)
    except ValueError as error:
        raise _refused(f"its header is wrong: {error}") from error
    return header


def _converted(document: Mapping[str, Any], kind: Any) -> Any:
    """Read one record; raise ValueError naming the field that is missing or wrong."""
    record = msgspec.convert(document, kind)
    _aware(record, "")
    return record


def _aware(value: object, path: str) -> None:
    """Refuse a time without its offset, wherever in a record it stands."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{path[1:]}: a time needs its offset")
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            _aware(getattr(value, name), f"{path}.{name}")


def _take(reading: _Reading, document: Any, kind: object, number: int) -> None:
    """Keep one record, or note why not."""

    def leave_out(why: str) -> None:
        reading.problems.append(BadLine(number=number, why=why))

    if not isinstance(document, dict):
        leave_out(document if isinstance(document, str) else "not a record")
    elif not isinstance(kind, str) or kind not in _KINDS:
        leave_out(f"there are no records called {kind!r}")
    elif "version" in document and document["version"] != VERSION:
        leave_out(f"of version {document['version']}, in a file of version {VERSION}")
    else:
        try:
            record = _converted(document, _KINDS[kind])
        except ValueError as error:
            leave_out(str(error))
            return
        earlier = reading.seen.setdefault(_identity(record, number), number)
        if earlier != number:
            leave_out(f"repeats line {earlier}")
            return
        reading.records[_KINDS[kind]].append(record)


def _identity(record: Record, number: int) -> tuple[object, ...]:
    """Return what a file may have only once. Legs are not: two of one attempt are what the score looks for."""
    match record:
        case PromiseRecord():
            return ("promise", record.callback, record.n)
        case CallbackRecord():
            return ("callback", record.callback)
        case _:
            return ("line", number)


def _nothing_follows(lines: Iterator[bytes], number: int) -> None:
    if next(lines, None) is not None:
        raise _refused(f"something follows its end in line {number}: several files were put together")


def _finished(reading: _Reading, end: Mapping[str, Any], digest: str, number: int) -> LedgerFile:
    read = sum(map(len, reading.records.values())) + len(reading.problems)
    if end.get("records") != read:
        why = f"it says {end.get('records')} records, and there are {read}: lines were taken out or put in"
        reading.problems.append(BadLine(number=number, why=why))
    header = reading.header
    return LedgerFile(
        ledger=Ledger(
            business=header.business,
            zone=header.zone,
            begins=header.begins,
            ends=header.ends,
            as_of=header.as_of,
            service_level=header.service_level,
            promises=_of(reading, PromiseRecord),
            handlings=_of(reading, Handling),
            stretches=_of(reading, Stretch),
            legs=_of(reading, CustomerLeg),
            callbacks=_of(reading, CallbackRecord),
        ),
        queue=header.queue,
        digest=digest,
        genuine=end.get("sha256") == digest,
        problems=tuple(reading.problems),
    )


def _of(reading: _Reading, kind: type[Any]) -> tuple[Any, ...]:
    return tuple(reading.records[kind])
