"""Which wish a message states: by rules where it is plain, by the classifier's guess where it is not, and by nothing where neither is sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ringback.callback_application_server.rules.intents.classifier import SURE, classifier
from ringback.callback_application_server.rules.intents.languages import WORDINGS
from ringback.callback_application_server.rules.intents.wording import Wording


class Intent(StrEnum):
    """What the customer wants."""

    CALL = "call"  # a callback
    WHEN = "when"  # names a time, and says nothing else
    PROVIDER = "provider"  # names who, and says nothing else
    PERSON = "person"  # somebody to talk to, now
    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    MOVE = "move"
    STATUS = "status"
    NUMBER = "number"  # a number to be called on, or that it shall be another
    STOP = "stop"  # no contact any more
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a message wants. `guessed`: nobody said it in words that we know, so it is asked about first."""

    intent: Intent = Intent.NONE
    guessed: bool = False
    agrees: bool = False  # it begins with a yes
    declines: bool = False  # it begins with a no
    other_number: bool = False


ORDER = (
    ("wants_cancel", Intent.CANCEL),
    ("wants_move", Intent.MOVE),
    ("wants_status", Intent.STATUS),
    ("wants_call", Intent.CALL),
    ("wants_person", Intent.PERSON),
)

# Other things that people cancel or move: a wish about them is none about the call.
_OTHER_THINGS = re.compile(
    r"\b(?:contract|subscription|account|order|direct debit|membership|policy|payment|delivery|house|flat|"
    r"vertrag|abo|abonnement|bestellung|konto|lieferung|zahlung|lastschrift|wohnung|"
    r"contrato|suscripcion|pedido|cuenta|pago|domiciliacion|contrat|commande|compte|paiement|livraison|prelevement|"
    r"assinatura|conta|encomenda|pagamento|contratto|abbonamento|ordine|consegna|addebito)"
)
_THE_CALL = re.compile(
    r"call|appointment|booking|ruckruf|anruf|termin|llam|cita\b|appel|rendez|chamada|ligacao|marcacao|chiam|telefon|appuntamento"
)


def wish_of(folded: str, *, language: str = "en") -> Wish:
    """Return the wish of a folded text. The language the customer reads goes first where two languages say different things with one word."""
    wordings = sorted(WORDINGS, key=lambda each: each.language != language)
    for pattern, intent in (("is_stop", Intent.STOP), ("is_no", Intent.NO), ("is_yes", Intent.YES)):
        if any(getattr(each, pattern).fullmatch(folded) for each in wordings):
            return Wish(intent=intent, agrees=intent is Intent.YES, declines=intent is Intent.NO)
    intent = _by_rules(folded, wordings)
    agrees = any(each.begins_with_yes.match(folded) for each in wordings)
    declines = any(each.begins_with_no.match(folded) for each in wordings)
    other_number = any(each.wants_other_number.search(folded) for each in wordings)
    if intent is Intent.NONE and other_number:
        intent = Intent.NUMBER
    if intent is not Intent.NONE:
        return Wish(intent=intent, agrees=agrees, declines=declines, other_number=other_number)
    guess = classifier().guess(folded)
    if guess.label == "none" or guess.probability < SURE:
        return Wish(agrees=agrees, declines=declines)
    return Wish(intent=Intent(guess.label), guessed=True, agrees=agrees, declines=declines)


def _by_rules(folded: str, wordings: Sequence[Wording]) -> Intent:
    for pattern, intent in ORDER:
        if any(getattr(each, pattern).search(folded) for each in wordings) and not (
            intent in (Intent.CANCEL, Intent.MOVE) and _OTHER_THINGS.search(folded) and not _THE_CALL.search(folded)
        ):
            return intent
    return Intent.NONE
