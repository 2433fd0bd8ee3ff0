"""The examples in docs/rules.md are what they say: `picket config check` takes each."""
import json
import pathlib
import re
import subprocess

import pytest

from rigs import agent

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.S)


def test_the_page_has_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_taken(number, tmp_path):
    path = tmp_path / "picket.json"
    path.write_text(EXAMPLES[number])
    json.loads(EXAMPLES[number])
    done = subprocess.run([agent.PICKET, "config", "check", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ": good;" in done.stdout


def test_a_zone_that_is_not_there_is_named_with_a_remedy(tmp_path):
    path = tmp_path / "picket.json"
    path.write_text('{"quiet":{"windows":[{"name":"x","start":"22:00","minutes":60,"zone":"Europe/Berlim"}]}}')
    done = subprocess.run([agent.PICKET, "config", "check", str(path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert 'quiet.windows[0].zone' in done.stderr and 'Europe/Berlim' in done.stderr and 'tzdata' in done.stderr
