"""The people who go on working meanwhile: each hands over documents, talks, reads; the officer suspends and resumes."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from itertools import islice

from chaos.ledger import Ledger
from chaos.pages import Answer, Client, form_with

KEY = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
DOCUMENT = re.compile(rf"^/documents/({KEY})/$")
THREAD = re.compile(rf"^/rooms/{KEY}/threads/({KEY})/$")
LONGEST_THREAD = 12  # messages; all of them stand on its first page
MOST_ROOMS = 2  # that one person talks in
PAUSE = (0.3, 1.0)  # seconds between two things somebody does
WRITERS = ("official", "engineer", "secretary")


class Person(threading.Thread):
    """Does one thing after the other until told to stop."""

    def __init__(self, key: str, port: int, ledger: Ledger, seed: int) -> None:
        super().__init__(name=key, daemon=True)
        self.key, self.client, self.ledger = key, Client(port), ledger
        self.pick, self.over = random.Random(f"{seed} {key}"), threading.Event()
        self.made: list[tuple[str, str]] = []  # documents of one's own: key, token
        self.thread_url, self.said = "", 0
        self.threads: list[str] = []
        self.page = ""  # what a clearance officer works on

    def arrive(self) -> None:
        """Sign in and find the places one writes in."""
        if not self.client.sign_in(self.key):
            raise RuntimeError(f"{self.key} cannot sign in")
        self.circles = re.findall(r"\?circle=(\d+)", self.client.get("/documents/receive/").text)
        rooms = sorted(set(re.findall(rf"/rooms/({KEY})/", self.client.get("/rooms/").text)))
        may = (room for room in rooms if form_with(self.client.get(start_of(room)).text, "title"))
        self.rooms = list(islice(may, MOST_ROOMS))
        if not (self.circles and self.rooms):
            raise RuntimeError(f"{self.key} may write nowhere")

    def run(self) -> None:
        deeds: list[Callable[[], None]] = [self.hand_over, self.hand_over, self.speak, self.speak, self.fetch]
        while not self.over.is_set():
            self.pick.choice(deeds)()
            self.over.wait(self.pick.uniform(*PAUSE))

    def token(self) -> str:
        return f"{self.key}-{self.pick.getrandbits(64):016x}"

    def again(self, answer: Answer) -> None:
        """Sign in anew where the session ended: clocks that jump end sessions."""
        if answer.status in (302, 403) or (answer.status == 200 and "/account/login/" in answer.location):
            self.client.sign_in(self.key)

    def hand_over(self) -> None:
        """A text or some bytes, whose title is its token."""
        path = f"/documents/receive/?circle={self.pick.choice(self.circles)}"
        form = form_with(self.client.get(path).text, "title")
        token = self.token()
        text = self.pick.random() < 0.5
        content = token.encode() + b"\n" + self.pick.randbytes(self.pick.choice((500, 20_000, 300_000)))
        content = content.hex().encode() if text else content
        self.ledger.contents[token] = content
        fault = self.ledger.attempt()
        if form is None:
            self.client.sign_in(self.key)
            return
        name = f"{token}.txt" if text else f"{token}.bin"
        answer = self.client.upload(path, form.filled(title=token), name, content)
        if answer.status == 201 and (found := DOCUMENT.match(answer.location)):
            self.ledger.promised(fault, "document", found[1], token, self.key)
            self.made.append((found[1], token))
        else:
            self.again(answer)

    def speak(self) -> None:
        """Start a thread, or go on in the one at hand."""
        if not self.thread_url or self.said >= LONGEST_THREAD:
            self._start()
            return
        self.said += 1  # tried: it may stand there without our knowing
        self._say(self.thread_url, lambda answer: answer.location.endswith("#answer"))

    def _start(self) -> None:
        token = self._say(start_of(self.pick.choice(self.rooms)), lambda answer: bool(THREAD.match(answer.location)))
        if token:
            self.said = 1

    def _say(self, path: str, yes: Callable[[Answer], bool]) -> str:
        form = form_with(self.client.get(path).text, "body")
        token, fault = self.token(), self.ledger.attempt()
        if form is None:
            self.client.sign_in(self.key)
            return ""
        typed = {"body": f"会議の前に確かめます。{token}"} | ({"title": token} if path.endswith("/start/") else {})
        answer = self.client.post(path, form.filled(**typed))
        if answer.status != 302 or not yes(answer):
            self.again(answer)
            return ""
        if found := THREAD.match(answer.location):
            self.thread_url = answer.location
            self.threads.append(self.thread_url)
            self.ledger.promised(fault, "thread", found[1], token, self.key)
        else:
            self.ledger.promised(fault, "message", self.thread_url.split("/")[-2], token, self.key)
        return token

    def fetch(self) -> None:
        """Download something of one's own; a wrong byte counts as lost, no answer as nothing."""
        if not self.made:
            return
        key, token = self.pick.choice(self.made)
        fault = self.ledger.attempt()
        answer = self.client.get(f"/documents/{key}/versions/1/download")
        if answer.status == 200:
            if answer.body == self.ledger.contents[token]:
                self.ledger.served(fault)
            elif self.ledger.contents[token].startswith(answer.body):
                pass  # it broke off: http.client could not tell without a length
            else:
                self.ledger.miss(fault)
        elif answer.status != 404:  # 404 while it is being checked
            self.again(answer)


class Officer(Person):
    """Suspends and resumes one authorisation, over and over."""

    authorisation = ""
    suspended = False

    def arrive(self) -> None:
        if not self.client.sign_in(self.key):
            raise RuntimeError("the clearance officer cannot sign in")
        people = self.client.get("/clearance/people/").text
        for person in dict.fromkeys(re.findall(rf"/clearance/people/({KEY})/", people)):
            page = f"/clearance/people/{person}/"
            text = self.client.get(page).text
            found = re.search(rf"/clearance/authorisations/({KEY})/suspend/", text)
            if found and not any(f"{name}@" in text for name in WRITERS):
                self.authorisation, self.page = found[1], page
                break
        if not self.authorisation:
            raise RuntimeError("there is no authorisation to suspend")

    def run(self) -> None:
        while not self.over.is_set():
            self.change()
            self.over.wait(self.pick.uniform(*PAUSE) * 2)

    def change(self) -> None:
        fault, suspend = self.ledger.attempt(), not self.suspended
        path = f"/clearance/authorisations/{self.authorisation}/{'suspend' if suspend else 'resume'}/"
        form = form_with(self.client.get(path).text, "csrfmiddlewaretoken")
        if form is None:
            self.client.sign_in(self.key)
            self.look()
            return
        self.ledger.attempt_state(self.authorisation, suspend)
        answer = self.client.post(path, form.filled(reason="異動", confirmed="on"))
        if answer.status == 302 and answer.location == self.page:
            act = "suspend" if suspend else "resume"
            self.ledger.promised(fault, act, self.authorisation, "", self.key)
            self.ledger.settle_state(self.authorisation, suspend)
            self.suspended = suspend
        else:
            self.again(answer)
            self.look()

    def look(self) -> None:
        """How it is: what was not acknowledged may have happened all the same."""
        text = self.client.get(self.page).text
        for suspended, act in ((False, "suspend"), (True, "resume")):
            if f"/clearance/authorisations/{self.authorisation}/{act}/" in text:
                self.suspended = suspended


def start_of(room: str) -> str:
    return f"/rooms/{room}/threads/start/"


def people(port: int, ledger: Ledger, seed: int) -> list[Person]:
    """Everybody, arrived."""
    found = [Person(key, port, ledger, seed) for key in WRITERS] + [Officer("clearance_officer", port, ledger, seed)]
    for person in found:
        person.arrive()
    return found
