"""docs/configuration.md names every setting with its default, and its example can be applied."""

import re
from dataclasses import fields
from pathlib import Path

import yaml

from ringback.interaction_manager.rules.configuration import read_configuration
from ringback.interaction_manager.rules.policy import Policy

PAGE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| .+ \|$", re.MULTILINE)


def test_every_setting_is_documented_with_its_default():
    documented = dict(ROW.findall(PAGE))
    policy = Policy()
    assert set(documented) == {field.name for field in fields(Policy)}
    for name, words in documented.items():
        value = getattr(policy, name)
        if isinstance(value, str | int | float):
            assert words == (value if isinstance(value, str) else f"{value:g}"), name


def test_the_example_can_be_applied():
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    configuration, problems = read_configuration(yaml.safe_load(example))
    assert problems == () and configuration is not None
    assert [queue.slug for queue in configuration.queues or ()] == ["billing", "support"]
