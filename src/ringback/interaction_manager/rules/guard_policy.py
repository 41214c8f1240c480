"""Reads `guards` of a policy: what is looked at before any telephone rings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import phonenumbers

from ringback.domain.guards.limits import Limits
from ringback.domain.guards.numbers import NumberRules
from ringback.domain.guards.policy import Guards, ProveBy
from ringback.interaction_manager.rules.reading import Reader

_LIMITS = ("per_number_day", "per_target_day", "per_prefix_hour", "per_business_hour")
_KEYS = frozenset({"countries", "daily_spending", "prices", "estimated_minutes", "prove_numbers", *_LIMITS})


def read_guards(reader: Reader, value: object, path: str) -> Guards:
    """Read the mapping; null takes a limit away."""
    entry = reader.entry(value, path, set(), _KEYS) or {}
    default = Guards()
    limits: dict[str, int | None] = {
        key: None if entry[key] is None else reader.integer(entry[key], f"{path}.{key}", 0, 1_000_000)
        for key in _LIMITS
        if key in entry
    }
    spending = entry.get("daily_spending")
    minutes = entry.get("estimated_minutes", default.estimated_minutes)
    return Guards(
        numbers=NumberRules(countries=_countries(reader, entry.get("countries"), f"{path}.countries")),
        limits=Limits(
            **limits,
            daily_spending=None
            if spending is None
            else reader.number(spending, f"{path}.daily_spending", 0, 1_000_000_000),
        ),
        prices=_prices(reader, entry["prices"], f"{path}.prices") if "prices" in entry else default.prices,
        estimated_minutes=reader.number(minutes, f"{path}.estimated_minutes", 0, 1440),
        prove_numbers=_prove_by(
            reader, entry.get("prove_numbers", default.prove_numbers.value), f"{path}.prove_numbers"
        ),
    )


def _prove_by(reader: Reader, value: object, path: str) -> ProveBy:
    if value is False:
        return ProveBy.OFF  # YAML reads a bare off so
    if isinstance(value, str) and value in {each.value for each in ProveBy}:
        return ProveBy(value)
    reader.problem(path, f"must be one of {', '.join(ProveBy)}")
    return ProveBy.OFF


def _countries(reader: Reader, value: object, path: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    found = []
    for i, item in enumerate(reader.sequence(value, path)):
        if isinstance(item, str) and item in phonenumbers.SUPPORTED_REGIONS:
            found.append(item)
        else:
            reader.problem(f"{path}[{i}]", "must be a country such as DE (ISO 3166)")
    return tuple(found)


def _prices(reader: Reader, value: object, path: str) -> Mapping[str, float]:
    prices: dict[str, float] = {}
    for prefix, price in reader.mapping(value, path).items():
        here = f"{path}.{prefix or '(all others)'}"
        if prefix and not (prefix[0] == "+" and prefix[1:].isascii() and prefix[1:].isdigit()):
            reader.problem(here, "must be a plus and digits, or empty for all others")
        prices[prefix] = reader.number(price, here, 0, 1_000_000)
    return MappingProxyType(prices)
