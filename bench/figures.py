"""A figure beside its goal: printed as one line, kept as one file in `var/bench/`."""

import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from portal.settings.environment import BASE_DIR

_all: list["Figure"] = []


@dataclass(frozen=True)
class Figure:
    """`ours` and `peer` in `unit`; `ratio` is as the goal states it; `holds` says whether it is met.

    `detail` is what else was measured in the same run, in words.
    """

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    goal: str
    holds: bool
    unit: str = "ms"
    detail: str = ""


def note(
    name: str,
    *,
    ours: float,
    goal: str,
    holds: bool,
    peer: float | None = None,
    ratio: float | None = None,
    unit: str = "ms",
    detail: str = "",
) -> None:
    """Print and keep a figure."""
    figure = Figure(
        name,
        round(ours, 3),
        None if peer is None else round(peer, 3),
        None if ratio is None else round(ratio, 2),
        goal,
        holds,
        unit,
        detail,
    )
    _all.append(figure)
    against = "" if figure.peer is None else f"  peer {figure.peer:>10,.3f} {unit}"
    times = "" if figure.ratio is None else f"  ratio {figure.ratio:>7,.2f}"
    told = f"goal {goal}" + (f"  ({detail})" if detail else "")
    print(
        f"{'holds ' if holds else 'MISSED'}  {name:<34} {figure.ours:>10,.3f} {unit}{against}{times}  {told}",
        flush=True,
    )
    folder = BASE_DIR / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(asdict(figure), indent=2) + "\n")


def missed() -> list[Figure]:
    return [figure for figure in _all if not figure.holds]


def median_ms(call: Callable[[], Any], *, times: int = 15) -> float:
    """The median time of a call in ms, after two to warm up."""
    for _ in range(2):
        call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def median(values: Iterable[float]) -> float:
    return statistics.median(list(values))
