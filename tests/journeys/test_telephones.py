"""From a chat in the browser to a telephone: a real Asterisk, the customer's phone is SIPp's, the agent's one that presses keys."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Stage
from tests.support.asterisk import require_sipp
from tests.support.browsers import require_chromium, until
from tests.support.folders import passable_folder
from tests.support.pbx import Pbx, new_pbx
from tests.support.processes import Ringback, free_port, ringback
from tests.support.shop import shop
from tests.support.talking_phones import Person, TalkingPhones

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-journey")]

SCENARIO = Path(__file__).parents[1] / "support" / "sipp" / "agent.xml"
SHOWN = "+442079460999"
DESK_PHONE = """
[kim]
type = endpoint
transport = transport-udp
context = inbound
disallow = all
allow = ulaw
direct_media = no
send_connected_line = no
dtmf_mode = rfc4733
aors = kim

[kim]
type = aor
contact = sip:kim@127.0.0.1:{port}
"""
TELEPHONY = {"accept_key": "1", "recording": True, "caller_id": SHOWN}


@pytest.fixture(scope="module")
def customers_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def pbx() -> Iterator[Pbx]:
    """An Asterisk that is configured, and started by the journey."""
    with passable_folder() as folder:
        (folder / "spoken").mkdir()
        yield new_pbx(folder)


@pytest.fixture(scope="module")
def installation(pbx: Pbx, customers_port: int) -> Iterator[Ringback]:
    """Ringback in one process, with telephones."""
    require_chromium()
    settings = {
        "carriers": "browser,asterisk",
        "asterisk_url": pbx.url,
        "asterisk_trunk": f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{customers_port}",
        "asterisk_sounds": str(pbx.folder / "spoken"),
    }
    with passable_folder() as folder, ringback(folder, **settings) as running:
        running.start_servers()
        yield running


@pytest.fixture(scope="module")
def shop_origin(installation: Ringback) -> Iterator[str]:
    """The shop's page, on another origin."""
    with shop(installation.url) as origin:
        yield origin


@pytest.fixture
def wire(customers_port: int, tmp_path: Path) -> Iterator[Path]:
    """The customer's telephone: SIPp, which writes every message down."""
    require_sipp()
    messages = tmp_path / "messages.log"
    command = ["sipp", "-sf", str(SCENARIO), "-i", "127.0.0.1", "-p", str(customers_port), "-nostdin"]
    command += ["-trace_msg", "-message_file", str(messages)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield messages
    process.kill()
    process.wait(10)


async def test_a_callback_from_the_chat_rings_a_telephone_and_is_held_recorded_and_ended_at_the_desk(
    stage: Stage, pbx: Pbx, wire: Path
) -> None:
    phones = TalkingPhones()
    await phones.start()
    agent = phones.person("kim", Person(hertz=500, keys=((1.0, "1"),)))
    with (pbx.folder / "etc" / "pjsip.conf").open("a") as file:
        file.write(DESK_PHONE.format(port=phones.port))
    await pbx.start()
    try:
        stage.opens_business(
            agents=("kim",), agent_carrier="asterisk", agent_address="endpoint:{name}",
            policy={"telephony": TELEPHONY},
        )  # fmt: skip
        kim = await stage.agent("kim")
        dana = await stage.customer()
        await dana.opens_the_chat()
        await dana.says("My bill is wrong, can somebody look at it?")
        await dana.chooses("As soon as possible")
        await dana.widget.get_by_text("My phone").click()
        await dana.widget.locator("#rb-number").fill("020 7946 0018")
        await dana.confirms()
        await dana.sees("Booked: a call by")
        await kim.sees("You talk on your telephone. The call is recorded")
        assert max(map(abs, agent.heard)) > 1000, "no whisper was heard"
        await kim.button("Hold").click()
        await kim.sees("hears music")
        await kim.button("Take off hold").click()
        await kim.button("Pause recording").click()
        await kim.sees("The recording is paused")
        await kim.button("Go on recording").click()
        await kim.sees("The call is recorded")
        await kim.button("Hang up").click()
        await kim.finishes("Solved")
        await dana.sees("We spoke at")
        await is_listened_to(stage)
        invite = wire.read_text().split("INVITE sip:", 1)[1].split("\n\n", 2)[0]
        assert SHOWN in invite
        assert "kim" not in invite.lower()
        report = stage.report()
        assert (report["lost"], report["rung_twice"]) == (0, 0)
    finally:
        await pbx.stop(kill=True)
        phones.stop()


async def is_listened_to(stage: Stage) -> None:
    """The supervisor opens the callback and listens to its recording."""
    page = await stage.supervisor()
    address = f"{stage.ringback.url}/api/v1/callbacks"

    async def stored() -> bool:
        found = await (await page.request.get(address)).json()
        for each in found["items"]:
            answer = await page.request.get(f"{address}/{each['id']}/recordings")
            if [one["state"] for one in (await answer.json())["items"]] == ["stored"]:
                return True
        return False

    await until("the recording is stored", stored)
    found = (await (await page.request.get(address)).json())["items"][0]
    recording = (await (await page.request.get(f"{address}/{found['id']}/recordings")).json())["items"][0]
    sound = await page.request.get(f"{stage.ringback.url}/api/v1/recordings/{recording['id']}/sound")
    assert (await sound.body())[:4] == b"RIFF"
    await expect(page.get_by_role("heading", name="Overview").first).to_be_visible()
