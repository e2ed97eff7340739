"""Machine accounts of each level for the stories, the ways they ask, and briefings whose objects they fetch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.test import Client

from briefings.content import Named
from briefings.models import Briefing, ServiceAccount, ServiceToken
from briefings.services import machines as services
from briefings.stix import laying
from briefings.taxii.answers import MEDIA
from tests.briefings.desk import Desk, content, portions_of, published
from tests.world import World, as_owner, authorise, being, join

LEVELS = ("PUBLIC", "SENSITIVE", "HI//SEMICON")
WORDS = ("ひとつめの行為者", "ふたつめの行為者", "みっつめの行為者")
READ, READ_AND_WRITE = ("read",), ("read", "write")


@cache
def client() -> Client:
    """One for all: each new one loads the middleware anew, and no cookie is ever set where machines ask."""
    return Client()


@dataclass(frozen=True)
class Machine:
    """An account of one level, its token, and the way it asks."""

    account: ServiceAccount
    token: ServiceToken
    secret: str

    def asks(self, path: str, method: str = "get", **more: Any) -> Any:
        headers = {"Accept": MEDIA, "Authorization": f"Bearer {self.secret}"} | more.pop("headers", {})
        return getattr(client(), method)(f"/taxii2/{path}", headers=headers, **more)

    def sends(self, title: str, *objects: Any) -> Any:
        place = f"api/collections/{self.collections()[title]}/objects/"
        return self.asks(place, "post", data={"objects": objects}, content_type=MEDIA)

    def collections(self) -> dict[str, str]:
        found = self.asks("api/collections/").json()
        return {each["title"]: each["id"] for each in found.get("collections", [])}

    def objects(self, title: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.asks(f"api/collections/{self.collections()[title]}/objects/{query}").json().get("objects", [])
        )
        return found

    def everything(self) -> str:
        """All it gets, with the headers of each answer."""
        answers = [
            self.asks(f"api/collections/{each}/{what}/")
            for each in self.collections().values()
            for what in ("objects", "manifest")
        ]
        return "".join(f"{sorted(answer.items())}{answer.content.decode()}" for answer in answers)


def machine(
    world: World, level: int, *codes: str, scopes: Sequence[str] = READ, inside: bool = True, cleared: bool = True
) -> Machine:
    """Of the maker, named in the world's circle, cleared for the level: for SEMICON unless told otherwise."""
    with being(world.official) as actor:
        made = services.make_account(actor=actor, organisation=world.maker, name=f"機械{level}", purpose="配信")
        token, secret = services.issue_token(actor=actor, account=made, days=30, scopes=scopes)
    with as_owner():
        if inside:
            join(world.circle, made.person)
        if level and cleared:
            authorise(made.person, level, *(codes or ("SEMICON",)))
    return Machine(made, token, secret)


def laid(where: Desk, *, levels: Sequence[str] = LEVELS, title: str = "", **fields: Any) -> Briefing:
    """A published briefing with an actor of its own named in each section, and its objects."""
    written = content(levels, **({"title": title} if title else {}), **fields)
    sections = tuple(
        replace(each, named=(Named("threat-actor", WORDS[number % 3]),)) for number, each in enumerate(written.sections)
    )
    made = published(where, replace(written, sections=sections))
    lay(made)
    return made


def lay(made: Briefing) -> None:
    """Its objects, as publishing lays them."""
    with as_owner():
        laying.published(made, portions_of(made))


def sent_in(name: str = "提出した行為者", kind: str = "threat-actor", number: int = 1, **more: Any) -> dict[str, Any]:
    """An object as a partner's machine sends it."""
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--8e2e2d2b-17d4-4cbf-938f-{number:012x}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z",
        "name": name,
        **more,
    }
