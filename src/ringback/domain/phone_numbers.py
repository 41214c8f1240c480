"""Telephone numbers: read as people type them, kept in E.164, refused when nobody should be rung there."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from ringback.domain.errors import Invalid

_ALLOWED = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.TOLL_FREE,
}

_NOT_ALLOWED = "We cannot call this number. Use another one, or this browser."


def read_number(text: str, *, region: str | None) -> str:
    """Return the E.164 form of a number typed in `region` (ISO 3166, None: must start with +).

    Raises Invalid: `number-invalid`, `number-too-short`, `number-too-long`, or `number-not-allowed` (premium, shared cost, emergency …).
    """
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise Invalid("This is not a telephone number.", id="number-invalid", field="number") from error
    if phonenumbers.is_emergency_number(text, region or phonenumbers.region_code_for_number(number) or "ZZ"):
        raise Invalid(_NOT_ALLOWED, id="number-not-allowed", field="number")
    if not phonenumbers.is_valid_number(number):
        raise _wrong(number)
    if phonenumbers.number_type(number) not in _ALLOWED:
        raise Invalid(_NOT_ALLOWED, id="number-not-allowed", field="number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _wrong(number: phonenumbers.PhoneNumber) -> Invalid:
    """Say what is wrong with a number that does not exist: how many digits it lacks, where a few more would make one."""
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.TOO_LONG:
        return Invalid("This number is too long.", id="number-too-long", field="number")
    digits = phonenumbers.national_significant_number(number)
    for missing, word in enumerate(("one digit", "two digits", "three digits", "four digits"), start=1):
        longer = phonenumbers.parse(f"+{number.country_code}{digits}{'0' * missing}")
        if phonenumbers.is_valid_number(longer):
            return Invalid(f"This number is {word} short.", id="number-too-short", field="number")
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return Invalid("This number is too short.", id="number-too-short", field="number")
    return Invalid("This number does not exist. Check the digits.", id="number-invalid", field="number")
