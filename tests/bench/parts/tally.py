"""Wanted and got: every figure of a run, as a table, as JSON, as a page for the docs.

A figure that counts something (bytes, calls, switches, files, tickets) fails when it misses its target. Time and CPU depend
on the machine and on its neighbours: they are shown beside the peers' of the same run, and never fail.
"""
import dataclasses
import math
from dataclasses import dataclass, field

PEERS = ("zabbix_agentd", "monit")


@dataclass
class Figure:
    name: str
    got: float
    unit: str = ""
    most: float = None          # the target: at most this; None: just so that you know
    fails: bool = True          # False: a time
    peers: dict = field(default_factory=dict)

    @property
    def verdict(self):
        if self.most is None:
            return ""
        if self.got <= self.most:
            return "ok"
        return "FAIL" if self.fails else "over"

    @property
    def wanted(self):
        if not self.most:
            return "" if self.most is None else "0"
        return f"≤ {number(self.most)} {self.unit}".rstrip()

    def cells(self, peers):
        shown = [f"{number(self.got)} {self.unit}".rstrip()]
        shown += [number(self.peers.get(peer)) for peer in peers]
        return [self.name, self.wanted, *shown, self.verdict]


def number(value):
    """Three digits that mean something."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(places, 5)}f}".rstrip("0").rstrip(".")


@dataclass
class Part:
    """The figures of one measurement, how it was done, and why some are missing."""
    name: str
    title: str
    how: str = ""
    figures: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    broken: str = ""            # why it ended before its end

    def add(self, *args, **more):
        self.figures.append(Figure(*args, **more))

    def skip(self, what, why):
        self.skipped.append((what, str(why)))

    @property
    def peers(self):
        return [p for p in PEERS if any(p in f.peers for f in self.figures)]

    def rows(self):
        return [["", "wanted", "picket", *self.peers, ""], *(f.cells(self.peers) for f in self.figures)]


def plain_table(rows):
    """First column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        yield "  " + "  ".join(cells).rstrip()


def markdown_table(rows):
    head, *body = rows
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "--:|" * (len(head) - 2) + "---|"
    for row in body:
        yield "| " + " | ".join(row) + " |"


class Tally:
    def __init__(self):
        self.parts = []

    def open(self, *args, **more):
        self.parts.append(Part(*args, **more))
        return self.parts[-1]

    def _with(self, verdict):
        return [f"{p.title}: {f.name}" for p in self.parts for f in p.figures if f.verdict == verdict]

    @property
    def failed(self):
        return self._with("FAIL") + [f"{p.title}: {p.broken}" for p in self.parts if p.broken]

    def closing(self):
        """The last lines: what went wrong and how many did not."""
        skipped = [f"{p.title}: {what}: {why}" for p in self.parts for what, why in p.skipped]
        yield from (f"failed: {name}" for name in self.failed)
        yield from (f"over its time, which never fails: {name}" for name in self._with("over"))
        yield from (f"skipped: {name}" for name in skipped)
        yield (f"{len(self._with('ok'))} passed, {len(self.failed)} failed, {len(skipped)} skipped")

    def json(self):
        def plain(part):
            got = dataclasses.asdict(part)
            for row, figure in zip(got["figures"], part.figures):
                row["verdict"] = figure.verdict
            return got
        return [plain(part) for part in self.parts]
