"""Runs the faults one after the other under load: `make chaos`. Exit code 1 when anything was lost or was late."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from chaos import checks, load
from chaos.faults import FAULTS, Fault
from chaos.pages import Client
from chaos.senders import Sender
from chaos.world import World
from portal.embedded.console import Trouble, complain, say, speak_utf8
from portal.embedded.instance import ROOT, Instance
from portal.embedded.ports import free_port

LONGEST = 172.0  # seconds of the whole run; a fault that would go past it is not begun, and counts as a miss
FOR_THE_CHECKS = 22.0
GIVE_UP = 30.0
DISK = "600m"
NAMESPACE = "ENTAKU_CHAOS_OWN_DISK"
goal = 10.0  # seconds from a fault's end


@dataclass
class Row:
    """What is told of a fault."""

    fault: str
    tried: int = 0
    acknowledged: int = 0
    lost: int = 0
    recovery: float | None = None  # seconds; None where it did not come back

    @property
    def holds(self) -> bool:
        return not self.lost and self.recovery is not None and self.recovery <= goal


def main() -> int:
    global goal
    asked = _arguments()
    goal = asked.goal
    started = time.monotonic()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    faults = [
        fault
        for fault in FAULTS
        if (not asked.short or fault.short) and any(part in fault.name for part in asked.only.split(","))
    ]
    say(f"chaos: seed {seed} (SEED={seed} gives the same order and pauses)")
    with tempfile.TemporaryDirectory(prefix="entaku-chaos-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o711)  # `nobody` passes through to the database's folder
        var = Path(asked.var) if asked.var else Path(place) / "var"
        own_disk = bool(os.environ.get(NAMESPACE)) and not asked.var
        if own_disk:
            var.mkdir(mode=0o711)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=711", "tmpfs", var], check=True)
        world = World(
            Instance(var, port=free_port(), intake_port=free_port()), own_disk, asked.short, random.Random(seed)
        )
        try:
            rows, wrong = _run(world, faults, seed, started)
        except BaseException:
            for log in sorted(var.glob("logs/*.log")):
                say(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-5:]))
            raise
        finally:
            world.supervisor.stop()
            if asked.keep:
                shutil.copytree(var / "logs", asked.keep, dirs_exist_ok=True)
            if own_disk:
                subprocess.run(["umount", "--lazy", var], check=False)
    return _tell(world, rows, wrong, seed, time.monotonic() - started, kept=not asked.short)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("command", nargs="?", choices=["chaos"], help="as `make chaos` passes it on")
    parser.add_argument("--short", action="store_true", help="four faults, for the suite")
    parser.add_argument("--seed", type=int, default=int(os.environ["SEED"]) if os.environ.get("SEED") else None)
    parser.add_argument("--goal", type=float, default=goal, help="seconds to recover in; more on a busy machine")
    parser.add_argument(
        "--only", default=os.environ.get("ONLY", ""), help="faults whose name has this, or one of these between commas"
    )
    parser.add_argument("--var", default="", help="a data folder whose product is not running; else one of its own")
    parser.add_argument("--keep", default="", help="copy the logs there")
    return parser.parse_args()


def _run(world: World, faults: Sequence[Fault], seed: int, started: float) -> tuple[list[Row], list[str]]:
    world.start()
    say(f"{time.monotonic() - started:6.1f} s  the product runs on port {world.instance.port}")
    since = datetime.now(UTC).isoformat()
    persons = load.people(world.instance.port, world.ledger, seed)
    writing = [Sender(f"sender-{number}", world.instance.intake_port, world.ledger, seed) for number in range(3)]
    everybody: list[load.Person | Sender] = [*persons, *writing]
    for person in everybody:
        person.start()
    world.supervisor.watch(1.0)
    order = world.pick.sample(list(faults), len(faults))
    # What was noted under a slow clock is sealed within a minute: it comes early, so that the run does not wait for it.
    order.sort(key=lambda fault: not fault.early)
    rows = [_through(world, fault, started) for fault in order]
    for person in everybody:
        person.over.set()
    world.supervisor.watch(15, lambda: not any(person.is_alive() for person in everybody))
    world.supervisor.watch(10, lambda: world.waiting_since(time.monotonic()) == 0)
    world.supervisor.watch(10, lambda: not checks.half_made(world, since)["events that are not sealed"])
    wrong = checks.check(world, persons, since)
    for row in rows:
        row.tried, row.acknowledged = world.ledger.tried[row.fault], world.ledger.acknowledged[row.fault]
        row.lost = world.ledger.lost[row.fault]
    return rows, wrong


def _through(world: World, fault: Fault, started: float) -> Row:
    """One fault: it begins at a random moment, lasts, ends; then how long until everything works again."""
    row = Row(fault.name)
    if time.monotonic() - started > LONGEST - FOR_THE_CHECKS - fault.seconds - goal:
        world.note(f"no time left for: {fault.name}")
        return row
    world.supervisor.watch(world.pick.uniform(0.3, 1.2))
    world.ledger.fault = fault.name
    with fault.during(world):
        if fault.seconds:
            world.supervisor.watch(fault.seconds)
    ended = time.monotonic()
    world.forget_heartbeat()
    if world.supervisor.watch(GIVE_UP, lambda: _recovered(world, ended)):
        row.recovery = round(time.monotonic() - ended, 1)
    world.supervisor.watch(0.3)
    world.ledger.fault = "none"
    came_back = "not back" if row.recovery is None else f"back after {row.recovery:.1f} s"
    say(f"{time.monotonic() - started:6.1f} s  {fault.name}: {came_back}")
    return row


def _recovered(world: World, ended: float) -> bool:
    """Ready, a page of somebody's, and the worker has done what was waiting when the fault ended."""
    world.supervisor.watch(0.0)
    if not world.ready():
        return False
    reader = Client(world.instance.port)
    return reader.sign_in("official") and reader.get("/").status == 200 and world.waiting_since(ended) == 0


def _tell(world: World, rows: list[Row], wrong: list[str], seed: int, seconds: float, *, kept: bool) -> int:
    heads = ("fault", "tried", "acknowledged", "lost", "recovery s", "")
    say("{:<34} {:>7} {:>13} {:>6} {:>11}  {}".format(*heads))
    quiet = Row("none", world.ledger.tried["none"], world.ledger.acknowledged["none"], world.ledger.lost["none"], 0.0)
    for row in [*rows, quiet]:
        back = "–" if row.recovery is None else f"{row.recovery:.1f}"
        say(
            f"{row.fault:<34} {row.tried:>7,} {row.acknowledged:>13,} {row.lost:>6,} {back:>11}  "
            f"{'holds' if row.holds else 'MISSED' if row.tried else 'NOT TRIED'}"
        )
    for line in [*world.notes, *(f"WRONG: {line}" for line in wrong)]:
        say(line)
    total = world.ledger
    say(
        f"chaos: {sum(total.tried.values()):,} operations tried, {sum(total.acknowledged.values()):,} acknowledged, "
        f"{sum(total.lost.values()):,} lost; {seconds:.0f} s, {_processor_seconds():.0f} s of processor; seed {seed}"
    )
    if kept:
        folder = ROOT / "var" / "chaos"
        folder.mkdir(parents=True, exist_ok=True)
        found = {"seed": seed, "seconds": round(seconds), "faults": [asdict(row) for row in [*rows, quiet]]}
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        text = json.dumps(found | {"wrong": wrong, "notes": world.notes}, indent=2, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n")
    return 0 if not wrong and all(row.holds for row in rows) and not quiet.lost else 1


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _with_a_disk_of_its_own() -> None:
    """Root goes on in a mount namespace: a small disk in it goes away with the last of our processes."""
    if os.geteuid() == 0 and not os.environ.get(NAMESPACE) and not {"--var", "-h", "--help"} & set(sys.argv):
        tried = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
            capture_output=True, check=False,
        )  # fmt: skip
        if not tried.returncode:
            os.environ[NAMESPACE] = "1"
            command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "chaos", *sys.argv[1:]]
            os.execvp(command[0], command)


if __name__ == "__main__":
    speak_utf8()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _with_a_disk_of_its_own()
    try:
        sys.exit(main())
    except Trouble as trouble:
        complain(trouble)
        sys.exit(1)
    except psycopg.Error as error:
        complain(Trouble("データベースに尋ねられませんでした。", f"the database did not answer: {error}"))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
