"""目的外利用の禁止 on screen: an assessment stands in the statutory register, and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from clearance import choosing
from clearance.context import acting
from clearance.markings import draft, parts
from clearance.models import Authorisation, HandlerEntry, Suspension
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.papers.models import Paper, PaperGrant
from tests.clearance.test_services_authorisations import levels
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CANARY = "適性評価整理番号-7731"


@pytest.fixture
def assessed(world: World) -> list[Authorisation]:
    """Assessments of each state: of the engineer (in force), the colleague (suspended), the outsider (revoked)."""
    with build.as_owner():
        made = [
            build.authorise(
                who,
                level,
                "BATTERY",
                basis=basis,
                reference=CANARY,
                ministry=world.ministry,
                recorded_by=world.official,
            )
            for who, level, basis in (
                (world.engineer, 3, "CESI"),
                (world.colleague, 3, "CESI"),
                (world.outsider, 4, "SDS"),
                (world.clearance_officer, 3, "CESI"),
            )
        ]
        Suspension.objects.create(entitlement_id=made[1].pk, reason=CANARY, by=world.official)
        Authorisation.objects.filter(pk=made[2].pk).update(
            revoked_at=timezone.now() - DAY, revoked_by=world.official, revoked_reason=CANARY
        )
        build.agreement(world.maker, 3, departments="設計部", reference=CANARY)
    return made


ORDINARY_PAGES = ("overview", "people", "ending", "codes", "handlers", "mine", "builder", "organisations")


def test_no_page_about_levels_0_to_2_shows_or_counts_an_assessment(
    world: World, assessed: list[Authorisation], client_for: Any
) -> None:
    officer = client_for(world.clearance_officer, level=3)
    persons = [world.engineer.pk, world.colleague.pk, world.outsider.pk, world.clearance_officer.pk]
    addresses = [reverse(f"clearance:{name}") for name in ORDINARY_PAGES]
    addresses += [reverse("clearance:person", args=[key]) for key in persons]
    addresses += [reverse("clearance:grant", args=[key]) for key in persons[:3]]
    before = {address: officer.get(address).content.decode() for address in addresses}
    for html in before.values():
        assert CANARY not in html
        assert "重要経済安保情報）" not in html.replace("適性評価の名簿", "")
    with build.as_owner():
        Suspension.objects.filter(entitlement_id__in=[each.pk for each in assessed]).delete()
        Authorisation.objects.filter(basis__in=Authorisation.STATUTORY).delete()
    for address, html in before.items():
        after = officer.get(address).content.decode()
        assert without_tokens(after) == without_tokens(html), address


def without_tokens(html: str) -> str:
    """A page without what differs each time it is drawn."""
    return "\n".join(line for line in html.splitlines() if "csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("who", ["engineer", "colleague", "outsider"])
def test_ones_own_page_is_the_same_with_and_without_an_assessment(
    world: World, assessed: list[Authorisation], client_for: Any, who: str
) -> None:
    client = client_for(getattr(world, who), level=3)
    address = reverse("clearance:mine")
    held = client.get(address).content.decode()
    with build.as_owner():
        Suspension.objects.all().delete()
        Authorisation.objects.filter(basis__in=Authorisation.STATUTORY).delete()
    assert without_tokens(client.get(address).content.decode()) == without_tokens(held)


def test_ones_own_page_names_the_registers_one_stands_on(world: World, client_for: Any) -> None:
    with build.as_owner():
        items = [
            Paper.objects.create(marking=world.hi_semicon, circle=world.circle, wrapped_key=b"", key_version=1)
            for _ in range(3)
        ]
        for item, person, struck in zip(
            items, (world.engineer, world.engineer, world.outsider), (None, timezone.now(), None), strict=True
        ):
            PaperGrant.objects.create(
                user=person, content_object=item, permission=Permission.objects.get(codename="view_paper")
            )
            HandlerEntry.objects.create(item_id=item.pk, person=person, entered_by=world.official, struck_at=struck)
    html = client_for(world.engineer).get(reverse("clearance:mine")).content.decode()
    assert [str(item.pk) in html for item in items] == [True, False, False]


def test_the_register_shows_results_and_dates(world: World, assessed: list[Authorisation], client_for: Any) -> None:
    officer = client_for(world.clearance_officer, level=3)
    html = officer.get(reverse("clearance:statutory")).content.decode()
    for name in (world.engineer.name, world.colleague.name, world.outsider.name, world.maker.name):
        assert name in html
    own = officer.get(reverse("clearance:statutory_person", args=[world.engineer.pk])).content.decode()
    assert CANARY in own
    assert "秘密保持誓約" not in own  # nor does this page show what is not about it
    assert recorded("authorisation.list")[-1]["level"] == 3


def terms(world: World, **changed: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "basis": "CESI", "compartments": ["SEMICON"], "ministry": str(world.ministry.pk),
        "notified_on": today.isoformat(), "since": today.isoformat(), "until": (today + 3000 * DAY).isoformat(),
    } | changed  # fmt: skip


def test_an_assessment_is_entered_on_its_own_page(world: World, officer: Client) -> None:
    address = reverse("clearance:assess", args=[world.colleague.pk])
    assert "影響の確認" in officer.post(address, terms(world)).content.decode()
    answer = officer.post(address, terms(world, confirmed="yes"))
    assert answer["Location"] == reverse("clearance:statutory_person", args=[world.colleague.pk])
    with build.as_owner():
        made = world.colleague.authorisations.get()
    assert (made.basis, made.highest, made.ministry) == ("CESI", 3, world.ministry)
    assert levels(world.colleague) == [0]  # above this deployment's ceiling: the register alone


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ministry": ""}, "ministry"),
        ({"notified_on": ""}, "notified_on"),
        ({"until": ""}, "until"),
        ({"until": "2060-01-01"}, "until"),
        ({"basis": "NDA"}, "basis"),
    ],
)
def test_the_assessments_form_has_its_bounds(
    world: World, officer: Client, changed: dict[str, Any], field: str
) -> None:
    html = officer.post(
        reverse("clearance:assess", args=[world.colleague.pk]), terms(world, **changed, confirmed="yes")
    ).content.decode()
    assert f'id="id_{field}_error"' in html
    with build.as_owner():
        assert not world.colleague.authorisations.exists()


def test_an_assessment_is_suspended_and_revoked_back_to_its_own_page(
    world: World, assessed: list[Authorisation], officer: Client
) -> None:
    for act in ("suspend", "resume", "revoke"):
        answer = officer.post(
            reverse(f"clearance:authorisation_{act}", args=[assessed[0].pk]), {"reason": "休職", "confirmed": "on"}
        )
        assert answer["Location"] == reverse("clearance:statutory_person", args=[world.engineer.pk])
        assert recorded(f"authorisation.{act}")[0]["level"] == 3


# --- each item's register -----------------------------------------------------------------------------------


def test_an_items_register_is_found_by_its_number_and_a_line_is_struck(world: World, officer: Client) -> None:
    with build.as_owner():
        line = HandlerEntry.objects.create(
            item_id=uuid7(), person=world.engineer, entered_by=world.official, reason="設計"
        )
    answer = officer.get(reverse("clearance:handlers"), {"item": f" {line.item_id} "})
    register = reverse("clearance:register", args=[line.item_id])
    assert answer["Location"] == register
    assert world.engineer.name in officer.get(register).content.decode()
    assert "_error" in officer.get(reverse("clearance:handlers"), {"item": "番号"}).content.decode()
    answer = officer.post(reverse("clearance:strike", args=[line.pk]), {"reason": "異動", "confirmed": "on"})
    assert answer["Location"] == register
    html = officer.get(register).content.decode()
    assert "抹消" in html
    assert "異動" in html
    assert officer.get(reverse("clearance:strike", args=[line.pk])).status_code == 404


def test_a_number_without_a_register_says_so(world: World, officer: Client) -> None:
    assert "この番号の名簿はありません" in officer.get(reverse("clearance:register", args=[uuid7()])).content.decode()


# --- what a writer is told ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["engineer", "colleague", "outsider", "official"])
def test_of_a_statutory_level_a_writer_is_told_of_the_register_alone(
    world: World, assessed: list[Authorisation], who: str, settings: Any
) -> None:
    settings.CEILING = 3
    with acting(person=getattr(world, who).pk, assurance=build.proved(3)) as actor:
        with pytest.raises(ValidationError) as refused:
            choosing.refuse(actor=actor, circle=None, marking=draft(parts(3, ["BATTERY"])))
        assert refused.value.messages == ["取扱者名簿に記載がありません。"]
