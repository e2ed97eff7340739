"""Checks an acknowledgement of Entaku's anonymous intake, without a network. 匿名相談の受領証明を検証します。

    python verify_acknowledgement.py FILE.json [--intake HEX ...] [--key HEX]

Needs Python 3.9 and the package `cryptography`: no program of Entaku's. An acknowledgement says that something sealed
was received on a day; it names neither what it says nor who sent it. Three things are looked at, as far as they are
there yet: the intake's signature; the path from the receipt to the tree of the round that carried it; and the path from
that tree, by one event, to a signed head of the portal's log (RFC 9162, SHA-256, Ed25519). It vouches for itself only
as far as its keys: give those you wrote down, the intake's (--intake) and the log's (--key), or the first 16 or more
digits of the SHA-256 of the intake's, as its first page shows it.
Ends with 0: what is there holds; 1: could not be read; 2: mistyped; 3: something does not hold.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("先に入れてください / install first: python -m pip install cryptography")

FORMAT = "entaku-acknowledgement-1"


class Fault(Exception):
    """What does not hold, in Japanese and English."""


def sha(data):
    return hashlib.sha256(data).digest()


def leads(leaf, at, size, path, top):
    """Whether the path leads from the leaf at that place to the root (RFC 9162 2.1.3.2)."""
    if not 0 <= at < size:
        return False
    last, here = size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            here = sha(b"\x01" + sibling + here)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            here = sha(b"\x01" + here + sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and here == top


def signed(public, said, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def hold(truth, ja, en):
    if not truth:
        raise Fault(f"{ja} / {en}")


def checked(said, known, trusted):
    """What holds, a line each. Raises Fault."""
    record = said["record"]
    day = json.loads(record)["day"]
    hold(json.loads(record)["format"] == said["format"] == FORMAT, "受領証明ではありません", "not an acknowledgement")
    yield f"{day} に受け取られたと書かれています / it says: received on {day}"
    signer = bytes.fromhex(said["signer"])
    hold(signer or not known, "受付の署名がありません", "not signed by an intake")
    if signer:
        wanted = "".join(known.split()).lower()
        ours = not wanted or signer.hex() == wanted or (len(wanted) >= 16 and sha(signer).hex().startswith(wanted))
        hold(ours, "別の受付の鍵による署名です", "signed with the key of another intake")
        held = signed(signer, record.encode(), bytes.fromhex(said["signature"]))
        hold(held, "受付の署名が合いません", "the intake's signature does not hold")
        yield "受付の署名: 正しい / the intake's signature: holds"
    round_ = said.get("round")
    if round_ is None:
        hold(signer, "署名も綴じ込みもありません", "neither signed nor bound into a round")
        yield "綴じ込み: まだです(後日もう一度お受け取りください) / bound into the log: not yet; fetch it again later"
        return
    path = [bytes.fromhex(each) for each in round_["path"]]
    leaf = sha(b"\x00" + record.encode())
    within = leads(leaf, round_["place"], round_["leaves"], path, bytes.fromhex(round_["root"]))
    hold(within, "綴じ込みの証明が合いません", "the path to its round does not hold")
    if "log" not in said:
        hold(signer, "署名も記録もありません", "neither signed nor in the log")
        yield "記録への綴じ込み: まだです / in the log: not yet"
        return
    yield from in_log([json.loads(line) for line in said["log"]], round_, day, trusted)


def in_log(lines, round_, day, trusted):
    """That one event of the log names the round's root, under a signed head."""
    by = {kind: [line for line in lines if line["type"] == kind] for kind in ("key", "head", "leaf")}
    (leaf,), (head,) = by["leaf"], by["head"]
    subject = json.loads(leaf["subject"])
    told = subject["detail"]
    same = told.get("root") == round_["root"] and told.get("leaves") == round_["leaves"]
    hold(same, "記録が別の綴じ込みのものです", "the event is of another round")
    hold(told.get("day", "") >= day, "受け取りより前の綴じ込みです", "bound in before it says it was received")
    hold(
        json.loads(leaf["record"])["subject"] == sha(leaf["subject"].encode()).hex()
        and json.loads(leaf["record"])["act"] == "intake.round",
        "記録が変えられています", "the event was altered",
    )  # fmt: skip
    path = [bytes.fromhex(each) for each in leaf["path"]]
    hashed = sha(b"\x00" + leaf["record"].encode())
    under = leaf["size"] == head["size"] and leads(hashed, leaf["seq"], head["size"], path, bytes.fromhex(head["root"]))
    hold(under, "記録が封印に含まれません", "the event is not under the head")
    statement = "entaku-audit-head-1\n" + "".join(f"{head[name]}\n" for name in ("size", "root", "previous", "at"))
    keys = [bytes.fromhex(key) for key in trusted or [line["public_key"] for line in by["key"]]]
    sealed = any(signed(key, statement.encode(), bytes.fromhex(head["signature"])) for key in keys)
    hold(sealed, "封印の署名が合いません", "the head's signature does not hold")
    yield f"記録への綴じ込み: 正しい({head['at']} の封印) / in the log: holds, under the head of {head['at']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--intake", nargs="+", default=[], metavar="HEX")
    parser.add_argument("--key", action="append", default=[], metavar="HEX")
    given = parser.parse_args()
    try:
        said = json.loads(Path(given.file).read_text("utf-8"))
        for line in checked(said, "".join(given.intake), given.key):
            sys.stdout.write(line + "\n")
    except Fault as fault:
        sys.stdout.write(f"{fault}\n")
        return 3
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.stderr.write(f"{given.file}: 読めません / cannot be read: {type(error).__name__}: {error}\n")
        return 1
    for name, also, known in (("受付", "intake", given.intake), ("記録", "log", given.key)):
        ja, en = (
            ("お手元の番号と一致", "the one you gave") if known else ("ファイルに書かれた鍵だけ", "only the file's own")
        )
        sys.stdout.write(f"{name}の鍵: {ja} / the {also}'s key: {en}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
