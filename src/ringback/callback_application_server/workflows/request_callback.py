"""Turn provider, when and where into a callback request, with the consent that goes with it, and send it to the interaction manager."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from ringback.callback_application_server.number_proofs import with_proof
from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, PromptRow, lock_chat, save_chat
from ringback.callback_application_server.rules.callback_card import Card, CardState
from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.prompts import PromptContent
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.show_callback import take_up
from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.errors import Conflict, Invalid
from ringback.domain.ids import BusinessId, CallbackId, PromptId, new_id
from ringback.domain.phone_numbers import read_number
from ringback.domain.status import Server
from ringback.domain.times import WhenKind
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was chosen of a prompt, and what was filled in beside it."""

    prompt: PromptId
    option: int
    destination: str = "browser"
    number: str | None = field(default=None, repr=False)
    topic: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    consent: bool = False


async def request_callback(
    context: ChatContext, tx: Transaction, chat: ChatRow, prompt: PromptRow, reply: Reply
) -> CallbackId:
    """Commit the request; "yes" is said when the interaction manager has accepted it. Raises Invalid naming the field, or Conflict."""
    if chat.draft.when is None:
        raise Conflict("Pick a time first.", id="no-time-chosen")
    if chat.card is not None and chat.card.is_open:
        raise Conflict("You have a callback already. Move it or cancel it.", id="one-is-open")
    destination = await with_proof(tx, chat, _destination(context, chat, reply))
    if not reply.consent:
        raise Invalid("Tick the box so that we may call you.", id="consent-missing", field="consent")
    callback = CallbackId(new_id())
    topic = (reply.topic or "").strip()[:200] or chat.topic
    name = (reply.name or "").strip()[:100] or chat.person_name
    if name and name != chat.person_name:
        await tx.run(SQL["name_person"], business=chat.business, id=chat.person, name=name)
    consent = new_id()
    await tx.run(
        SQL["insert_consent"],
        business=chat.business,
        id=consent,
        person=chat.person,
        chat=chat.id,
        words=prompt.content.consent or "",
        number=destination.address if destination.kind is DestinationKind.PHONE else None,
        channel=chat.channel_kind,
        now=tx.now,
    )
    provider = chat.draft.provider or chat.default_provider
    chosen = prompt.content.option(reply.option)
    request = RequestCallback(
        callback=callback,
        provider=provider,
        when=chat.draft.when,
        destination=destination,
        person=chat.person,
        person_name=name,
        chat=chat.id,
        language=chat.language,
        topic=topic,
        consent=consent,
        priority=chat.priority,
        named_time=chat.draft.when.kind in (WhenKind.ASAP, WhenKind.SLOT) or chat.draft.typed,
        told_by=chosen.told_by if chosen is not None else None,
    )
    await send_request(tx, chat.business, request, principal=f"chat:{chat.id}")
    card = Card(
        id=callback,
        state=CardState.ASKING_ROOM,
        queue_name=_queue_name(prompt.content),
        where="this browser" if destination.kind is DestinationKind.BROWSER else destination.address,
        topic=topic,
        updated_at=tx.now,
    )
    await save_chat(tx, chat, callback=callback, card=card, topic=topic, draft=Draft())
    return callback


async def ask_again(tx: Transaction, business: BusinessId, request: RequestCallback) -> None:
    """An agent's "call again": a new request from the same chat, sent on under the rules of every other."""
    await send_request(tx, business, request, principal=request.created_by)
    if request.chat is None:
        return
    chat = await lock_chat(tx, ChatKey(business=business, chat=request.chat))
    if (
        chat.card is None or not chat.card.is_open
    ):  # else it is shown when the call that asked for it is over in the chat
        await take_up(tx, chat, request.callback)


async def send_request(tx: Transaction, business: BusinessId, request: RequestCallback, *, principal: str) -> None:
    """Keep what is asked (the number left out), and ask it."""
    shown = msgspec.to_builtins(request)
    shown["destination"]["address"] = request.destination.masked()
    await tx.run(
        SQL["insert_request"],
        business=business,
        id=request.callback,
        chat=request.chat,
        person=request.person,
        principal=principal,
        provider=request.provider,
        request=shown,
        now=tx.now,
    )
    await send(tx, business, Server.INTERACTIONS, request.callback, request)


def _destination(context: ChatContext, chat: ChatRow, reply: Reply) -> Destination:
    if reply.destination == "browser":
        return Destination(kind=DestinationKind.BROWSER, address=str(chat.id), proved=True)
    if reply.destination != "phone":
        raise Invalid("Choose this browser or a phone.", id="destination-unknown", field="destination")
    if not context.phones:
        raise Invalid("We cannot ring telephones here. Use this browser.", id="no-phone-carrier", field="destination")
    if not (reply.number or "").strip():
        raise Invalid("Enter the number that we should call.", id="number-missing", field="number")
    number = read_number(reply.number or "", region=chat.settings.get("region"))
    return Destination(kind=DestinationKind.PHONE, address=number, proved=chat.number_proved and number == chat.number)


def _queue_name(content: PromptContent) -> str:
    """Return whom the confirmation named, until the interaction manager says who it is."""
    return dict(content.summary).get("Who", "")
