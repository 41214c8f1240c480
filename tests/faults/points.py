"""Every commit and every carrier verb of the program, read from its code: what the crash matrix must strike, and by name what it need not, and why."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import ringback
from ringback.callback_application_server.worker import ApplicationServer
from ringback.interaction_manager.worker import InteractionManager
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.worker import SessionManager

SERVERS = ("application", "interactions", "sessions")
SOURCE = Path(ringback.__file__).parent
CARRIER = "simulated"

_FOLDERS = {
    "callback_application_server": "application",
    "console": "application",
    "identity": "application",
    "interaction_manager": "interactions",
    "session_management_server": "sessions",
}

# What postgres/ commits on behalf of the servers, and which pass it; `{}` is the message or timer, whose names the workers know.
_FOR_SERVERS: Mapping[str, tuple[str, ...]] = {
    "apply_{}": (),
    "timer_{}": (),
    "sort_messages": (),
    "note_failure": SERVERS,
    "put_timer_off": SERVERS,
    "read_answer": ("application",),
}

# What no callback's life passes, by file or by name: each with its reason.
NOT_ON_THE_PATH: Mapping[str, str] = {
    "administration/": "commands of an operator: nothing is promised in them",
    "business_document.py": "commands of an operator",
    "bootstrap.py": "commands of an operator",
    "doctor.py": "looks, and changes nothing",
    "local_clients.py": "reads for reports and the configuration",
    "web_application.py": "reads which origins may embed the widget",
    "callback_application_server/read_chat.py": "chats: tests of conversations and journeys",
    "callback_application_server/live.py": "chats",
    "callback_application_server/app.py": "chats and pages",
    "callback_application_server/forgetting.py": "retention: works on what is over",
    "callback_application_server/code_sender.py": "codes for numbers that customers name in chats: tests of their own",
    "commit:timer_number_code": "codes for numbers that customers name in chats",
    "callback_application_server/webhooks/": "no webhook is registered here; retried by a timer of its own",
    "callback_application_server/workflows/": "chats, retention and persons; the path here begins at the API",
    "console/desk.py": "the desk: agents here have telephones",
    "console/desk_page.py": "the desk",
    "console/desk_chats.py": "live chats: nobody is called in them",
    "console/feed.py": "reads for the console",
    "console/overview.py": "reads for the console",
    "console/api/accounts.py": "log-ins and keys",
    "console/api/bulk.py": "many acts at once: each is one of the single acts",
    "console/api/business.py": "reads, and commands that pass send_command like those here",
    "console/api/calendar.py": "a page for people to read",
    "console/api/outside.py": "nobody else's queues report themselves here",
    "console/api/reports.py": "a page for people to read",
    "console/api/shifts.py": "shifts are planned before anybody calls",
    "console/api/webhooks.py": "webhooks",
    "console/workflows/manage_webhooks.py": "webhooks",
    "console/workflows/read_desk.py": "the desk",
    "identity/workflows/log_in.py": "log-ins of people",
    "identity/workflows/log_out.py": "log-ins of people",
    "identity/workflows/create_": "log-ins and keys",
    "identity/workflows/change_user.py": "log-ins",
    "identity/workflows/set_password.py": "log-ins",
    "identity/app.py": "log-ins",
    "interaction_manager/app_queue/": "no other telephone system's queue is followed here: tried with a real Asterisk",
    "interaction_manager/offers.py": "a read for chats",
    "session_management_server/carriers/browser": "the browser carrier: pages, tried in journeys",
    "postgres/migrations.py": "migrations",
    "commit:find_log_in": "log-ins of people",
    "commit:load_user": "log-ins of people",
    "commit:list_callbacks": "a list for people to read",
    "commit:why": "a page for people to read",
    "commit:find_queue": "switches of a queue",
    "commit:find_number": "a page for people to read",
    "commit:look_up_number": "a page for people to read",
    "commit:read_fence": "only after a commit whose answer was lost: its own test",
    "commit:mend_stray": "finds nothing unless something was lost, and that is red here",
    "commit:note_failure": "a message that cannot be applied: none here",
    "commit:put_timer_off": "a timer that cannot be fired: none here",
    "commit:hand_over": "a stop in good order",
    "commit:forget_events": "retention: works on what is over",
    "commit:timer_reply": "an answer in a chat",
    "commit:timer_abandoned": "words in a chat",
    "commit:apply_application.ChatTaken": "live chats: nobody is called in them",
    "commit:apply_application.ChatLeft": "live chats",
    "commit:apply_application.NobodyCame": "live chats",
    "commit:apply_application.WriteAsAgent": "live chats",
    "commit:apply_interactions.AskPerson": "live chats",
    "commit:apply_interactions.TakeChat": "live chats",
    "commit:apply_interactions.EndChat": "live chats",
    "commit:apply_interactions.LeaveChat": "live chats",
    "commit:apply_interactions.PassChat": "live chats",
    "commit:timer_live_chat": "live chats",
    "commit:timer_webhook": "no webhook is registered here",
    "commit:apply_application.RequestCallback": "a button of the desk: call again later",
    "commit:apply_interactions.EndWrapUp": "a button of the desk",
    "commit:apply_interactions.ExtendWrapUp": "a button of the desk",
    "commit:apply_interactions.SetLevers": "switches of a queue",
    "commit:apply_interactions.BulkAct": "many acts at once: each is one of the single acts",
    "commit:apply_interactions.JoinWaitlist": "a button of a chat",
    "commit:apply_interactions.SetPriority": "an operator's act; none here",
    "commit:apply_interactions.OfferMove": "an operator's act; none here",
    "commit:apply_interactions.WriteToCustomer": "an operator's act; none here",
    "commit:apply_interactions.MarkAway": "an operator's act; none here",
    "commit:apply_interactions.ImportShifts": "shifts are planned before anybody calls",
    "commit:apply_interactions.ReportOutside": "nobody else's queues report themselves here",
    "commit:apply_application.GotThrough": "nobody gets through elsewhere here",
    "commit:timer_through": "nobody gets through elsewhere here",
    "commit:timer_narrow": "customers here choose slots, not windows",
    "commit:timer_still_needed": "an operator's incident; none here",
    "commit:timer_look_at_day": "after an operator's act; the same look is made every minute",
    "commit:timer_page": "looks for pages; agents and customers here have telephones",
    "commit:forget_ledger": "retention: works on what is over",
    "commit:timer_invite": "nobody is on a waitlist here",
    "commit:invite_from_waitlist": "nobody is on a waitlist here",
    "commit:apply_application.StillNeeded": "words in a chat",
    "commit:apply_application.AgentAway": "words in a chat",
    "commit:apply_application.OperatorWrote": "words in a chat",
    "commit:apply_application.WaitlistAnswered": "words in a chat",
    "commit:apply_application.RoomAppeared": "words in a chat",
    "commit:apply_application.AlertRaised": "for people at the business: mail is tried in tests of its own",
    "commit:apply_application.AlertResolved": "for people at the business",
    "commit:timer_mail": "no mail server is configured here",
    "callback_application_server/mail/": "no mail server is configured here; retried by a timer of its own",
    "console/api/day.py": "reads, and commands that pass send_command like those here",
    "commit:ask_command": "a rehearsal of an operator's act: changes nothing",
    "commit:keep_applied": "keeps what a key stands for",
    "commit:apply_interactions.AnswerQuestion": "an answer in a chat",
    "commit:apply_interactions.ForgetPerson": "erasure of what is over",
    "commit:apply_sessions.MarkCustomer": "a button of the desk",
    "commit:apply_sessions.HangUpLeg": "a button of the desk",
    "commit:apply_sessions.ForgetPerson": "erasure of what is over",
    "session_management_server/carriers/twilio": "the carrier twilio: tried against a Twilio of our own",
    "session_management_server/recordings.py": "recordings: made after the talk, deleted by retention",
    "console/api/do_not_call.py": "a list kept by people",
    "console/workflows/list_numbers.py": "a list kept by people",
    "console/api/channels.py": "chat widgets: made before anybody asks",
    "console/workflows/manage_channels.py": "chat widgets: made before anybody asks",
    "console/api/recordings.py": "recordings: looked for and played by people",
    "commit:transfer_targets": "a button of the desk",
    "commit:own_leg": "a button of the desk",
    "commit:recordings": "recordings: a list for people to read",
    "commit:read_recording": "recordings",
    "commit:find_recording": "recordings",
    "commit:load_account": "channels other than the page",
    "commit:timer_channel": "channels other than the page",
    "commit:keep_shown": "secrets that are shown once: log-ins, keys, widgets",
    "commit:shown_before": "secrets that are shown once",
    "commit:apply_interactions.TransferCustomer": "a button of the desk",
    "commit:apply_sessions.ChangeTalk": "a button of the desk",
    "commit:apply_sessions.HandCustomerOver": "a button of the desk",
    "commit:drain_node": "a command of an operator",
    "commit:list_nodes": "a command of an operator",
    "commit:find_node": "several Asterisks: tried with two",
    "commit:find_nodes": "several Asterisks: tried with two",
    "carrier:forget_recording": "recordings",
    "carrier:leave_message": "machines: none here with a telephone, and none that is spoken to without",
    "carrier:mute": "a button of the desk",
    "carrier:recording": "recordings",
    "carrier:screen": "machines: what answers here is not screened",
    "carrier:hold": "a button of the desk",
    "carrier:record": "the simulated carrier cannot",
    "carrier:transfer": "the simulated carrier cannot",
}

# What is not passed with one of the carriers.
NOT_WITH: Mapping[str, Mapping[str, str]] = {
    "simulated": {
        "carrier:play": "it cannot",
        "commit:register_nodes": "it has one machine",
        "commit:find_peer": "it has one machine",
        "commit:place_leg": "it has one machine",
    },
    "asterisk": {
        "commit:apply_application.CallbackRefused": "nobody asks twice there: a telephone's number says whose it is",
        "commit:apply_interactions.AgentFreed": "after talks that break off: its telephones do not",
    },
}


@cache
def enumerate_points(carrier: str = CARRIER) -> dict[str, set[str]]:
    """Return the names of all commits and carrier calls, by the server that passes them, those that are not on the path left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(SOURCE.rglob("*.py")):
        module = str(path.relative_to(SOURCE))
        if _left_out(module):
            continue
        for name in commit_names(path):
            for server in servers_of(module, name):
                found[server].add(f"commit:{name}")
    for server, worker in _workers().items():
        found[server] |= {f"commit:apply_{server}.{kind.__name__}" for kind in worker.messages._handlers}
        found[server] |= {f"commit:timer_{kind}" for kind in worker.timers._handlers}
    verbs = [
        name for name, _ in inspect.getmembers(GuardedCarrier, inspect.iscoroutinefunction) if not name.startswith("_")
    ]
    found["sessions"] |= {f"carrier:{verb}" for verb in verbs if verb not in ("start", "stop")}
    left_out = {*NOT_ON_THE_PATH, *NOT_WITH[carrier]}
    return {
        server: {point.replace("carrier:", f"carrier:{carrier}:") for point in points if point not in left_out}
        for server, points in found.items()
    }


def servers_of(module: str, name: str) -> tuple[str, ...]:
    """Return the servers whose work a module's commit is."""
    folder = module.split("/")[0]
    servers = _FOR_SERVERS.get(name) if folder == "postgres" else (_FOLDERS[folder],) if folder in _FOLDERS else None
    assert servers is not None, f"{module} commits {name}: say in tests/faults/points.py which servers do"
    return servers


def both_sides(points: Iterable[str]) -> list[str]:
    """Return the failpoints before and after each."""
    return [f"{point}:{side}" for point in sorted(points) for side in ("before", "after")]


def commit_names(path: Path) -> set[str]:
    """Return the names of the transactions that a module opens."""
    tree = ast.parse(path.read_text())
    names: set[str] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "transaction":
                names |= {text for each in call.keywords if each.arg == "name" for text in _texts(each.value, function)}
    return names


def _texts(value: ast.expr, function: ast.AsyncFunctionDef) -> set[str]:
    """Return what the name may be: a text, one with `{}` for what is put into it, or the texts that are assigned to the variable."""
    match value:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.JoinedStr(values=parts):
            return {"".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)}
        case ast.Name(id=variable):
            return {
                text.value
                for assignment in ast.walk(function)
                if isinstance(assignment, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == variable for target in assignment.targets)
                for text in ast.walk(assignment.value)
                if isinstance(text, ast.Constant) and isinstance(text.value, str)
            }
        case _:
            raise AssertionError(f"line {value.lineno}: a commit's name must be readable from the code")


def _left_out(module: str) -> bool:
    return any(module.startswith(prefix) for prefix in NOT_ON_THE_PATH if ":" not in prefix)


def _workers() -> dict[str, Any]:
    """Make each server's workers as it wires them, to read what they handle."""
    nothing = Mock()
    return {
        "application": ApplicationServer(nothing, dispatcher=nothing),
        "interactions": InteractionManager(database=nothing, dispatcher=nothing, hints=nothing),
        "sessions": SessionManager(database=nothing, dispatcher=nothing, hints=nothing, carriers={}),
    }
