"""Documents' links: files named on standard input (NUL between); prints each link that leads nowhere."""
import re
import sys
import unicodedata
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def anchors(path):
    """As the usual renderers make them of headings."""
    found = set()
    for line in CODE.sub(lambda m: m[0] if m[0].count("\n") == 0 else "", path.read_text()).splitlines():
        if line.startswith("#"):
            title = unicodedata.normalize("NFC", line.lstrip("#").strip().lower())
            found.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return found


def wrong(document, target):
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    path = (document.parent / name) if name else document
    if not path.exists():
        return "there is no such file"
    if anchor and path.suffix == ".md" and anchor not in anchors(path):
        return "there is no such heading"
    return None


def main():
    for name in sys.stdin.read().split("\0"):
        document = Path(name)
        if not name or not document.exists():
            continue
        for target in LINK.findall(CODE.sub("", document.read_text())):
            if reason := wrong(document, target):
                print(f"{name}: {target}: {reason}")


main()
