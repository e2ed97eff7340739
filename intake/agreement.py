"""What a sender agrees to, signed with a key that only the receipt derives: the office cannot agree in their place."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from intake.receipt import Receipt
from vault import signatures

YES, NO = "yes", "no"


def fingerprint(question: str) -> str:
    """What stands for the words of a question, in the form they are answered with."""
    return sha256(question.encode()).hexdigest()


def statement(*, case_id: UUID, question_id: UUID, question: str, answer: str) -> bytes:
    """What is signed: to which question, word for word, which answer."""
    return f"entaku consent 1\n{case_id}\n{question_id}\n{fingerprint(question)}\n{answer}\n".encode()


def agree(receipt: Receipt, *, question_id: UUID, question: str, answer: str) -> dict[str, str]:
    """The content of a CONSENT entry."""
    said = statement(case_id=receipt.case_id, question_id=question_id, question=question, answer=answer)
    signature = signatures.sign(receipt.consent_seed, said)
    return {"question": str(question_id), "answer": answer, "signature": b64encode(signature).decode()}


def agreed(content: Mapping[str, Any], *, case_id: UUID, question_id: UUID, question: str, public: bytes) -> bool:
    """Whether this CONSENT entry says yes to that very question, signed by the sender (`Case.consent_public`)."""
    if content.get("question") != str(question_id) or not hmac.compare_digest(str(content.get("answer")), YES):
        return False
    try:
        signature = b64decode(str(content.get("signature")), validate=True)
    except NotBase64:
        return False
    said = statement(case_id=case_id, question_id=question_id, question=question, answer=YES)
    return signatures.verify(public, said, signature)
