"""Fetch all that an account may read, and say what came (+) and what went (-) since the last time.

    pip install taxii2-client
    ENTAKU_TOKEN=... python taxii_poll.py https://entaku.example/taxii2/ ACCOUNT-ID [copy.json]

The copy holds what the briefings say: keep it as their markings ask. Without one, everything is told as new.
"""

import json
import os
import sys
from pathlib import Path

from taxii2client.v21 import Server, as_pages


def poll(url, account, token):
    """Every object the account may read at this moment, by its collection and id."""
    server = Server(url, user=account, password=token)
    try:
        return {
            f"{collection.title} {each['id']}": each
            for collection in server.default.collections
            for page in as_pages(collection.get_objects, per_request=500)
            for each in page.get("objects", [])
        }
    finally:
        server.close()


def main(url, account, copy=""):
    kept = Path(copy) if copy else None
    before = json.loads(kept.read_text("utf-8")) if kept and kept.exists() else {}
    now = poll(url, account, os.environ["ENTAKU_TOKEN"])
    # Retracted, expired, or no longer for this account: whatever was made of it has to go too.
    for key in before.keys() - now.keys():
        print("-", key)
    for key, each in now.items():
        if before.get(key) != each:
            print("+", key, each.get("name", ""))
    if kept:
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(now, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
