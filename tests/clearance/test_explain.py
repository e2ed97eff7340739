"""`manage.py explain_access`: the decision at any date, with the reasons the asker may know and no others."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import Person
from clearance.access import Reason
from clearance.explaining import PASSKEY, PASSWORD, SECOND_FACTOR, Explanation, NoSuchThing, explain
from clearance.management.commands.explain_access import lines, when
from clearance.markings import marking
from clearance.models import Suspension
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.papers.models import Paper
from tests.clearance.test_services_authorisations import held_by
from tests.world import World

pytestmark = pytest.mark.django_db


def paper(world: World, level: int = 2, *codes: str, **fields: Any) -> Paper:
    with build.as_owner():
        return Paper.objects.create(
            marking=marking(level, codes or ["SEMICON"]), circle=world.circle, wrapped_key=b"", key_version=1, **fields
        )


def told(person: Person, item: Paper, *, days: int = 0, proof: int = SECOND_FACTOR, asker: str = "") -> Explanation:
    with build.as_owner():
        return explain(
            person=person.email, thing=str(item.pk), at=timezone.now() + timedelta(days=days), proof=proof, asker=asker
        )


def names(found: Explanation) -> set[str]:
    return {reason.name for reason in found.reasons}


CASES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("engineer", {}, set()),
    ("official", {}, set()),
    ("engineer", {"proof": PASSWORD}, {"STEP_UP"}),
    ("engineer", {"days": 400}, {"LAPSED"}),
    ("colleague", {}, {"NOT_AUTHORISED"}),
    ("expired", {}, {"LAPSED"}),
    ("expired", {"days": -60}, {"NO_NEED_TO_KNOW"}),  # in force then, but not yet in the circle
    ("foreign", {}, {"NOT_AUTHORISED"}),
    ("outsider", {}, {"NO_NEED_TO_KNOW"}),
    ("auditor", {}, {"NOT_AUTHORISED", "NO_NEED_TO_KNOW"}),
]


@pytest.mark.parametrize(("who", "asked", "reasons"), CASES)
def test_it_gives_each_reason(world: World, who: str, asked: dict[str, Any], reasons: set[str]) -> None:
    found = told(getattr(world, who), paper(world), **asked)
    assert names(found) == reasons
    assert bool(found.decision) is not bool(reasons)


def test_a_suspension_and_a_withdrawal_are_said(world: World) -> None:
    held, item = held_by(world.engineer), paper(world, withdrawn=True)
    with build.as_owner():
        Suspension.objects.create(entitlement_id=held.pk, reason="x", by=world.official)
    assert names(told(world.engineer, item)) == {"SUSPENDED", "WITHDRAWN"}


def test_it_says_what_a_fresh_proof_would_change(world: World) -> None:
    item = paper(world)
    found = told(world.engineer, item, proof=PASSWORD)
    assert found.stepped_up == ((SECOND_FACTOR, True), (PASSKEY, True))
    assert told(world.colleague, item, proof=PASSWORD).stepped_up == ()


def test_a_person_is_named_by_address_or_number_a_thing_by_number_with_or_without_its_kind(world: World) -> None:
    item = paper(world)
    with build.as_owner():
        for person in (world.engineer.email.upper(), str(world.engineer.pk)):
            for thing in (str(item.pk), f"papers.paper:{item.pk}", f"papers.Paper:{item.pk}"):
                assert explain(person=person, thing=thing, at=timezone.now(), proof=SECOND_FACTOR).decision
        for person, thing in (
            ("nobody@example.test", str(item.pk)),
            (world.engineer.email, str(uuid7())),
            (world.engineer.email, f"documents.document:{item.pk}"),
            (world.engineer.email, "no number"),
        ):
            with pytest.raises(NoSuchThing):
                explain(person=person, thing=thing, at=timezone.now())


# --- who may know what --------------------------------------------------------------------------------------


def test_whoever_may_not_read_the_thing_learns_nothing_of_it(world: World) -> None:
    item = paper(world)
    for who in ("colleague", "expired", "foreign", "outsider", "auditor", "secretary"):
        asker = getattr(world, who).email
        if who == "secretary":  # a member who reads it
            for other in ("colleague", "expired", "foreign", "outsider"):  # whatever it is that they lack
                assert told(getattr(world, other), item, asker=asker).reasons == (Reason.CLOSED,)
            assert told(world.colleague, item, asker=asker, proof=PASSWORD).stepped_up == ()
            assert told(world.secretary, item, asker=asker, proof=PASSWORD).reasons == (Reason.STEP_UP,)
            continue
        with pytest.raises(NoSuchThing):
            told(world.engineer, item, asker=asker)
        with pytest.raises(NoSuchThing):
            told(getattr(world, who), item, asker=asker)


@pytest.fixture
def cesi(world: World, settings: Any) -> Paper:
    """An item of level 3; the engineer's assessment for it is suspended."""
    settings.CEILING = 3
    with build.as_owner():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clearance_deployment SET ceiling = 3")
        build.agreement(world.maker, 3)
        made = build.authorise(world.engineer, 3, "SEMICON", basis="CESI", ministry=world.ministry)
        Suspension.objects.create(entitlement_id=made.pk, reason="x", by=world.official)
        world.circle.ceiling = marking(3, ["SEMICON"])
        world.circle.save()
    return paper(world, 3)


def test_of_a_statutory_level_only_the_officer_learns_the_reasons(world: World, cesi: Paper) -> None:
    assert told(world.engineer, cesi, proof=PASSKEY).reasons == (Reason.NOT_ON_REGISTER,)
    detail = told(world.engineer, cesi, proof=PASSKEY, asker=world.clearance_officer.email)
    assert names(detail) == {"SUSPENDED", "NOT_ON_REGISTER"}
    with pytest.raises(NoSuchThing):
        told(world.engineer, cesi, asker=world.official.email)


def test_of_a_statutory_level_nothing_is_said_of_stepping_up(world: World, cesi: Paper) -> None:
    with build.as_owner():
        Suspension.objects.all().delete()
    assert told(world.engineer, cesi, proof=PASSWORD).stepped_up == ()


def test_a_question_about_levels_0_to_2_reads_no_assessment(world: World, cesi: Paper) -> None:
    item = paper(world)
    with build.as_owner(), CaptureQueriesContext(connection) as asked:
        explain(person=world.engineer.email, thing=str(item.pk), at=timezone.now())
    statements = [each["sql"] for each in asked.captured_queries if 'FROM "clearance_authorisation"' in each["sql"]]
    assert statements
    for sql in statements:
        assert "'NDA'" in sql
        assert "'CESI'" not in sql
        assert "'SDS'" not in sql


# --- the command --------------------------------------------------------------------------------------------


def test_it_is_written_in_both_languages(world: World) -> None:
    text = "\n".join(lines(told(world.colleague, paper(world))))
    assert "判定：読めません" in text
    assert "この格付の取扱資格がありません。" in text
    assert text.count("HI//SEMICON") == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-22", "2026-11-22 12:00"),
        ("2026-11-22T09:30", "2026-11-22 09:30"),
        ("2026-11-22T00:30+00:00", "2026-11-22 09:30"),
    ],
)
def test_a_date_is_noon_of_that_day(text: str, shown: str) -> None:
    assert f"{timezone.localtime(when(text)):%Y-%m-%d %H:%M}" == shown


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "22.11.2026", "2026-11-22T25:00"])
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(CommandError, match="2026-11-22"):
        when(text)


def run(*args: str) -> str:
    out = StringIO()
    call_command("explain_access", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_command_answers_over_the_owners_connection_and_is_recorded(world: World) -> None:
    item = paper(world)
    assert "読めます" in run(world.engineer.email, str(item.pk), "--second-factor")
    denied = run(world.engineer.email, str(item.pk))
    assert "追加の本人確認" in denied
    assert "2段階目の確認をした場合：読めます" in denied
    assert "読めません" in run(world.engineer.email, str(item.pk), "--passkey", "--at", "2020-01-01")
    for asked in (
        (world.engineer.email, str(uuid7())),
        (world.engineer.email, str(item.pk), "--as", world.foreign.email),
    ):
        with pytest.raises(CommandError, match="見つかりません"):
            run(*asked)
    events = recorded("access.explain")
    assert [event["detail"]["allowed"] for event in events] == [True, False, False]
    assert all(event["target_id"] == str(item.pk) and event["level"] == 2 for event in events)
