"""The Debian package under a real systemd: what an administrator does with it, from installing to purging.

The story is played once, in one booted container; each test looks at one chapter of it.
"""
import json
import re
import subprocess
from pathlib import Path

import pytest

from rigs import need
from rigs.nspawn import Nspawn

pytestmark = pytest.mark.slow

RELEASE = need.REPO / "build/release"
EXPOSURE_MAX = 5.0      # systemd's own figure for how much a unit may do, 0 to 10; docs/security.md names it

# Chapters begin with "## name" in the output. `begun` waits until the agent answers, at most ten seconds.
STORY = r"""
set +e
chapter() { echo "## $1"; }
begun() { for i in $(seq 100); do picket status >/dev/null 2>&1 && { echo "answers after $i"; return; }; sleep 0.1; done
          echo "no answer"; }
files() { find /etc /usr /var /opt /run/picket -xdev 2>/dev/null | grep -vE '^/var/(log|cache|lib/(dpkg|apt))|-$' | sort; }
main() { systemctl show -P MainPID picket; }
courier() { ps -eo pid=,user=,comm= | awk '$3 ~ /courier/ { print $1, $2 }'; }
files >before

chapter install
dpkg -i picket_0.1.0_amd64.deb
begun
systemctl is-enabled picket; systemctl is-active picket
getent passwd _picket
stat -c '%a %U:%G %n' /etc/picket/picket.json /etc/picket/secrets /var/lib/picket /run/picket

chapter anyone
su -s /bin/sh nobody -c 'picket status' && su -s /bin/sh nobody -c 'picket tickets'
su -s /bin/sh nobody -c 'picket tickets note 1 hello'; echo "changing: $?"

chapter unit
systemd-analyze verify --man=no picket.service && echo verified
systemd-analyze security --no-pager picket.service | tail -n 1

chapter configure
printf 's3cret\n' >/tmp/secret
install -o _picket -m 0600 /tmp/secret /etc/picket/secrets/rewst
install -o _picket -m 0600 url /etc/picket/secrets/url
cp configured.json /etc/picket/picket.json
picket config check
systemctl reload picket; echo "reload: $?"
for i in $(seq 50); do [ -n "$(courier)" ] && break; sleep 0.1; done
sleep 3
courier
grep -E '^(NoNewPrivs|Seccomp|CapEff):' /proc/$(courier | cut -d' ' -f1)/status
picket status --json

chapter "killed warden"
was=$(main); old=$(courier)
kill -9 $was; sleep 8
echo "restarts: $(systemctl show -P NRestarts picket)"
[ "$(main)" != $was ] && echo "another warden"
begun
[ "$(courier)" != "$old" ] && echo "another courier"
ps -eo comm= | grep -c courier

chapter "killed courier"
was=$(main); old=$(courier)
kill -9 ${old%% *}; sleep 4
[ "$(main)" = $was ] && echo "same warden"
[ -n "$(courier)" ] && [ "$(courier)" != "$old" ] && echo "another courier"

chapter "bad configuration"
echo '{ "colect": { "period_s": 5 } }' >/etc/picket/picket.json
systemctl reload picket
sleep 1
systemctl is-active picket
systemctl status --no-pager picket
systemctl restart picket; echo "restart: $?"
journalctl --no-pager -o cat -u picket -n 6
cp configured.json /etc/picket/picket.json
sleep 7
systemctl is-active picket

chapter journal
journalctl --no-pager -o json -u picket _COMM=picket

chapter upgrade
sleep 2
picket status --json >earlier.json; picket tickets --json >earlier-tickets.json
was=$(main)
dpkg -i --force-confdef --force-confold picket_0.1.1_amd64.deb
begun
dpkg-query -W -f '${Version}\n' picket
[ "$(main)" != $was ] && echo "another warden"
cmp configured.json /etc/picket/picket.json && echo "the administrator's configuration"
sleep 2
picket status --json >later.json; picket tickets --json >later-tickets.json

chapter disabled
systemctl disable --now picket
dpkg -i --force-confold picket_0.1.0_amd64.deb
systemctl is-enabled picket
systemctl enable --now picket

chapter remove
dpkg -r picket
pgrep -a picket
ls -d /usr/bin/picket /run/picket /etc/picket/picket.json /etc/picket/secrets/rewst /var/lib/picket/outbox.db

chapter again
dpkg -i --force-confold picket_0.1.1_amd64.deb
begun
cmp configured.json /etc/picket/picket.json && echo "the administrator's configuration"

chapter purge
dpkg -P picket
pgrep -a picket
files >after
diff before after
getent passwd _picket
systemctl list-unit-files --no-pager | grep picket
chapter end
"""

# One ticket on the desk, one for a webhook that nobody listens to.
CONFIGURED = {
    "collect": {"period_s": 1},
    "rules": [{"name": "processes-many", "enabled": True,
               "warning": {"above": 1, "clear": 1, "for_s": 0, "clear_for_s": 0}}],
    "upstreams": [
        {"connector": "desk"},
        {"connector": "rewst", "settings": {"url": {"file": "/etc/picket/secrets/url"},
                                            "secret": {"file": "/etc/picket/secrets/rewst"}}},
    ],
}


def build_deb(folder, version):
    need.program("dpkg-deb")
    if not (RELEASE / "picket").exists():
        raise need.Skip("the release is not built (cmake --preset release && cmake --build --preset release)")
    done = subprocess.run([need.REPO / "packaging/build-deb", "--build", RELEASE, "--out", folder, "--version", version],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def deb(tmp_path_factory):
    return build_deb(tmp_path_factory.mktemp("deb"), "0.1.0")


class Story:
    def __init__(self, box, output):
        parts = re.split(r"^## (.+)\n", output, flags=re.M)
        self.chapters = dict(zip(parts[1::2], parts[2::2]))
        self.files = {f.name: f.read_text() for f in (box.root / "test").glob("*.json")}
        assert "end" in self.chapters, output

    def lines(self, chapter):
        return self.chapters[chapter].splitlines()

    def json(self, name):
        return json.loads(self.files[name])


@pytest.fixture(scope="module")
def story(deb, tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    (folder / "configured.json").write_text(json.dumps(CONFIGURED))
    (folder / "url").write_text("https://127.0.0.1:1/webhooks/x\n")
    files = [deb, build_deb(folder, "0.1.1"), folder / "configured.json", folder / "url"]
    with Nspawn(files=files) as box:
        return Story(box, box.run(STORY, seconds=300).output)


def wanted(story, chapter, *lines):
    got = story.lines(chapter)
    missing = [line for line in lines if line not in got]
    assert not missing, f"missing {missing} in:\n{story.chapters[chapter]}"


# -- the file

def test_lintian_has_nothing_to_say_but_what_is_overridden(deb):
    need.apt("lintian")
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags", "bad-distribution-in-changes-file",
                           deb], capture_output=True, text=True)
    said = [line for line in done.stdout.splitlines() if line[:2] in ("E:", "W:")]
    assert said == [] and done.returncode == 0, done.stdout + done.stderr


def test_the_manual_names_every_command_and_option():
    page = subprocess.run(["man", "-l", RELEASE / "manual/picket.1"], capture_output=True, text=True,
                          env={"MANWIDTH": "200", "LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    if page.returncode:
        raise need.Skip("man cannot show the page: " + page.stderr[:200])
    said = re.sub(r".\x08", "", page.stdout)
    overview = subprocess.run([RELEASE / "picket", "--help"], capture_output=True, text=True).stdout
    commands = re.findall(r"^  ([a-z-]+)", overview, re.M)
    assert len(commands) >= 6
    for command in commands:
        assert f"picket {command}" in said
        shown = subprocess.run([RELEASE / "picket", command, "--help"], capture_output=True, text=True).stdout
        for option in re.findall(r"--[a-z-]+", shown.split("\n\n", 1)[1]):
            assert option in said.replace("\u2010", "-"), f"{command} {option}"


def complete(*words):
    """What bash offers for the last word."""
    script = ('. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _picket picket "${!#}" "${@: -2:1}"; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", RELEASE / "manual/picket.bash", *words],
                          capture_output=True, text=True)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_the_shell_completes_commands_options_and_words():
    if not (RELEASE / "manual/picket.bash").exists():
        raise need.Skip("the release is not built")
    assert {"run", "check", "status", "tickets", "config", "version", "help"} <= complete("picket", "")
    assert complete("picket", "st") == {"status"}
    assert complete("picket", "status", "--j") == {"--json"}
    assert complete("picket", "config", "ch") == {"check"}
    assert complete("picket", "run", "--log-level", "w") == {"warn"}
    assert "/etc/passwd" in complete("picket", "check", "--config", "/etc/passw")


# -- the story

def test_installing_starts_it_within_ten_seconds_and_for_good(story):
    wanted(story, "install", "enabled", "active")
    assert "no answer" not in story.chapters["install"]
    wanted(story, "install", "644 root:root /etc/picket/picket.json", "750 root:_picket /etc/picket/secrets",
           "700 root:root /var/lib/picket", "755 root:root /run/picket")
    assert re.search(r"^_picket:.*:/nonexistent:/usr/sbin/nologin$", story.chapters["install"], re.M)


def test_anyone_may_look_and_only_the_administrator_change(story):
    assert "picket 0." in story.chapters["anyone"]
    wanted(story, "anyone", "No open tickets.", "changing: 1")


def test_the_unit_is_right_and_gives_up_what_it_does_not_need(story):
    wanted(story, "unit", "verified")
    exposure = float(re.search(r"exposure level for picket.service: ([0-9.]+)", story.chapters["unit"])[1])
    assert exposure <= EXPOSURE_MAX


def test_the_courier_is_another_user_and_confined(story):
    wanted(story, "configure", "reload: 0", "NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000")
    assert re.search(r"^\d+ _picket$", story.chapters["configure"], re.M)
    state = json.loads(story.chapters["configure"][story.chapters["configure"].index("\n{") + 1:])
    webhook = next(u for u in state["upstreams"] if u["name"] == "rewst")
    assert webhook["waiting"] == 1 and webhook["why"]


def test_a_killed_warden_is_started_again_and_its_courier_is_gone(story):
    wanted(story, "killed warden", "restarts: 1", "another warden", "another courier", "1")
    assert "no answer" not in story.chapters["killed warden"]


def test_a_killed_courier_is_replaced_by_the_warden(story):
    wanted(story, "killed courier", "same warden", "another courier")


def test_a_bad_configuration_is_told_where_it_is_looked_for(story):
    chapter = story.chapters["bad configuration"]
    reloaded, restarted = chapter.split("restart: ")
    assert reloaded.startswith("active\n")
    assert 'Status: "new configuration not taken: colect: there is no such setting' in reloaded
    assert restarted.startswith("1\n") and "colect: there is no such setting" in restarted
    assert restarted.rstrip().endswith("\nactive")              # mended, it starts by itself


def test_the_journal_has_levels_and_no_clock_of_our_own(story):
    entries = [json.loads(line) for line in story.lines("journal")]
    said = [(e["PRIORITY"], e["MESSAGE"]) for e in entries]
    assert any(p == "6" and "agent: watching" in m for p, m in said)
    assert any(p == "3" and "colect: there is no such setting" in m for p, m in said)
    assert all(re.match(r"picket(-courier)?: [a-z0-9=_.-]+: ", m) for _, m in said)
    assert not any("s3cret" in m or "/webhooks/" in m for _, m in said)


def test_an_upgrade_keeps_configuration_tickets_and_identity(story):
    wanted(story, "upgrade", "0.1.1", "another warden", "the administrator's configuration")
    assert "no answer" not in story.chapters["upgrade"]
    assert story.json("earlier.json")["agent"]["device_id"] == story.json("later.json")["agent"]["device_id"]
    earlier, later = ({(t["upstream"], t["ref"], t["id"]) for t in story.json(name)["tickets"]}
                      for name in ("earlier-tickets.json", "later-tickets.json"))
    assert earlier == later and any(upstream == "desk" and number for upstream, _, number in earlier)


def test_what_an_administrator_disabled_stays_so(story):
    wanted(story, "disabled", "disabled")


def test_removing_stops_it_and_keeps_what_is_the_administrator_s(story):
    wanted(story, "remove", "/etc/picket/picket.json", "/etc/picket/secrets/rewst", "/var/lib/picket/outbox.db")
    said = story.lines("remove")
    assert "/usr/bin/picket" not in said and "/run/picket" not in said
    assert not [line for line in said if re.match(r"\d+ ", line)]
    wanted(story, "again", "the administrator's configuration")
    assert "no answer" not in story.chapters["again"]


def test_purging_leaves_nothing_but_the_account(story):
    said = story.lines("purge")
    assert not [line for line in said if line[:2] in ("> ", "< ") or re.match(r"\d+ ", line)], story.chapters["purge"]
    assert [line.split(":")[0] for line in said if ":" in line and "/nonexistent" in line] == ["_picket"]
    assert not [line for line in said if "picket.service" in line and "enabled" in line]
