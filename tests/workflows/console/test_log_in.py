"""Logging in: cookies, roles, throttling, origins, revocation, keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar.routes import HTTPRoute

from ringback.identity.workflows.create_api_key import create_api_key, revoke_api_key
from ringback.identity.workflows.set_password import set_password
from tests.workflows.console.office import PASSWORD, Caller, House, Office


async def test_who_logs_in_gets_a_cookie_that_scripts_and_other_sites_cannot_use(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    answer = await nadia.log_in("NADIA@acme.example")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert answer.json()["roles"] == ["supervisor"]
    assert answer.json()["business"]["zone"] == "Europe/London"
    me = await nadia.get("/auth/v1/me")
    assert me.json()["name"] == "Nadia"


async def test_the_cookie_is_kept_nowhere_and_a_log_out_ends_it(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    token = nadia.http.cookies["ringback"]
    stored = await office.rows("SELECT token_hash FROM login_session")
    assert all(token.encode() not in bytes(row["token_hash"]) for row in stored)
    assert (await nadia.post("/auth/v1/logout")).status_code == 204
    nadia.http.cookies.set("ringback", token)
    again = await nadia.get("/auth/v1/me")
    assert again.status_code == 401
    assert again.json()["type"].endswith("/not-logged-in")


async def test_a_wrong_password_and_an_unknown_address_sound_the_same(office: Office, acme: House):
    await office.person(acme, "nadia", "supervisor")
    stranger = Caller(office, {"origin": office.url})
    wrong = await stranger.log_in("nadia@acme.example", "not the password")
    unknown = await stranger.log_in("nobody@acme.example", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_guessing_is_throttled_by_account_and_waiting_helps(office: Office, acme: House):
    await office.person(acme, "nadia", "supervisor")
    guesser = Caller(office, {"origin": office.url})
    for _ in range(5):
        assert (await guesser.log_in("nadia@acme.example", "guess guess")).status_code == 401
    blocked = await guesser.log_in("nadia@acme.example", PASSWORD)
    assert blocked.status_code == 429
    assert int(blocked.headers["retry-after"]) >= 1
    assert blocked.json()["type"].endswith("/too-many-log-ins")
    office.databases.identity.shift(timedelta(seconds=10))
    assert (await guesser.log_in("nadia@acme.example", PASSWORD)).status_code == 200


async def test_a_post_with_the_cookie_from_another_page_is_refused(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    for origin in ("https://evil.example", "null"):
        answer = await nadia.post("/api/v1/bulk/preview", {}, origin=origin)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/foreign-origin")
    nadia.http.headers.pop("origin")
    assert (await nadia.post("/api/v1/bulk/preview", {})).status_code == 403


async def test_a_new_password_ends_every_session(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    await set_password(
        office.databases.identity, office.passwords, acme.id, email="nadia@acme.example", password="another password"
    )
    assert (await nadia.get("/auth/v1/me")).status_code == 401
    assert (await nadia.log_in("nadia@acme.example", "another password")).status_code == 200


async def test_a_session_ends_by_itself(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    await office.rows("UPDATE login_session SET expires_at = now() - interval '1 second' RETURNING 1")
    assert (await nadia.get("/auth/v1/me")).status_code == 401


async def test_a_key_opens_what_its_scopes_say_until_it_is_revoked(office: Office, acme: House):
    made = await create_api_key(office.databases.identity, acme.id, name="crm", scopes=["callbacks:read"])
    crm = Caller(office, {"authorization": f"Bearer {made.key}"})
    assert made.key.startswith("rbk_") and made.key not in repr(made)
    assert (await crm.get("/api/v1/callbacks")).status_code == 200
    refused = await crm.get("/api/v1/audit")
    assert refused.status_code == 403
    assert "audit:read" in refused.json()["detail"]
    used = await office.rows("SELECT last_used_at, secret_hash FROM api_key")
    assert used[0]["last_used_at"] is not None
    assert made.key.encode() not in bytes(used[0]["secret_hash"])
    await revoke_api_key(office.databases.identity, acme.id, made.id, by="test")
    assert (await crm.get("/api/v1/callbacks")).status_code == 401


@pytest.mark.parametrize("authorization", ["Bearer rbk_unknown", "Bearer nonsense", "Bearer", "Basic YTpi", ""])
async def test_nobody_in_particular_sees_nothing(office: Office, acme: House, authorization: str):
    answer = await Caller(office, {"authorization": authorization}).get("/api/v1/callbacks")
    assert answer.status_code == 401


async def test_an_agent_has_a_desk_and_no_console(office: Office, acme: House):
    kim = await office.person(acme, "kim", "agent", agent="kim")
    assert (await kim.get("/desk/v1/view")).status_code == 200
    assert (await kim.get("/console/v1/view")).status_code == 403
    assert (await kim.get("/api/v1/callbacks")).status_code == 403
    nadia = await office.person(acme, "nadia", "supervisor")
    assert (await nadia.get("/console/v1/view")).status_code == 200
    assert (await nadia.get("/desk/v1/view")).status_code == 403


async def test_every_route_names_a_right(office: Office):
    """A handler that names none is refused by the guard; none of ours may rely on that."""
    open_to_all = {"/auth/v1/login", "/auth/v1/logout", "/auth/v1/me", "/api/v1/schema.css"}
    unnamed = {
        route.path
        for route in office.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"}  # Litestar's own, which only names the others
        and not handler.opt.get("rights")
        and not route.path.startswith("/api/v1/schema/")
        and route.path != "/api/v1/schema"
    }
    assert unnamed <= open_to_all, unnamed
