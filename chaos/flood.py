"""Many senders at the anonymous intake at once, and a flood of junk among which the honest get through (`make flood`).

Prints how many were sent, lost and doubled with 4, 16 and 64 at once, then the times of honest senders beside the junk,
and what a submission costs in processor time. Exit code 1 when one was lost or doubled, or an honest one turned away.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos.pages import Client, form_with
from chaos.senders import Sent, comes_back, send
from chaos.supervision import session
from chaos.world import World
from portal.embedded.console import say, speak_utf8
from portal.embedded.instance import Instance
from portal.embedded.ports import free_port

JUNK_A_SECOND, JUNK_SECONDS, HONEST = 50, 60, 20
CLOCK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos.flood")
    parser.add_argument("command", nargs="?", choices=["flood"], help="as `make flood` passes it on")
    parser.add_argument("--short", action="store_true", help="sixteen senders and five seconds of junk, for the suite")
    short = parser.parse_args().short
    with tempfile.TemporaryDirectory(prefix="entaku-flood-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o711)
        instance = Instance(Path(place) / "var", port=free_port(), intake_port=free_port())
        world = World(instance, own_disk=False, small=short, pick=random.Random(1))
        try:
            world.start()
            return _run(world, short=short)
        finally:
            world.supervisor.stop()


def _run(world: World, *, short: bool) -> int:
    wrong, every = 0, list[tuple[str, str]]()
    for count in (16,) if short else (4, 16, 64):
        before, used = _cases(world), _processor(world)
        sent = _at_once(world, count)
        every += sent.items()
        found, cases = _carried(world, before + count, sent), _cases(world) - before
        lost, doubled = count - found, max(0, cases - count)
        wrong += lost + doubled
        cost = 1000 * (_processor(world) - used) / count
        say(
            f"{count:>3} at once: {len(sent)} receipts, {lost} lost, {doubled} doubled; {cost:.0f} ms of processor each"
        )
    wrong += _flooded(world, seconds=5 if short else JUNK_SECONDS, honest=5 if short else HONEST)
    client = Client(world.instance.intake_port)
    lost = sum(not comes_back(client, receipt, text) for text, receipt in every)
    say(f"afterwards {len(every) - lost} of {len(every)} receipts open what was written")
    return 1 if wrong or lost else 0


def _at_once(world: World, count: int) -> dict[str, str]:
    """Receipts by the text that was sent."""
    texts = [f"相談 {secrets.token_hex(8)}" for _ in range(count)]
    gate = threading.Barrier(count)

    def one(text: str) -> tuple[str, Sent | None]:
        gate.wait()
        return text, send(Client(world.instance.intake_port), text)

    with ThreadPoolExecutor(count) as pool:
        return {text: sent.receipt for text, sent in pool.map(one, texts) if sent}


def _carried(world: World, cases: int, sent: dict[str, str]) -> int:
    """How many are found by their receipt once the courier has carried them over."""
    world.supervisor.watch(30, lambda: _cases(world) >= cases)
    client = Client(world.instance.intake_port)
    return sum(comes_back(client, receipt, text) for text, receipt in sent.items())


def _flooded(world: World, *, seconds: int, honest: int) -> int:
    """Junk at a steady rate; the honest write meanwhile. How many of them were turned away or lost."""
    over, thrown, used = threading.Event(), [0, 0], _processor(world)
    form = form_with(Client(world.instance.intake_port).get("/write/").text, "text")
    assert form is not None

    def junk() -> None:
        client = Client(world.instance.intake_port)
        checked = client.post("/check/", form.filled(theme="OTHER", text=secrets.token_hex(2000)))
        found = form_with(checked.text, "draft")
        thrown[0] += 1
        if found and client.post("/sent/", {"draft": found.fields["draft"]}).status == 200:
            thrown[1] += 1

    def throw() -> None:
        with ThreadPoolExecutor(64) as pool:
            began = time.monotonic()
            for number in range(JUNK_A_SECOND * seconds):
                if over.is_set():
                    break
                time.sleep(max(0.0, began + number / JUNK_A_SECOND - time.monotonic()))
                pool.submit(junk)

    thrower = threading.Thread(target=throw)
    began = time.monotonic()
    thrower.start()
    pick = random.Random(2)

    def one(number: int) -> Sent | None:
        time.sleep(pick.uniform(0, seconds * 0.8))
        return send(Client(world.instance.intake_port), f"正直な相談 {number}")

    with ThreadPoolExecutor(honest) as pool:
        sent = [each for each in pool.map(one, range(honest)) if each]
    thrower.join()
    lasted = time.monotonic() - began
    cost = 1000 * (_processor(world) - used) / max(1, thrown[1] + len(sent))
    say(
        f"junk: {thrown[0]:,} thrown, {thrown[1]:,} taken in, {thrown[1] / lasted:.0f}/s for {lasted:.0f} s; "
        f"{cost:.0f} ms of processor a submission"
    )
    say(
        f"honest beside it: {len(sent)} of {honest} got through; from the first page to the receipt p50 "
        f"{_p([each.seconds for each in sent], 50):.1f} s, p95 {_p([each.seconds for each in sent], 95):.1f} s; "
        f"the last step p95 {_p([each.submit for each in sent], 95):.2f} s"
    )
    return honest - len(sent)


def _p(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else math.nan


def _cases(world: World) -> int:
    with world.database() as connection:
        row = connection.execute("SELECT count(*) FROM intake_case").fetchone()
    return int(row[0]) if row else 0


def _processor(world: World) -> float:
    """Seconds of processor that the intake's processes have used so far."""
    used = 0
    for name in ("intake", "courier"):
        for pid in session(world.supervisor.services[name].pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
    return used / CLOCK


if __name__ == "__main__":
    speak_utf8()
    sys.exit(main())
