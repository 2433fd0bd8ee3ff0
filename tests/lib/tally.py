"""Counts test cases. A line of the results is: outcome, suite, name, reason; tabs between.

    tally.py ctest JUNIT.xml SUITE       from ctest's report: the cases that each cmocka program printed
    tally.py pytest JUNIT.xml SUITE      from pytest's report
    tally.py bench FIGURES.json SUITE    from tests/bench/run --json: each figure that has a target it may not miss
    tally.py summary RESULTS             what failed and what was skipped, why, and the last line with the sums;
                                         its exit code says whether all is well
"""
import json
import re
import sys
import xml.etree.ElementTree as xml

CASE = re.compile(r"^\[\s*(RUN|OK|FAILED|SKIPPED)\s*\] (.+)$")
OUTCOMES = {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}
WRONG = re.compile(r"^\[\s*(?:ERROR|LINE)\s*\] --- (.+)$")
ASIDE = re.compile(r"^\[[ =A-Z]*\]|^\s*$|^\s*\d+ (SKIPPED|FAILED) TEST")


def line(outcome, suite, name, reason=""):
    first = " ".join(reason.split())[:300]
    print(outcome, suite, name.replace("\t", " "), first, sep="\t")


def cmocka_cases(text):
    """(name, outcome, what it printed last) of each case; one that began and did not end has failed."""
    running, said = None, ""
    for row in text.splitlines():
        match = CASE.match(row)
        if not match:
            if running and (wrong := WRONG.match(row)):
                said = f"{said} {wrong[1]}"
            elif running and not ASIDE.match(row):
                said = row
            continue
        word, name = match.groups()
        if word == "RUN":
            if running:
                yield running, "failed", said
            running, said = name, ""
        elif running == name:
            yield name, OUTCOMES[word], said
            running = None
    if running:
        yield running, "failed", said or "it never ended"


def ended_badly(text):
    """Why a program failed that has no failed case: what a sanitizer says, else its last words."""
    for row in text.splitlines():
        if "Sanitizer" in row or "runtime error" in row:
            return row
    rows = [row for row in text.splitlines() if not ASIDE.match(row)]
    return rows[-1] if rows else "it ended with an error and no word"


def ctest(report, suite):
    for program in xml.parse(report).getroot().iter("testcase"):
        name, text = program.get("name"), program.findtext("system-out") or ""
        status = program.get("status")
        failures = count = 0
        for case, outcome, said in cmocka_cases(text):
            reason = said or ("no reason given" if outcome == "skipped" else "") if outcome != "passed" else ""
            line(outcome, suite, f"{name}: {case}", reason)
            failures += outcome == "failed"
            count += 1
        if status == "run" and count == 0:
            line("passed", suite, name)
        elif status in ("disabled", "notrun"):
            line("failed", suite, name, text or "it was not run")
        elif status == "fail" and failures == 0:
            timed_out = program.find("failure") is not None and program.find("failure").get("message")
            line("failed", suite, name, timed_out or ended_badly(text))


def pytest(report, suite):
    for case in xml.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname', '').split('.')[-1]}: {case.get('name')}"
        problem = next((case.find(tag) for tag in ("failure", "error") if case.find(tag) is not None), None)
        if problem is not None:
            line("failed", suite, name, problem.get("message") or "")
        elif (skip := case.find("skipped")) is not None:
            line("skipped", suite, name, skip.get("message") or "no reason given")
        else:
            line("passed", suite, name)


def bench(report, suite):
    with open(report) as file:
        parts = json.load(file)["parts"]
    for part in parts:
        for figure in part["figures"]:
            if figure["verdict"] in ("ok", "FAIL") and figure["fails"]:
                outcome = "passed" if figure["verdict"] == "ok" else "failed"
                reason = f"{figure['got']:.4g} {figure['unit']}, at most {figure['most']:g}" if outcome == "failed" else ""
                line(outcome, suite, f"{part['title']}: {figure['name']}", reason)
        for what, why in part["skipped"]:
            line("skipped", suite, f"{part['title']}: {what}", why)
        if part["broken"]:
            line("failed", suite, part["title"], part["broken"])


def summary(results):
    with open(results) as file:
        rows = [row.rstrip("\n").split("\t") for row in file if row.strip()]
    reasons = {}
    for outcome, suite, name, reason in rows:
        if outcome == "skipped":
            reasons.setdefault(reason, []).append(f"{suite}: {name}")
    for reason, names in reasons.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        print(f"skipped: {names[0]}{more}: {reason}")
    for outcome, suite, name, reason in rows:
        if outcome == "failed":
            print(f"FAILED:  {suite}: {name}" + (f": {reason}" if reason else ""))
    counts = {word: sum(row[0] == word for row in rows) for word in ("passed", "failed", "skipped")}
    if not counts["passed"]:
        print("nothing has passed: that is a failure as well")
    print(", ".join(f"{number} {word}" for word, number in counts.items()))
    return 1 if counts["failed"] or not counts["passed"] else 0


def main(words):
    if words[0] == "summary":
        return summary(words[1])
    return {"ctest": ctest, "pytest": pytest, "bench": bench}[words[0]](*words[1:3])


sys.exit(main(sys.argv[1:]))
