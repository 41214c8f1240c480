"""A telephone number in a message: found as people write it, judged by the rules of every other number."""

from __future__ import annotations

from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number

from ringback.domain.errors import Invalid
from ringback.domain.phone_numbers import read_number

LONGEST = 400  # characters looked at
_DIGITS = 9  # fewer may be anything


def number_in(text: str, region: str | None) -> str | None:
    """Return the one number a text names that may be rung, in E.164; two different ones are none."""
    found = set()
    for match in PhoneNumberMatcher(text[:LONGEST], region, leniency=Leniency.VALID, max_tries=20):
        try:
            found.add(read_number(format_number(match.number, PhoneNumberFormat.E164), region=region))
        except Invalid:
            continue
    return found.pop() if len(found) == 1 else None


def unusable_in(text: str, region: str | None) -> str | None:
    """Return what is written as a telephone number and is none that may be rung."""
    for match in PhoneNumberMatcher(text[:LONGEST], region, leniency=Leniency.POSSIBLE, max_tries=20):
        raw: str = match.raw_string
        if raw.startswith(("+", "0", "(0")) and sum(each.isdigit() for each in raw) >= _DIGITS:
            return raw
    return None
