"""Carriers are found by their entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any, cast

import pytest

from ringback.domain.errors import ConfigurationError
from ringback.session_management_server.carriers.browser import BrowserCarrier
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import GROUP, installed_carriers, open_carriers
from ringback.session_management_server.carriers.simulated import SimulatedCarrier

ENVIRONMENT = CarrierEnvironment(database=cast("Any", None), dispatcher=cast("Any", None), hints=cast("Any", None))
SIMULATED = "ringback.session_management_server.carriers.simulated:SimulatedCarrier"


def test_both_carriers_of_the_house_are_installed():
    installed = installed_carriers()
    assert installed["browser"].load() is BrowserCarrier
    assert installed["simulated"].load() is SimulatedCarrier


def test_a_name_that_is_there_twice_is_refused():
    twice = [EntryPoint(name="simulated", value=SIMULATED, group=GROUP)] * 2
    with pytest.raises(ConfigurationError, match="'simulated' is brought twice"):
        installed_carriers(twice)


def test_a_carrier_that_is_not_installed_is_named():
    with pytest.raises(
        ConfigurationError, match="there is no carrier 'pigeon'; installed: asterisk, browser, simulated, twilio"
    ):
        open_carriers(["pigeon"], ENVIRONMENT)


def test_each_carrier_gets_its_own_options():
    opened = open_carriers(
        ["browser", "simulated"], ENVIRONMENT, options={"simulated": {"address": "127.0.0.1:9", "account": "two"}}
    )
    assert {name: carrier.account for name, carrier in opened.items()} == {"browser": "pages", "simulated": "two"}


@pytest.mark.parametrize("options", [{}, {"simulated": {"address": "nowhere"}}])
def test_a_simulated_carrier_needs_to_know_where_its_process_is(options: dict[str, dict[str, str]]):
    with pytest.raises(ConfigurationError):
        open_carriers(["simulated"], ENVIRONMENT, options=options)
