"""How the answers grow with the number of documents, ours and guardian's: kept as JSON, drawn as SVG by hand."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from portal.settings.environment import BASE_DIR

KEPT = BASE_DIR / "var" / "bench" / "curves"
PANELS = {"newest": "newest 50", "room": "newest 50 of one room", "count": "count (ours stops at 1,000)"}
MOST, LEAST = 1000.0, 1.0  # ms: the ends of the scale, where the figures do not ask for more
WIDTH, HEIGHT, PANEL, GAP, LEFT, TOP, BOTTOM = 960, 340, 260, 36, 56, 78, 290
OURS, THEIRS, INK, GRID = "#0017c1", "#b74400", "#1a1a1c", "#d8d8db"

Series = dict[str, dict[int, float]]


@dataclass
class Curves:
    """For each question, ms by the number of documents."""

    ours: Series = field(default_factory=lambda: defaultdict(dict))
    theirs: Series = field(default_factory=lambda: defaultdict(dict))

    def add(self, what: str, size: int, ms: float, *, ours: bool = True) -> None:
        (self.ours if ours else self.theirs)[what][size] = ms
        print(f"        {size:>9,} {PANELS[what]:<30} {'ours' if ours else 'guardian':<9} {ms:8.2f} ms", flush=True)

    def keep(self) -> None:
        """Into `var/bench/curves/`, from where docs/figures.py takes the drawing."""
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / "access.json").write_text(json.dumps({"ours": self.ours, "guardian": self.theirs}, indent=2) + "\n")
        drawing(self, KEPT / "growth.svg")


def drawing(curves: Curves, place: Path) -> None:
    """Three panels side by side, both scales logarithmic."""
    values = [ms for series in (curves.ours, curves.theirs) for points in series.values() for ms in points.values()]
    ends = (
        10 ** math.floor(math.log10(min(LEAST, *values))),
        10 ** math.ceil(math.log10(max(MOST, *values))),
    )
    body = "".join(_panel(curves, what, number, ends) for number, what in enumerate(PANELS))
    title = "How an answer's time grows with the documents"
    place.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">\n'
        f'<title id="t">{title}</title>\n<desc id="d">{_told(curves)}</desc>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="600">{title}</text>\n'
        f'<text x="{LEFT}" y="44">ms, median of readers in 1–30 of 2,000 rooms; both scales logarithmic</text>\n'
        f"{_key()}{body}</svg>\n"
    )


def _key() -> str:
    marks = ((648, OURS, "Entaku", False), (748, THEIRS, "django-guardian", True))
    return "".join(
        f'<line x1="{x}" y1="20" x2="{x + 24}" y2="20" stroke="{colour}" stroke-width="2.5"{_dash(dashed)}/>'
        f'<text x="{x + 30}" y="24">{name}</text>\n'
        for x, colour, name, dashed in marks
    )


def _panel(curves: Curves, what: str, number: int, ends: tuple[float, float]) -> str:
    left = LEFT + number * (PANEL + GAP)
    sizes = sorted(curves.ours[what])
    least, most = math.log10(sizes[0]), math.log10(sizes[-1])

    def across(size: int) -> float:
        return left + 14 + (PANEL - 50) * ((math.log10(size) - least) / (most - least) if most > least else 0.5)

    def up(ms: float) -> float:
        low, high = (math.log10(end) for end in ends)
        return BOTTOM - (BOTTOM - TOP) * (math.log10(ms) - low) / (high - low)

    parts = [f'<text x="{left}" y="{TOP - 12}" font-weight="600">{PANELS[what]}</text>\n']
    step = ends[0]
    while step <= ends[1]:
        parts.append(
            f'<line x1="{left}" y1="{up(step):.1f}" x2="{left + PANEL - 8}" y2="{up(step):.1f}" stroke="{GRID}"/>'
        )
        if number == 0:
            parts.append(f'<text x="{left - 8}" y="{up(step) + 4:.1f}" text-anchor="end">{step:,g}</text>')
        step *= 10
    parts += [
        f'<text x="{across(size):.1f}" y="{BOTTOM + 20}" text-anchor="middle">{_short(size)}</text>\n' for size in sizes
    ]
    for points, colour, dashed, below in (
        (curves.theirs[what], THEIRS, True, -9),
        (curves.ours[what], OURS, False, 18),
    ):
        path = " ".join(f"{across(size):.1f},{up(points[size]):.1f}" for size in sizes)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{_dash(dashed)}/>')
        for size in sizes:
            x, y = across(size), up(points[size])
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
            parts.append(
                f'<text x="{x:.1f}" y="{y + below:.1f}" text-anchor="middle" fill="{colour}" font-size="12">'
                f"{points[size]:.{1 if points[size] < 100 else 0}f}</text>\n"
            )
    return "".join(parts)


def _dash(dashed: bool) -> str:
    return ' stroke-dasharray="6 4"' if dashed else ""


def _short(size: int) -> str:
    return f"{size // 1_000_000}M" if size >= 1_000_000 else f"{size // 1000}k"


def _told(curves: Curves) -> str:
    """The same in words, for whoever does not see it."""
    lines = []
    for what, name in PANELS.items():
        both = [
            f"{_short(size)} documents: Entaku {curves.ours[what][size]:.1f} ms, "
            f"guardian {curves.theirs[what][size]:.1f} ms"
            for size in sorted(curves.ours[what])
        ]
        lines.append(f"{name}: {'; '.join(both)}.")
    return " ".join(lines)
