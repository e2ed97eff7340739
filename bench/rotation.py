"""A new key for every marking: each of a million documents' keys is wrapped anew (`manage.py rotate_keys marking`)."""

from __future__ import annotations

import time
from io import StringIO

from django.core.management import call_command

from bench import prepare
from bench.figures import note
from documents.models import Document

SIZE = 1_000_000
PLAINLY = "UPDATE documents_document SET wrapped_key = substr(wrapped_key, 1), key_version = key_version + 0"


def run(size: int = SIZE) -> None:
    prepare.cast()
    print(f"rotation: {size:,} documents …", flush=True)
    prepare.fill(size)
    before = set(Document.objects.using("owner").values_list("key_version", flat=True).distinct())
    began = time.perf_counter()
    call_command("rotate_keys", "marking", stdout=StringIO())
    taken = time.perf_counter() - began
    after = set(Document.objects.using("owner").values_list("key_version", flat=True).distinct())
    assert not before & after, (before, after)
    with prepare.owner() as cursor:
        cursor.execute("VACUUM ANALYZE documents_document")
        began = time.perf_counter()
        cursor.execute(PLAINLY)
        plainly = time.perf_counter() - began
        cursor.execute("VACUUM ANALYZE documents_document")
    note(
        "rotation-1M-keys", ours=taken, peer=plainly, ratio=taken / plainly, goal="<= 60 s", holds=taken <= 60, unit="s"
    )
