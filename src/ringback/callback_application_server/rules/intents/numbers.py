"""A telephone number in a message: found as people write it, judged by the rules of every other number."""

from __future__ import annotations

from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number

from ringback.domain.errors import Invalid
from ringback.domain.phone_numbers import read_number

LONGEST = 400  # characters looked at


def number_in(text: str, region: str | None) -> str | None:
    """Return the one number a text names that may be rung, in E.164; two different ones are none."""
    found = set()
    for match in PhoneNumberMatcher(text[:LONGEST], region, leniency=Leniency.VALID, max_tries=20):
        try:
            found.add(read_number(format_number(match.number, PhoneNumberFormat.E164), region=region))
        except Invalid:
            continue
    return found.pop() if len(found) == 1 else None
