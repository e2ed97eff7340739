"""Many senders at once, through the real processes: none is lost, none is doubled."""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chaos import desk
from chaos.pages import Client, form_with
from chaos.senders import Sent, comes_back, send
from tests.portal.launched import ON_ONE_WORKER, Launched, wait

pytestmark = [ON_ONE_WORKER, pytest.mark.slow]


def cases(entaku: Launched) -> int:
    with entaku.connect() as connection:
        desk.ensure(connection)
        row = connection.execute("SELECT count(*) FROM intake_case").fetchone()
    return int(row[0]) if row else 0


def test_senders_at_once_lose_nothing_and_double_nothing(entaku: Launched) -> None:
    """Four, sixteen and sixty-four, one crowd after the other; all are carried in and come back."""
    before, sent = cases(entaku), dict[str, Sent | None]()
    for count in (4, 16, 64):
        sent |= crowd(entaku, count)
    assert all(sent.values())
    assert wait(lambda: cases(entaku) >= before + len(sent))
    assert cases(entaku) == before + len(sent) == before + 84
    client = Client(entaku.intake_port)
    assert all(comes_back(client, each.receipt, text) for text, each in sent.items() if each)


def crowd(entaku: Launched, count: int) -> dict[str, Sent | None]:
    gate = threading.Barrier(count)

    def one(text: str) -> tuple[str, Sent | None]:
        gate.wait()
        return text, send(Client(entaku.intake_port), text)

    with ThreadPoolExecutor(count) as pool:
        return dict(pool.map(one, [f"相談 {secrets.token_hex(8)}" for _ in range(count)]))


def test_the_same_form_sent_by_many_at_once_is_one_case(entaku: Launched) -> None:
    """An impatient finger, a proxy that repeats: every answer shows the same receipt."""
    before, client = cases(entaku), Client(entaku.intake_port)
    form = form_with(client.get("/write/").text, "text")
    assert form
    checked = form_with(client.post("/check/", form.filled(theme="OTHER", text="一度だけ")).text, "draft")
    assert checked
    draft = {"draft": checked.fields["draft"]}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Client(entaku.intake_port).post("/sent/", draft).body, range(8)))
    assert len(set(answers)) == 1
    assert wait(lambda: cases(entaku) == before + 1)
    assert cases(entaku) == before + 1


def test_the_processes_log_nothing_of_who_came_or_what_they_wrote(entaku: Launched) -> None:
    word = secrets.token_hex(8)
    sent = send(Client(entaku.intake_port), f"図面 {word}")
    assert sent
    Client(entaku.intake_port).post("/conversation/", {"receipt": sent.receipt})
    Client(entaku.intake_port).get(f"/{word}/")
    told = "".join((entaku.var / "logs" / f"{name}.log").read_text() for name in ("intake", "courier"))
    for hint in (word, sent.receipt, "127.0.0.1", "/sent/", "/conversation/", "User-Agent", "python-"):
        assert hint not in told, told[-500:]
