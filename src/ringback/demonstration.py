"""`ringback demo`: everything in one process with a demonstration business, and where to click."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from ringback import bootstrap
from ringback.administration.businesses import find_business
from ringback.administration.configuration import apply_document
from ringback.domain.errors import ConfigurationError, NotFound
from ringback.domain.status import Server
from ringback.installation import ready_installation
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.embedded.layout import write_privately
from ringback.settings import Settings

BUSINESS = "acme"
PASSWORDS = "demo.json"  # tells a demonstration's folder from any other installation's
PEOPLE = (
    ("kim", "Kim Osei", "agent"),
    ("amir", "Amir Haddad", "agent"),
    ("mira", "Mira Novak", "agent"),
    ("nadia", "Nadia Brown", "supervisor"),
    ("alex", "Alex Stone", "admin"),
)
ALWAYS = ["00:00-24:00"]
QUESTIONS = (
    (
        "How do I read my meter?",
        "Write down the black digits from left to right. The red ones do not count.",
        "meter reading",
    ),
    ("When is my bill due?", "Fourteen days after the date at its top right.", "by when do I have to pay"),
    (
        "How can I pay my bill?",
        "By direct debit, card or bank transfer: see Payment on your account page.",
        "payment methods",
    ),
    ("What are your opening hours?", "Somebody is there around the clock.", "when are you open"),
    (
        "How do I tell you that I move house?",
        "Two weeks before, on your account page under Moving.",
        "change of address",
    ),
)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def run(settings: Settings, output: Console, *, fresh: bool) -> None:
    """Start the embedded database, seed the business once, serve, and print where to click."""
    if settings.database_url:
        raise ConfigurationError("the demonstration uses the embedded database: unset RINGBACK_DATABASE_URL")
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        raise ConfigurationError("the demonstration is for this machine only: unset RINGBACK_HOST")
    _refuse_other_data(settings.data)
    servers = frozenset(Server)
    with bootstrap.taken_ports(settings, servers) as listeners:  # first: a start that cannot be keeps the data
        if fresh:
            await _forget(settings.data)
        passwords = _passwords(settings.data)
        with output.status("Starting the database") as status:
            async with ready_installation(settings) as installation:
                status.update("Looking for the demonstration business")
                try:
                    await find_business(installation, BUSINESS)
                    output.print(f"Going on with the data in {settings.data} (make demo FRESH=1 begins anew)")
                except NotFound:
                    status.update("Making the demonstration business")
                    await apply_document(installation, document(settings, passwords))
                status.update("Starting the three servers")

                def ready() -> None:
                    status.stop()
                    output.print(_where_to_click(settings, passwords), soft_wrap=True, markup=False)

                await bootstrap.run_until_signal(installation, servers, listeners, ready)
    output.print("Stopped. Nothing is lost: make demo goes on where it was.")


def document(settings: Settings, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return the demonstration business: two departments, three agents with different skills and shifts, open now."""
    always = dict.fromkeys(WEEK, ALWAYS)
    return {
        "business": {
            "slug": BUSINESS,
            "name": "Acme Energy",
            "zone": "Europe/London",
            "language": "en",
            "policy": {"calling_hours": {"start": "00:00", "end": "23:59"}},  # whoever tries it may do so at night
        },
        "queues": [
            {
                "slug": "billing",
                "name": "Billing",
                "default": True,
                "hours": {"week": always},
                "skills": ["billing"],
                "topics": ["bill", "invoice", "payment", "refund", "direct debit", "charge"],
            },
            {
                "slug": "support",
                "name": "Support",
                "hours": {"week": always},
                "skills": ["support"],
                "topics": ["meter", "heating", "outage", "power", "moving", "broken"],
            },
        ],
        # No languages among the skills: whatever browser a stranger comes with, everybody may take their call.
        "agents": [
            {
                "slug": "kim",
                "name": "Kim Osei",
                "queues": ["billing", "support"],
                "home": "billing",
                "skills": {"billing": 5, "support": 2},
                "shifts": {"week": always},
            },
            {
                "slug": "amir",
                "name": "Amir Haddad",
                "queues": ["billing"],
                "skills": {"billing": 3},
                "shifts": {"week": {day: ["06:00-24:00"] for day in WEEK}},
            },
            {
                "slug": "mira",
                "name": "Mira Novak",
                "queues": ["support"],
                "skills": {"support": 5},
                "shifts": {"week": {day: ["00:00-20:00"] for day in WEEK}},
            },
        ],
        "channels": [
            {
                "name": "Help pages",
                "allowed_origins": [settings.base_url, f"http://127.0.0.1:{settings.port}"],
                "greeting": "How can we help? Write to us, or ask for a call.",
                "region": "GB",
            }
        ],
        "bots": [
            {
                "slug": "help",
                "name": "Acme helper",
                "kind": "faq",
                "default": True,
                "questions": [
                    {"question": question, "answer": answer, "also": list(also)}
                    for question, answer, *also in QUESTIONS
                ],
            }
        ],
        "emergency": {
            "words": ["gas leak", "smell gas", "smell of gas", "carbon monoxide"],
            "text": "Leave the house, open windows on your way, use no switch, and call 0800 111 999 from outside.",
        },
        "users": [
            {
                "email": f"{slug}@acme.example",
                "name": name,
                "roles": [role],
                "password": passwords[slug],
                **({"agent": slug} if role == "agent" else {}),
            }
            for slug, name, role in PEOPLE
        ],
    }


def _refuse_other_data(data: Path) -> None:
    """Raise ConfigurationError when the folder is another installation's: nothing is put beside its data, or thrown away."""
    if not (data / PASSWORDS).exists() and ((data / "database").exists() or (data / "secret").exists()):
        raise ConfigurationError(
            f"{data} is not a demonstration's: choose another folder with RINGBACK_DATA, or remove it yourself"
        )


async def _forget(data: Path) -> None:
    """Throw an earlier demonstration away, the file that says it is one last: killed half-way, it is still one."""
    await EmbeddedPostgres(data / "database").discard()
    await asyncio.to_thread(_remove_files, data)


def _remove_files(data: Path) -> None:
    for each in data.iterdir():
        if each.name != PASSWORDS:
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    (data / PASSWORDS).unlink(missing_ok=True)


def _passwords(data: Path) -> dict[str, str]:
    """Return the log-ins' passwords, made on first use, before there is any data, and kept beside it."""
    path = data / PASSWORDS
    if path.exists():
        known: dict[str, str] = json.loads(path.read_text())
        return known
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = {slug: f"{slug}-{secrets.token_hex(4)}" for slug, _, _ in PEOPLE}
    write_privately(path, json.dumps(made))
    return made


def _where_to_click(settings: Settings, passwords: Mapping[str, str]) -> str:
    base = settings.base_url
    lines = ["Ringback is ready.", "", f"  The customer        {base}/demo/{BUSINESS}   a page with the chat in it", ""]
    for slug, name, role in PEOPLE:
        where = f"{base}/desk" if role == "agent" else f"{base}/console"
        what = {"agent": f"{name}'s desk", "supervisor": "The supervisor", "admin": "The administrator"}[role]
        lines.append(f"  {what:<18}  {where}   log in as {slug}@acme.example, password {passwords[slug]}")
    lines += [
        "",
        f"  The API             {base}/api/v1/schema   its documentation",
        "",
        "Log in as an agent, become available, and ask for a call on the customer's page. Each log-in is one per browser:",
        "take a private window or a second browser for every further person. They talk from browser to browser. Ctrl-C stops.",
    ]
    return "\n".join(lines)
