"""After everything: is what was promised there, byte for byte, is nothing half-made, and does the log hold?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from chaos.ledger import Promise
from chaos.load import Person
from chaos.pages import Client
from chaos.senders import comes_back
from chaos.world import World

# What may not be there once everything has recovered, in one number each. `since` is the start of the run.
HALF_MADE = {
    "documents without a version": """
        SELECT count(*) FROM documents_document d
         WHERE NOT EXISTS (SELECT FROM documents_version v WHERE v.document_id = d.id)""",
    "versions that are not ready": """
        SELECT count(*) FROM documents_version v
         WHERE v.state <> 'READY' AND uuid_extract_timestamp(v.id) > %(since)s""",
    "work not done": "SELECT count(*) FROM documents_processing WHERE done_at IS NULL",
    "documents without their event": """
        SELECT count(*) FROM documents_document d WHERE uuid_extract_timestamp(d.id) > %(since)s AND NOT EXISTS (
          SELECT FROM audit_event e WHERE e.target_id = d.id::text AND e.act = 'document.receive')""",
    "threads without their event": """
        SELECT count(*) FROM dialogues_thread t WHERE uuid_extract_timestamp(t.id) > %(since)s AND NOT EXISTS (
          SELECT FROM audit_event e WHERE e.target_id = t.id::text AND e.act = 'thread.start')""",
    "messages without their event": """
        SELECT count(*) FROM dialogues_message m WHERE uuid_extract_timestamp(m.id) > %(since)s AND NOT EXISTS (
          SELECT FROM audit_event e WHERE e.target_id = m.id::text AND e.act = 'message.post')""",
    "threads without a message": """
        SELECT count(*) FROM dialogues_thread t
         WHERE NOT EXISTS (SELECT FROM dialogues_message m WHERE m.thread_id = t.id)""",
    "events of documents that are not there": """
        SELECT count(*) FROM audit_event e WHERE e.act = 'document.receive' AND e.at > %(since)s
           AND NOT EXISTS (SELECT FROM documents_document d WHERE d.id::text = e.target_id)""",
    "events of messages that are not there": """
        SELECT count(*) FROM audit_event e WHERE e.act = 'message.post' AND e.at > %(since)s
           AND NOT EXISTS (SELECT FROM dialogues_message m WHERE m.id::text = e.target_id)""",
    "events that are not sealed": """
        SELECT count(*) FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id)""",
}
COUNTS = {"suspend": "authorisation.suspend", "resume": "authorisation.resume"}


def check(world: World, persons: Iterable[Person], since: str) -> list[str]:
    """What is wrong, a line each; what was promised and is not there is counted as lost where it was promised."""
    wrong = [f"{count} {name}" for name, count in half_made(world, since).items() if count]
    by_name = {person.key: person for person in persons}
    for person in by_name.values():
        person.client.sign_in(person.key)
    wrong += [*_promises(world, by_name), *_whole(world, by_name, since), *_suspended(world, by_name)]
    wrong += _blobs(world)
    done = world.command("audit_verify")
    if done.returncode:
        wrong.append(f"audit_verify ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}")
    return wrong


def half_made(world: World, since: str) -> dict[str, int]:
    with world.database() as connection:
        found = {}
        for name, question in HALF_MADE.items():
            row = connection.execute(question, {"since": since}).fetchone()
            found[name] = int(row[0]) if row else 0
        return found


def _promises(world: World, persons: dict[str, Person]) -> list[str]:
    wrong, pages = [], dict[str, str]()
    threads: dict[str, str] = {}
    for person in persons.values():
        for url in person.threads:
            threads[url.split("/")[-2]] = url
    for promise in world.ledger.promises:
        if promise.kind == "document":
            held = _document(world, persons, promise)
        elif promise.kind == "concern":
            held = comes_back(Client(world.instance.intake_port), promise.key, promise.token)
        elif promise.kind in COUNTS:
            continue
        else:
            url = threads[promise.key]
            if url not in pages:
                pages[url] = persons[promise.who].client.get(url).text
            held = promise.token in pages[url]
        if not held:
            world.ledger.miss(promise.fault)
            wrong.append(f"lost: {promise.kind} {promise.key}, acknowledged during: {promise.fault}")
    return [*wrong, *_events(world)]


def _document(world: World, persons: dict[str, Person], promise: Promise) -> bool:
    answer = persons[promise.who].client.get(f"/documents/{promise.key}/versions/1/download")
    return answer.status == 200 and answer.body == world.ledger.contents[promise.token]


def _events(world: World) -> list[str]:
    """At least one event for each acknowledged change of an authorisation."""
    wrong, promised = [], defaultdict[tuple[str, str], int](int)
    for promise in world.ledger.promises:
        if promise.kind in COUNTS:
            promised[COUNTS[promise.kind], promise.key] += 1
    with world.database() as connection:
        for (act, key), count in promised.items():
            row = connection.execute(
                "SELECT count(*) FROM audit_event WHERE act = %s AND target_id = %s", [act, key]
            ).fetchone()
            if row is None or row[0] < count:
                wrong.append(f"{count} times acknowledged, {row and row[0]} times in the log: {act}")
    return wrong


def _whole(world: World, persons: dict[str, Person], since: str) -> list[str]:
    """Also what nobody was told of is whole, where it can be seen at all."""
    told = {promise.key for promise in world.ledger.promises}
    with world.database() as connection:
        rows = connection.execute(
            "SELECT d.id::text, p.email FROM documents_document d JOIN accounts_person p ON p.id = d.handed_over_by_id "
            "WHERE uuid_extract_timestamp(d.id) > %s",
            [since],
        ).fetchall()
    sent, wrong = set(world.ledger.contents.values()), []
    for key, email in rows:
        person = persons.get(str(email).partition("@")[0])
        if key not in told and person:
            answer = person.client.get(f"/documents/{key}/versions/1/download")
            if answer.status != 200 or answer.body not in sent:
                wrong.append(f"half-made: document {key} answers {answer.status}")
    return wrong


def _suspended(world: World, persons: dict[str, Person]) -> list[str]:
    wrong = []
    officer = persons["clearance_officer"]
    for key, possible in world.ledger.suspended.items():
        text = officer.client.get(officer.page).text
        now = f"/clearance/authorisations/{key}/resume/" in text
        if now not in possible:
            wrong.append(f"an authorisation is {'suspended' if now else 'in force'}, against what was acknowledged")
    return wrong


def _blobs(world: World) -> list[str]:
    """Every blob that a row names is there. What no row names is swept in a day, and seen by nobody."""
    with world.database() as connection:
        named = {
            str(row[0])
            for row in connection.execute("SELECT name FROM documents_storedblob UNION SELECT name FROM intake_blob")
        }
    folder = Path(world.instance.folder.root / "blobs")
    there = {str(path.relative_to(folder)) for path in folder.glob("??/*")}
    world.notes.append(f"blobs that no row names, to be swept: {len(there - named)}")
    return [f"{len(named - there)} blobs that a row names are gone"] if named - there else []
