"""The officers' keys: made by their owners, opened by them alone, for a while; handed on, taken back, exchanged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Person, Session
from accounts.services import NotAllowed
from consultations import database
from consultations.models import (
    DeskOfficer,
    EscrowHolder,
    EscrowShare,
    KeyWrap,
    OfficerKey,
    Rekeying,
    Unlocking,
    WrongPassphrase,
)
from consultations.services import custody
from consultations.services.custody import keys
from intake import mailbox
from intake.models import Case, Desk, Envelope, Reader
from tests import world as build
from tests.clearance.acts import recorded
from tests.consultations.offices import OTHER, PHRASE, Bureau
from vault import Unreadable
from vault.hybrid import PrivateKey

pytestmark = pytest.mark.django_db


def readers_of(bureau: Bureau, receipt: Any) -> set[str]:
    """Who has an envelope of the case."""
    with build.as_owner():
        ids = Envelope.objects.filter(case=receipt.case_id).values_list("key_id", flat=True)
        people = set(OfficerKey.objects.filter(pk__in=list(ids)).values_list("person", flat=True))
    return {name for name, person in bureau.people.items() if person.pk in people}


def test_what_is_sent_from_then_on_is_sealed_to_the_officers_key(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    assert Reader.objects.count() == 0, "an officer without a key is no reader"
    bureau.key("甲")
    assert [(reader.desk.name_ja, reader.key_id) for reader in Reader.objects.all()] == [("取引", bureau.key_id("甲"))]
    assert readers_of(bureau, bureau.send()) == {"甲"}
    assert len(recorded("desk_key.make")) == 1


def test_a_key_opens_with_its_passphrase_and_no_other(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    made = bureau.key("甲")
    opening = bureau.unlock("甲")
    assert opening
    assert opening.key.private.seed == made.private.seed
    assert bureau.unlock("甲", OTHER) is None
    (event,) = recorded("desk_key.refused")
    assert event["detail"] == {"count": 1}


def test_five_wrong_passphrases_have_to_be_slept_on(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "取引")
    bureau.key("甲")
    bureau.key("乙")
    for _ in range(5):
        assert bureau.unlock("甲", OTHER) is None
    with pytest.raises(custody.TooOften) as refused:
        bureau.unlock("甲")
    assert timedelta(minutes=14) < refused.value.wait <= timedelta(minutes=15)
    with bureau.being("甲") as actor, pytest.raises(custody.TooOften):
        custody.change_passphrase(actor=actor, passphrase=PHRASE, new=OTHER)
    assert bureau.unlock("乙"), "everybody has their own count"
    with build.as_owner():
        WrongPassphrase.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert bureau.unlock("甲")
    with bureau.being("甲"):
        assert WrongPassphrase.objects.all().delete()[0] == 0, "nobody counts anew for themselves"


def test_the_passphrase_is_changed_by_whoever_knows_it(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    seed = bureau.key("甲").private.seed
    with bureau.being("甲") as actor:
        assert not custody.change_passphrase(actor=actor, passphrase=OTHER, new="まったく別の合言葉です")
        assert custody.change_passphrase(actor=actor, passphrase=PHRASE, new=OTHER)
    assert bureau.unlock("甲") is None
    opening = bureau.unlock("甲", OTHER)
    assert opening
    assert opening.key.private.seed == seed


def test_a_passkey_opens_it_too_until_it_is_taken_away(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    key, session = bureau.key("甲"), bureau.session("甲")
    with bureau.being("甲") as actor:
        wrap = keys.add_passkey(actor=actor, unlocked=key, credential="abc", secret=b"s" * 32, name="鍵")
        with pytest.raises(ValidationError):
            keys.add_passkey(actor=actor, unlocked=key, credential="abc", secret=b"s" * 32, name="鍵")

        def by_passkey(credential: str, secret: bytes) -> custody.Opening | None:
            return custody.unlock_with_passkey(actor=actor, session=session, credential=credential, secret=secret)

        opening = by_passkey("abc", b"s" * 32)
        assert opening
        assert opening.key.private.seed == key.private.seed
        assert by_passkey("abc", b"t" * 32) is None
        assert by_passkey("other", b"s" * 32) is None
        keys.remove_passkey(actor=actor, wrap=wrap)
        assert by_passkey("abc", b"s" * 32) is None


def test_nobody_makes_a_key_without_a_second_factor_or_a_desk(bureau: Bureau) -> None:
    session = bureau.session("甲")
    with bureau.being("甲") as actor, pytest.raises(NotAllowed):
        custody.make_key(actor=actor, session=session, passphrase=PHRASE)
    bureau.appoint("甲", "取引")
    with bureau.being("甲", 1) as actor, pytest.raises(NotAllowed):
        custody.make_key(actor=actor, session=session, passphrase=PHRASE)
    bureau.key("甲")
    with bureau.being("甲") as actor, pytest.raises(ValidationError):
        custody.make_key(actor=actor, session=session, passphrase=PHRASE)


def test_only_the_manager_opens_desks_and_chooses_people_and_never_themselves(bureau: Bureau) -> None:
    for name in ("甲", "子"):
        with bureau.being(name) as actor:
            with pytest.raises(NotAllowed):
                custody.open_desk(actor=actor, name_ja="新", name_en="new")
            with pytest.raises(NotAllowed):
                custody.appoint_officer(actor=actor, desk=bureau.desks["取引"], person=bureau.people["乙"])
            with pytest.raises(NotAllowed):
                custody.appoint_holder(actor=actor, person=bureau.people["丑"])
    with bureau.being("manager", 1) as actor, pytest.raises(NotAllowed):
        custody.open_desk(actor=actor, name_ja="新", name_en="new")
    with bureau.being("manager") as actor:
        desk = custody.open_desk(actor=actor, name_ja="新", name_en="new")
        custody.change_desk(actor=actor, desk=desk, name_ja="新しい窓口")
        custody.set_active(actor=actor, desk=desk, active=False)
        for person in (bureau.people["manager"], bureau.world.engineer, bureau.people["子"]):
            with pytest.raises(ValidationError):
                custody.appoint_officer(actor=actor, desk=desk, person=person)
        for person in (bureau.people["manager"], bureau.world.engineer):
            with pytest.raises(ValidationError):
                custody.appoint_holder(actor=actor, person=person)
        custody.appoint_officer(actor=actor, desk=desk, person=bureau.people["甲"])
        with pytest.raises(ValidationError):
            custody.appoint_officer(actor=actor, desk=desk, person=bureau.people["甲"])
    assert Desk.objects.get(pk=desk.pk).name_ja == "新しい窓口"


def forged(bureau: Bureau) -> dict[str, Any]:
    """Rows that somebody would write by SQL in the web role, each as who."""
    first, second, manager = bureau.people["甲"], bureau.people["乙"], bureau.people["manager"]
    desk, key = bureau.desks["取引"], OfficerKey.objects.get(person=first)
    public = PrivateKey.generate().public.to_bytes()
    return {
        "a desk, by an officer": ("甲", Desk(name_ja="x", name_en="x")),
        "oneself at a desk": ("丙", DeskOfficer(desk=desk, person=bureau.people["丙"], appointed_by=first)),
        "the manager at a desk": ("manager", DeskOfficer(desk=desk, person=manager, appointed_by=second)),
        "an officer, in another's name": (
            "甲", DeskOfficer(desk=desk, person=bureau.people["丙"], appointed_by=manager),
        ),
        "a holder, by an officer": ("甲", EscrowHolder(person=second, appointed_by=first)),
        "another's key": ("乙", OfficerKey(person=first, public=public)),
        "a key of nobody's desk": ("丙", OfficerKey(person=bureau.people["丙"], public=public)),
        "another public key for one's desk": ("甲", Reader(desk=bureau.desks["技術"], key_id=key.pk, public=public)),
        "one's key at another desk": ("甲", Reader(desk=bureau.desks["技術"], key_id=key.pk, public=bytes(key.public))),
        "another's key at a desk": ("乙", Reader(desk=desk, key_id=key.pk, public=bytes(key.public))),
        "a reader, by the manager": ("manager", Reader(desk=desk, key_id=key.pk, public=public)),
        "a wrap of another's key": ("乙", KeyWrap(person=second, key=key, wrapped=b"x")),
        "an unlocking of another's key": (
            "乙", Unlocking(session_id=bureau.session("乙"), person=second, key=key, sealed=b"x", until=timezone.now()),
        ),
        "an unlocking in another's session": (
            "甲", Unlocking(session_id=bureau.session("乙"), person=first, key=key, sealed=b"x", until=timezone.now()),
        ),
    }  # fmt: skip


def test_the_database_takes_none_of_it_by_sql(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "技術")
    bureau.key("甲")
    bureau.key("乙")
    with build.as_owner():
        Reader.objects.filter(desk=bureau.desks["取引"]).delete()  # so that it is not merely there already
        rows = forged(bureau)
    for who, row in rows.values():
        with (
            bureau.being(who),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            row.save(force_insert=True)


def test_wrapped_keys_are_seen_by_their_owner_alone(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "取引")
    bureau.key("甲")
    for name, wraps, known in (("甲", 1, 1), ("乙", 0, 1), ("manager", 0, 1), ("丙", 0, 0)):
        with bureau.being(name):
            seen = (KeyWrap.objects.count(), Unlocking.objects.count(), OfficerKey.objects.count())
            assert seen == (wraps, wraps, known), name
    with build.being(bureau.world.engineer):
        assert (DeskOfficer.objects.count(), EscrowHolder.objects.count(), OfficerKey.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("how", ["signed out", "ended elsewhere", "suspended", "dismissed", "expired", "locked"])
def test_what_is_unlocked_ends_with(bureau: Bureau, how: str) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    session = bureau.session("甲")
    with build.as_owner():
        assert Unlocking.objects.filter(session=session).exists()
    ends = {
        "signed out": lambda: Session.objects.filter(session_key=session).delete(),
        "ended elsewhere": lambda: Session.objects.filter(person=bureau.people["甲"]).delete(),
        "suspended": lambda: Session.objects.filter(person=bureau.people["甲"]).delete(),
    }
    if how in ends:
        ends[how]()
    elif how == "dismissed":
        bureau.end("甲", "取引")
    elif how == "expired":
        with build.as_owner():
            Unlocking.objects.update(until=timezone.now())
        bureau.unlock("甲")
        with build.as_owner():
            assert Unlocking.objects.count() == 1, "what ran out is swept by the next"
        return
    else:
        with bureau.being("甲") as actor:
            custody.lock(actor=actor, session=session)
    with build.as_owner():
        assert not Unlocking.objects.exists()


def test_officers_who_join_are_given_the_cases_by_those_who_read_them(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    key = bureau.key("甲")
    open_to_all, kept_from_one = bureau.send(), bureau.send("技術")
    bureau.appoint("乙", "取引")
    bureau.appoint("丙", "取引", "技術")
    with bureau.being("甲") as actor:
        assert custody.newcomers(key, bureau.people["甲"].pk) == set(), "they have no key yet"
    bureau.key("乙")
    bureau.key("丙")
    assert readers_of(bureau, open_to_all) == {"甲"}
    with bureau.being("甲") as actor:
        assert custody.newcomers(key, bureau.people["甲"].pk) == {bureau.people["乙"].pk, bureau.people["丙"].pk}
        custody.share_missing(actor=actor, unlocked=key)
        assert custody.newcomers(key, bureau.people["甲"].pk) == set()
    assert readers_of(bureau, open_to_all) == {"甲", "乙", "丙"}
    assert readers_of(bureau, kept_from_one) == {"甲", "乙"}, "whoever belongs to the desk that was kept out, never"


def test_whoever_comes_to_a_desk_that_was_kept_out_is_kept_out_before_they_unlock_their_key(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "技術")
    key = bureau.key("甲")
    bureau.key("乙")
    bureau.end("乙", "技術")
    bureau.appoint("乙", "取引")
    before = bureau.send("技術")
    with build.as_owner():
        Envelope.objects.filter(case=before.case_id).exclude(key_id=key.key_id).delete()
    bureau.appoint("乙", "技術")
    assert set(Reader.objects.values_list("desk", "key_id")) == {
        (bureau.desks["取引"].pk, key.key_id),
        (bureau.desks["取引"].pk, bureau.key_id("乙")),
        (bureau.desks["技術"].pk, bureau.key_id("乙")),
    }
    with bureau.being("甲") as actor:
        assert custody.share_missing(actor=actor, unlocked=key) == 0
    assert readers_of(bureau, bureau.send("技術")) == {"甲"}
    assert bureau.unlock("乙")


def test_whoever_leaves_loses_everything_at_once_and_the_cases_get_new_keys(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "取引")
    first, second = bureau.key("甲"), bureau.key("乙")
    receipt = bureau.send(text="合い言葉は青")
    with build.as_owner():
        before = bytes(Envelope.objects.get(case=receipt.case_id, key_id=first.key_id).wrapped)
    bureau.end("甲", "取引")
    assert readers_of(bureau, receipt) == {"乙"}
    assert not Reader.objects.filter(key_id=first.key_id).exists()
    with bureau.being("乙") as actor:
        assert Rekeying.objects.filter(case=receipt.case_id).exists()
        assert custody.catch_up(actor=actor, unlocked=second) == 1
        assert not Rekeying.objects.exists()
        case = Case.objects.get(pk=receipt.case_id)
    assert case.generation == 2
    from intake.sealing import open_as_reader, open_header

    kept = open_as_reader(
        before, first.private, case_id=receipt.case_id, key_id=first.key_id
    )  # what they took with them
    with pytest.raises(Unreadable):
        open_header(kept, bytes(case.header), case_id=case.pk)
    with build.as_role("portal_intake"):
        conversation = mailbox.find(receipt)
    assert conversation
    assert conversation.entries[0].text == "合い言葉は青"


def test_the_last_reader_takes_nothing_with_them_and_the_manager_is_told(bureau: Bureau) -> None:

    bureau.appoint("甲", "取引")
    key = bureau.key("甲")
    receipt = bureau.send()
    bureau.end("甲", "取引")
    assert readers_of(bureau, receipt) == {"甲"}, "or nobody could ever open it"
    with bureau.being("甲") as actor:
        assert not Case.objects.exists()
        with pytest.raises(NotAllowed):
            custody.rekey(actor=actor, unlocked=key, case=receipt.case_id)
    with bureau.being("manager"):
        assert database.unread() == 1
    bureau.appoint("甲", "取引")
    with bureau.being("甲"):
        assert Case.objects.count() == 1
    with bureau.being("manager"):
        assert database.unread() == 0


def test_whoever_is_taken_out_of_a_case_stays_out(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "取引")
    first, second = bureau.key("甲"), bureau.key("乙")
    receipt = bureau.send()
    with bureau.being("甲") as actor:
        assert custody.rekey(actor=actor, unlocked=first, case=receipt.case_id, without=[second.key_id]) == 2
        assert custody.share_missing(actor=actor, unlocked=first) == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Envelope(case_id=receipt.case_id, key_id=second.key_id, wrapped=b"x").save(force_insert=True)
        with pytest.raises(ValidationError):
            custody.rekey(actor=actor, unlocked=first, case=receipt.case_id, without=[first.key_id])
    assert readers_of(bureau, receipt) == {"甲"}
    with bureau.being("乙"):
        assert not Case.objects.exists()


def test_one_may_take_oneself_out_where_somebody_else_reads(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "取引")
    first = bureau.key("甲")
    bureau.key("乙")
    receipt = bureau.send()
    with bureau.being("甲") as actor:
        custody.rekey(actor=actor, unlocked=first, case=receipt.case_id, without=[first.key_id])
        assert not Case.objects.exists()
    assert readers_of(bureau, receipt) == {"乙"}


def test_what_was_on_its_way_while_the_keys_changed_is_read_by_both(bureau: Bureau) -> None:
    from consultations.models import CaseFile
    from consultations.services import opening

    bureau.appoint("甲", "取引")
    key = bureau.key("甲")
    receipt = bureau.send()
    with build.as_role("portal_intake"):
        mailbox.reply(receipt, token="t", text="あとから思い出しました")
    with build.as_owner():
        CaseFile.objects.get_or_create(case_id=receipt.case_id)
    for _ in range(2):
        with bureau.being("甲") as actor:
            custody.rekey(actor=actor, unlocked=key, case=receipt.case_id)
    with build.as_role("portal_intake"):
        lying = mailbox.find(receipt)
        bureau.carry()
        carried = mailbox.find(receipt)
    assert lying
    assert carried
    assert lying.entries[1].text == carried.entries[1].text == "あとから思い出しました"
    with bureau.being("甲") as actor:
        opened = opening.peek(key, CaseFile.objects.select_related("case").get(pk=receipt.case_id))
        assert opened.said[1].text == "あとから思い出しました"
        custody.rekey(actor=actor, unlocked=key, case=receipt.case_id)
        opened = opening.peek(key, CaseFile.objects.select_related("case").get(pk=receipt.case_id))
        assert opened.said[1].text == "あとから思い出しました"


def test_a_new_key_takes_the_place_of_a_lost_one(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.appoint("乙", "取引")
    old, second = bureau.key("甲"), bureau.key("乙")
    receipt = bureau.send()
    session = bureau.session("甲")
    with bureau.being("甲") as actor:
        new = custody.replace_key(actor=actor, session=session, passphrase=OTHER).key
        assert not Case.objects.exists()
    assert {reader.key_id for reader in Reader.objects.all()} == {new.key_id, second.key_id}
    with build.as_owner():
        assert not KeyWrap.objects.filter(key=old.key_id).exists()
    with bureau.being("乙") as actor:
        assert custody.share_missing(actor=actor, unlocked=second) == 1
    with bureau.being("甲"):
        assert Case.objects.get().pk == receipt.case_id


def shares_of(person: Person) -> int:
    with build.as_owner():
        return EscrowShare.objects.filter(key__person=person).count()


def test_shares_follow_the_holders(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    key = bureau.key("甲")
    bureau.hold("子", "丑")
    assert shares_of(bureau.people["甲"]) == 0
    bureau.key("子")
    with bureau.being("甲") as actor:
        assert custody.divide(actor=actor, unlocked=key) == 0, "one holder would be a second owner"
    bureau.key("丑")
    with bureau.being("甲") as actor:
        assert custody.stale(bureau.people["甲"].pk, key.key_id)
        assert custody.divide(actor=actor, unlocked=key) == 2
        assert not custody.stale(bureau.people["甲"].pk, key.key_id)
    with bureau.being("manager") as actor:
        custody.end_holder(actor=actor, holder=EscrowHolder.objects.get(person=bureau.people["子"]))
    assert shares_of(bureau.people["甲"]) == 1, "a leaving holder's share goes at once"
    with bureau.being("甲") as actor:
        assert custody.stale(bureau.people["甲"].pk, key.key_id)
        assert custody.divide(actor=actor, unlocked=key) == 0
    with bureau.being("manager") as actor, pytest.raises(ValidationError):
        custody.appoint_holder(actor=actor, person=bureau.people["丑"])
