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
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.UAN,
}


def read_number(text: str, *, region: str | None) -> str:
    """Return the E.164 form of a number typed in `region` (ISO 3166, None: must start with +).

    Raises Invalid: `number-invalid`, `number-too-short`, `number-too-long`, or `number-not-allowed` (premium, shared cost, emergency …).
    """
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise Invalid("This is not a telephone number.", id="number-invalid", field="number") from error
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.TOO_SHORT:
            raise Invalid("This number is too short.", id="number-too-short", field="number")
        case ValidationResult.TOO_LONG:
            raise Invalid("This number is too long.", id="number-too-long", field="number")
    if not phonenumbers.is_valid_number(number):
        raise Invalid("This number does not exist. Check the digits.", id="number-invalid", field="number")
    if phonenumbers.number_type(number) not in _ALLOWED:
        raise Invalid(
            "We cannot call this number. Use another one, or this browser.", id="number-not-allowed", field="number"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
