"""Units that fail, under a real systemd and in the packaged service: who is named, and who is not."""
import json

import pytest

from rigs.nspawn import Nspawn
from test_package import build_deb

pytestmark = pytest.mark.slow

CONFIG = {
    "quiet": {"after_boot_s": 0},
    "rules": [{"name": "unit-failed", "warning": {"for_s": 0}}],
    "upstreams": [{"connector": "desk"}],
}

# "## name" begins what one test looks at.
STORY = r"""
set +e
chapter() { echo "## $1"; }
unit() { printf '[Service]\nType=%s\nExecStart=%s\n%s\n' "$2" "$3" "$4" >/etc/systemd/system/$1.service; }
unit bad oneshot /bin/false
unit again simple /bin/false 'Restart=always
RestartSec=50ms
[Unit]
StartLimitIntervalSec=0'
unit givenup simple /bin/false 'Restart=always
RestartSec=10ms
[Unit]
StartLimitBurst=3'
unit removed oneshot /bin/false
unit masked oneshot /bin/false
printf '[Mount]\nWhat=/dev/none\nWhere=/srv/x\nType=ext4\n' >/etc/systemd/system/srv-x.mount
systemctl daemon-reload
dpkg -i picket_0.1.0_amd64.deb
cp picket.json /etc/picket/picket.json

chapter well
picket check --json --config picket.json

systemctl start bad again givenup removed masked srv-x.mount
rm /etc/systemd/system/removed.service /etc/systemd/system/masked.service
ln -s /dev/null /etc/systemd/system/masked.service
systemctl daemon-reload
sleep 2
chapter failed
picket check --json --config picket.json

chapter tickets
systemctl restart picket
for i in $(seq 50); do picket tickets | grep -q failed && break; sleep 0.2; done
picket tickets --json

chapter repaired
unit bad oneshot /bin/true
systemctl daemon-reload
systemctl start bad
systemctl reset-failed srv-x.mount
picket check --json --config picket.json
chapter end
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """{chapter: its output}"""
    folder = tmp_path_factory.mktemp("units")
    (folder / "picket.json").write_text(json.dumps(CONFIG))
    with Nspawn(files=[build_deb(folder, "0.1.0"), folder / "picket.json"]) as box:
        said = box.run(STORY)
    assert said.status == 0, said.output
    chapters = dict(part.split("\n", 1) for part in said.output.split("## ")[1:])
    assert "end" in chapters, said.output
    return chapters


def failed(chapter):
    """Names of the units that are failed, and how many there are."""
    report = json.loads(chapter[chapter.index("{"):chapter.rindex("}") + 1])
    rows = {(row["metric"], row["instance"]): row["value"] for row in report["figures"] + report["rules"]}
    names = {instance.removeprefix("name=") for (metric, instance), value in rows.items()
             if metric == "systemd.unit.failed" and value == 1}
    return names, rows["systemd.unit.failed.count", ""]


def test_where_all_is_well_there_are_none(told):
    assert failed(told["well"]) == (set(), 0)


def test_what_failed_for_good_is_named(told):
    names, count = failed(told["failed"])
    assert names == {"bad.service", "givenup.service", "srv-x.mount"}
    assert count == 3       # not again.service, which is being started again; nor what nobody means to run


def test_the_packaged_service_may_ask_and_makes_a_ticket_of_each(told):
    tickets = json.loads(told["tickets"])["tickets"]
    assert sorted(t["title"].split(": ", 1)[1] for t in tickets) == [
        "bad.service has failed", "givenup.service has failed", "srv-x.mount has failed"]


def test_what_was_started_again_or_forgotten_is_well(told):
    assert failed(told["repaired"]) == ({"givenup.service"}, 1)
