"""Writes the figures of `make bench` (var/bench/*.json) into the README's table, and its drawing into docs/images."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START, END = "<!-- figures: written by docs/figures.py from var/bench/*.json -->", "<!-- end of figures -->"
HEAD = "| benchmark | Entaku | peer | ratio | goal | holds |\n|---|---|---|---|---|---|\n"
WORDS = {
    "access-newest-few": "newest 50 of 1M, a reader in 1–30 circles, against guardian",
    "access-newest-all": "newest 50 of 1M, an official in all 2,000 circles, against guardian",
    "access-newest-few-indexed": "a reader in 1–30 circles, guardian's table given the same newest-first index",
    "access-newest-all-indexed": "the official, guardian's table given the same newest-first index",
    "access-growth-1M-10k": "newest 50, 1M against 10k",
    "access-room": "documents of one room, 1M",
    "access-count": "count, exact to 1,000, 1M",
    "access-count-official": "the same, an official in all circles",
    "access-backstop-few": "what row-level security costs a request, a reader in 1–30 circles",
    "access-backstop-all": "the same, an official in all circles",
    "audit-verify-1M": "1M events of the log verified, as `audit_verify` does",
    "audit-insert": "events recorded by 8 writers at once, against a plain insert",
    "audit-insert-sealing": "the same while the log is sealed each second",
    "rotation-1M-keys": "1M documents' keys wrapped anew (`rotate_keys marking`), against a plain update of the rows",
    "relabel": "documents relabelled by one act, against one by one",
    "pages-home": "dashboard, 1M documents and messages, against the same template without a database",
    "pages-room": "room page, the same",
    "pages-documents": "list of documents, the same",
    "pages-document": "page of one document, the same",
    "room-queries-10": "queries of a room page with 10 threads",
    "room-queries-1000": "queries of a room page with 1,000 threads",
    "stream-1GiB": "1 GiB decrypted, against the plain file through the same server",
    "stream-first-byte": "first byte of a random 1 MiB range",
    "stream-peak-memory": "peak memory of a web process",
}
DRAWN = ROOT / "var" / "bench" / "curves" / "growth.svg"


def main() -> None:
    measured = [json.loads(path.read_text()) for path in sorted((ROOT / "var" / "bench").glob("*.json"))]
    if not measured:
        raise SystemExit("no figures in var/bench: run `make bench` first")
    order = list(WORDS)
    measured.sort(key=lambda figure: order.index(figure["name"]) if figure["name"] in WORDS else len(order))
    readme = ROOT / "README.md"
    before, rest = readme.read_text().split(START)
    after = rest.split(END)[1]
    table = HEAD + "".join(map(line, measured))
    readme.write_text(f"{before}{START}\n\n{table}\n{END}{after}")
    if DRAWN.exists():
        (ROOT / "docs" / "images" / "growth.svg").write_text(DRAWN.read_text())


def line(figure: dict[str, Any]) -> str:
    detail = figure.get("detail")
    cells = [
        WORDS.get(figure["name"], figure["name"]) + (f" ({detail})" if detail else ""),
        value(figure["ours"], figure["unit"]),
        value(figure["peer"], figure["unit"]),
        "" if figure["ratio"] is None else f"{figure['ratio']:,.2f}",
        figure["goal"].replace(">=", "≥").replace("<=", "≤"),
        "yes" if figure["holds"] else "**no**",
    ]
    return f"| {' | '.join(cells)} |\n"


def value(number: float | None, unit: str) -> str:
    return "" if number is None else f"{number:,.2f} {unit}".strip()


if __name__ == "__main__":
    main()
