"""Checks an export of Entaku's audit log: signatures, inclusion, consistency. 監査記録の書き出しを検証します。

    python verify_audit_export.py EXPORT.jsonl [--key HEX] [--head FILE] [--printed SIZE:ROOT]

Needs Python 3.9 and the package `cryptography`: no program of Entaku's, no database, no network. The tree is that of
RFC 6962 / RFC 9162 (SHA-256), signatures are Ed25519. An export vouches for itself only as far as its public key: give
the key you wrote down (--key), or a head kept earlier (--head: a head file, or a day's file of the second place;
--printed: its size and root from paper): any one of them shows a log that was made anew.
Ends with 0: nothing wrong; 1: could not be read; 2: mistyped; 3: faults, a line each.
"""

import argparse
import hashlib
import json
import sys
from contextlib import suppress
from functools import reduce
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha(b"\x01" + left + right)


def root(tree):
    return reduce(lambda top, part: node(part[1], top), reversed(tree[:-1]), tree[-1][1]).hex()


def add(tree, leaf):
    height = 0  # a tree is carried as its perfect subtrees, (height, hash) from left to right
    while tree and tree[-1][0] == height:
        height, leaf = height + 1, node(tree.pop()[1], leaf)
    tree.append((height, leaf))


def climb(at, last, path, old, new):
    """RFC 9162 2.1.3.2 and 2.1.4.2 in one: the two roots a path leads to, none where it does not fit the tree."""
    for sibling in path:
        if last == 0:
            return "", ""
        if at % 2 or at == last:
            old, new = node(sibling, old), node(sibling, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, sibling)
        at, last = at >> 1, last >> 1
    return (old.hex(), new.hex()) if last == 0 else ("", "")


def consistent(first, size, path, first_root, top):
    if first == size or not 0 < first < size or not path:
        return first == size and first_root == top
    path = [bytes.fromhex(first_root), *path] if first & (first - 1) == 0 else path
    at, last = first - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    return climb(at, last, path[1:], path[0], path[0]) == (first_root, top)


class Check:
    def __init__(self, trusted, kept):
        self.trusted, self.kept, self.keys, self.faults, self.leaves = trusted, kept, {}, 0, 0
        self.heads, self.roots, self.links, self.extracts = {}, {}, {}, []
        self.tree, self.next, self.since, self.last, self.end = [], 0, 0, bytes(32).hex(), 0
        self.wanted = {head["size"] for head in kept}

    def fault(self, place, ja, en):
        self.faults += 1
        sys.stdout.write(f"{place}: {ja} / {en}\n")

    def key(self, line):
        public = bytes.fromhex(line["public_key"])
        self.keys[sha(public).hex()[:16]] = public

    def signed(self, head):
        """What was signed, if one of the keys given, or of the export's own where none was, signed the head."""
        said = "entaku-audit-head-1\n" + "".join(f"{head[name]}\n" for name in ("size", "root", "previous", "at"))
        for public in self.trusted or self.keys.values():
            with suppress(InvalidSignature):
                Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(head["signature"]), said.encode())
                return said
        return ""

    def head(self, line):
        size, place, said = line["size"], f"head {line['size']}", self.signed(line)
        if not said:
            self.fault(place, "署名が合いません", "forged: its signature does not hold")
        if self.whole:
            if line["previous"] != self.last:
                self.fault(place, "直前の封印がないか、変えられています", "the head before it is missing or altered")
            if self.tree is not None and (self.next != size or root(self.tree) != line["root"]):
                self.lost(f"#{self.since}-#{size - 1}", "この範囲が封印と合いません", "not as it was sealed")
            self.next = self.since = size
        said += line["key_id"] + "\n" + line["signature"]
        self.last, self.end, self.heads[size] = sha(said.encode()).hex(), size, line["root"]

    def lost(self, place, ja, en):
        self.fault(place, ja + "(以後の照合値は計算できません)", en + " (no root after it can be computed)")
        self.tree = None

    def leaf(self, line):
        seq, record, subject, self.leaves = line["seq"], line["record"], line["subject"], self.leaves + 1
        hashed = None if record is None else sha(b"\x00" + record.encode())
        if record and subject and f'"subject":"{sha(subject.encode()).hex()}"' not in record:
            self.fault(f"#{seq}", "改変: 格付・対象・詳細", "altered: label, target or detail")
        if not self.whole:
            self.extracts.append((seq, line["size"], [bytes.fromhex(each) for each in line["path"]], hashed))
            return
        if seq > self.next:
            self.lost(f"#{self.next}-#{seq - 1}", "削除: 行がありません", "removed: no such line")
        elif seq < self.next:
            self.lost(f"#{seq}", "挿入または並べ替え", "inserted or out of order")
        elif hashed is None:
            self.fault(f"#{seq}", "削除: 記録がありません", "removed: the record is gone")
        elif hashed.hex() != line["hash"]:
            self.fault(f"#{seq}", "改変: 封印した内容と異なります", "altered: not what was sealed")
        self.next = max(self.next, seq + 1)
        if self.tree is not None:
            add(self.tree, bytes.fromhex(line["hash"]))
            if self.next in self.wanted:
                self.roots[self.next] = root(self.tree)

    def link(self, line):
        self.links[line["first"], line["size"]] = [bytes.fromhex(each) for each in line["path"]]

    def conclude(self, size, ended):
        if not ended:
            self.fault("end", "書き出しが途中で切れています", "the export is cut off")
        if self.whole and self.end != max(size, self.next):
            self.fault("end", "末尾の記録か封印がありません", "the tail is cut: records or their head are missing")
        for seq, under, path, hashed in self.extracts:
            there = hashed is not None and 0 <= seq < under
            if not there or climb(seq, under - 1, path, hashed, hashed)[1] != self.heads.get(under):
                self.fault(f"#{seq}", "改変または挿入: 封印に含まれません", "altered or inserted: not under the head")
        for (first, later), path in self.links.items():
            if first in self.heads and not consistent(first, later, path, self.heads[first], self.heads.get(later)):
                self.fault(f"head {first}-{later}", "作り直し: 続きの証明が合いません", "the consistency proof fails")
        for head in self.kept:
            self.meet(head, head["size"], size)

    def meet(self, head, size, newest):
        place, path, known = f"kept head {size}", self.links.get((size, newest)), self.roots.get(size)
        known = known or self.heads.get(size)
        if "signature" in head and not self.signed(head):
            self.fault(place, "控えの署名がこの鍵のものではありません", "not signed by this log's key")
        if size > newest:
            self.fault(place, "削除: 控えより短くなっています", "removed: the log is shorter than the kept head")
        elif known is None and path is None:
            self.fault(place, "この書き出しでは控えと比べられません", "cannot be compared by this export")
        elif known != head["root"] and not consistent(size, newest, path or (), head["root"], self.heads.get(newest)):
            self.fault(place, "作り直し: 控えの時点と異なります", "made anew: not the log of the kept head")


def checked(given):
    kept = [{"size": int(size), "root": top} for size, top in (each.split(":") for each in given.printed)]
    for text in (Path(path).read_text("utf-8") for path in given.head):
        kept += [json.loads(each) for each in ([text] if text.startswith("{\n") else text.splitlines())]
    check, ended = Check([bytes.fromhex(key) for key in given.key], kept), False
    with Path(given.export).open(encoding="utf-8", newline="\n") as file:
        opening = json.loads(file.readline())
        if opening["format"] != "entaku-audit-export-1":
            raise ValueError("not an export of this kind")
        check.whole = opening["whole"]
        for number, line in enumerate(map(json.loads, file), 1):
            if line["type"] in ("key", "head", "leaf", "link"):
                getattr(check, line["type"])(line)
            ended = line["type"] == "end" and line["lines"] == number
    check.conclude(opening["size"], ended)
    return check


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    for option, value in (("--key", "HEX"), ("--head", "FILE"), ("--printed", "SIZE:ROOT")):
        parser.add_argument(option, action="append", default=[], metavar=value)
    given = parser.parse_args()
    try:
        check = checked(given)
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.stderr.write(f"{given.export}: 読めません / cannot be read: {type(error).__name__}: {error}\n")
        return 1
    if not (check.trusted or check.kept):
        sys.stdout.write("書き出しの中の鍵だけで確かめました / checked by no more than the key in the export itself\n")
    sys.stdout.write(f"記録 / events {check.leaves}, 封印 / heads {len(check.heads)}, 異常 / faults {check.faults}\n")
    return 3 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
