"""Those who write to the anonymous intake meanwhile: as a browser without scripts does, again where nobody answers."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos.ledger import Ledger
from chaos.pages import Client, form_with

RECEIPT = re.compile(r'name="receipt" value="([0-9a-f]{24})"')
AGAIN = 0.5  # seconds until somebody presses "reload"
GIVE_UP = 60.0
PAUSE = (0.5, 2.0)  # seconds between two concerns of one sender


@dataclass(frozen=True)
class Sent:
    """A concern whose receipt was shown. `seconds`: from the first page to the receipt; `submit`: of the last step."""

    receipt: str
    seconds: float
    submit: float


def send(client: Client, text: str, *, over: Callable[[], bool] = lambda: False) -> Sent | None:
    """Write, check, send, and send again until there is a receipt; None where none was had."""
    began = time.monotonic()
    deadline = began + GIVE_UP

    def until(step: Callable[[], str]) -> str:
        while time.monotonic() < deadline:
            if found := step():
                return found
            if over() and time.monotonic() > deadline - GIVE_UP / 2:
                break
            time.sleep(AGAIN)
        return ""

    def written() -> str:
        form = form_with(client.get("/write/").text, "text")
        if form is None:
            return ""
        checked = client.post("/check/", form.filled(theme="OTHER", text=text))
        found = form_with(checked.text, "draft")
        return found.fields["draft"] if checked.status == 200 and found else ""

    draft = until(written)
    if not draft:
        return None
    submitted = time.monotonic()

    def receipt() -> str:
        answer = client.post("/sent/", {"draft": draft})
        found = RECEIPT.search(answer.text)
        return found[1] if answer.status == 200 and found else ""

    given = until(receipt)
    now = time.monotonic()
    return Sent(given, now - began, now - submitted) if given else None


def comes_back(client: Client, receipt: str, text: str) -> bool:
    """Whether the receipt opens what was written."""
    return text in client.post("/conversation/", {"receipt": receipt}).text


class Sender(threading.Thread):
    """Sends one concern after the other until told to stop."""

    def __init__(self, name: str, port: int, ledger: Ledger, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.client, self.ledger, self.key = Client(port), ledger, name
        self.pick, self.over = random.Random(f"{seed} {name}"), threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            token = f"{self.key}-{self.pick.getrandbits(64):016x}"
            fault = self.ledger.attempt()
            if sent := send(self.client, f"図面を渡すよう求められました。{token}", over=self.over.is_set):
                self.ledger.promised(fault, "concern", sent.receipt, token, self.key)
            self.over.wait(self.pick.uniform(*PAUSE))
