"""Which numbers may be rung at all. What kind a number is, and where it lies, is what libphonenumber's tables say."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from ringback.domain.guards.verdict import GuardCause, GuardRefusal

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Country codes of satellite systems, and of international premium and shared-cost services (ITU-T E.164, annex to Operational Bulletin).
_SATELLITE = frozenset({870, 881})
_NETWORKS = frozenset({878, 882, 883, 888, 979, 991})
_REFUSED = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number, which costs more than others",
    PhoneNumberType.UAN: "a company-wide number",
    PhoneNumberType.VOICEMAIL: "a voicemail service",
}
_ANOTHER = "Use another one, or this browser."


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRules:
    """Countries by ISO 3166; none: every country."""

    countries: tuple[str, ...] | None = None


def is_e164(text: str) -> bool:
    """Tell whether it is a plus and 7 to 15 digits and nothing else: all that may enter a dial string."""
    return E164.fullmatch(text) is not None


def judge_number(number: str, rules: NumberRules) -> GuardRefusal | None:
    """Refuse a number, in E.164, of a kind or a country that is not rung."""
    if not is_e164(number):
        return GuardRefusal(cause=GuardCause.DIAL_STRING, words="This is not a telephone number.")
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return GuardRefusal(cause=GuardCause.DIAL_STRING, words="This is not a telephone number.")
    what = _refused_kind(parsed)
    if what is not None:
        return GuardRefusal(cause=GuardCause.NUMBER, words=f"This is {what}. We cannot call it.", next=_ANOTHER)
    regions = regions_of(number)
    if rules.countries is not None and not set(regions) & set(rules.countries):
        return GuardRefusal(cause=GuardCause.COUNTRY, words="We do not call numbers in this country.", next=_ANOTHER)
    return None


def _refused_kind(number: PhoneNumber) -> str | None:
    if number.country_code in _SATELLITE:
        return "a satellite telephone's number"
    if number.country_code in _NETWORKS:
        return "a number of an international network, not of a country"
    national = phonenumbers.national_significant_number(number)
    if any(
        phonenumbers.is_emergency_number(national, region)
        for region in phonenumbers.region_codes_for_country_code(number.country_code or 0)
    ):
        return "an emergency number"
    if not phonenumbers.is_possible_number(number):
        return "no telephone number"
    # A kind that the tables do not know is a range younger than they are; what people type must be in them (read_number).
    return _REFUSED.get(phonenumbers.number_type(number))


def regions_of(number: str) -> tuple[str, ...]:
    """Return the country a number lies in; all that share its code where that cannot be told."""
    parsed = phonenumbers.parse(number, None)
    known = phonenumbers.region_code_for_number(parsed)
    if known is not None and known != "001":
        return (known,)
    return tuple(phonenumbers.region_codes_for_country_code(parsed.country_code or 0))


def block_of(number: str) -> str:
    """Return the block of ten thousand numbers it lies in: whoever is paid by the call rings many neighbours."""
    return number[:-4]
