"""What the demo's people and firms may handle: codes, agreements, authorisations with a past and a future.

All made up. Dates are relative to the day the demo world is made, so that the officer's list is alive on any day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, Person

from .clock import end_of, moment, start_of
from .masks import union
from .models import Authorisation, Compartment, OrganisationCertification, ReleaseGroup, Suspension

Basis, Kind = Authorisation.Basis, OrganisationCertification.Kind

COMPARTMENTS = (
    ("SEMICON", "半導体", "Semiconductors"),
    ("BATTERY", "蓄電池", "Batteries"),
    ("MINERALS", "重要鉱物", "Critical minerals"),
    ("MAGNETS", "永久磁石", "Permanent magnets"),
    ("CYBER", "サイバーセキュリティ", "Cyber security"),
)
RELEASE_GROUPS = (
    ("LIKEMINDED", "同志国", "Like-minded countries", ("JP", "US", "NL", "GB", "DE", "FR", "KR", "AU", "CA")),
    ("JP-US", "日米", "Japan and the United States", ("JP", "US")),
    ("JP-ONLY", "国内限り", "Japan only", ("JP",)),
)
# Firm's domain: the level its agreement covers, and in how many days it ends (None: no end).
AGREEMENTS: dict[str, tuple[int, int | None]] = {
    "buhin-kyokai": (2, None),
    "chikuden-kai": (2, 40),
    "asagiri": (2, 500),
    "hokuto": (2, 730),
    "hekisui": (2, 25),
    "yukiwari": (2, 300),
    "soten": (2, 900),
    "todai": (2, None),
    "setouchi": (1, 200),
    "toko": (2, -20),
    "senken": (2, 365),
    "duinlicht": (1, 400),
    "tallgrass": (2, 210),
}


@dataclass(frozen=True)
class Pledge:
    """One authorisation of the demo: days are from today, negative ones past; `gone` is suspended or revoked, why."""

    who: str
    basis: str
    highest: int
    codes: tuple[str, ...]
    since: int
    until: int | None
    suspended: str = ""
    revoked: str = ""


ALL = tuple(code for code, _ja, _en in COMPARTMENTS)
PLEDGES = (
    Pledge("official", Basis.OFFICIAL, 2, ALL, -400, None),
    Pledge("second_official", Basis.OFFICIAL, 2, ALL, -900, None),
    Pledge("clearance_officer", Basis.OFFICIAL, 2, (), -700, None),
    Pledge("auditor", Basis.OFFICIAL, 1, (), -650, None),
    Pledge("secretary", Basis.NDA, 2, ("SEMICON",), -300, 430),
    Pledge("engineer", Basis.NDA, 2, ("SEMICON",), -180, 550),
    Pledge("expired", Basis.NDA, 2, ("SEMICON",), -395, -30),
    Pledge("foreign", Basis.NDA, 1, (), -200, 165),
    Pledge("handler", Basis.NDA, 2, ("SEMICON",), -250, 480),
    Pledge("anzen_kanda", Basis.OFFICIAL, 2, ("SEMICON", "BATTERY"), -500, None),
    Pledge("anzen_toyama", Basis.OFFICIAL, 2, ("SEMICON", "MINERALS"), -820, None),
    Pledge("second_clearance_officer", Basis.OFFICIAL, 2, (), -260, None),
    Pledge("tsusho_nagase", Basis.OFFICIAL, 2, ("SEMICON",), -610, None),
    Pledge("tsusho_hino", Basis.OFFICIAL, 2, ("BATTERY", "MINERALS"), -340, 55),
    Pledge("buhin_ogata", Basis.NDA, 2, ("SEMICON",), -330, 35),
    Pledge("buhin_sugiura", Basis.NDA, 1, (), -90, 275),
    Pledge("chikuden_nomura", Basis.NDA, 2, ("BATTERY", "MINERALS"), -355, 10),
    Pledge("chikuden_ebina", Basis.NDA, 1, ("BATTERY",), -120, 245),
    Pledge("asagiri_fukushima", Basis.NDA, 1, (), -180, 550),
    Pledge("asagiri_tsuda", Basis.NDA, 2, ("SEMICON",), -180, 550, suspended="部署の異動に伴う確認のため"),
    Pledge("asagiri_kume", Basis.NDA, 1, ("CYBER",), 14, 380),
    Pledge("hokuto_sawada", Basis.COUNCIL, 2, ("SEMICON",), -420, 310),
    Pledge("hokuto_minami", Basis.NDA, 1, ("SEMICON",), -310, 52),
    Pledge("hokuto_ishida", Basis.NDA, 2, ("SEMICON",), -410, 300, revoked="退職"),
    Pledge("hekisui_aoki", Basis.COUNCIL, 2, ("SEMICON", "BATTERY"), -365, 365),
    Pledge("hekisui_mukai", Basis.NDA, 2, ("BATTERY",), -200, 165),
    Pledge("hekisui_uno", Basis.NDA, 1, (), -600, -235),
    Pledge("yukiwari_chiba", Basis.NDA, 2, ("SEMICON",), -60, 305),
    Pledge("yukiwari_sugawara", Basis.NDA, 2, ("SEMICON",), -340, 21),
    Pledge("soten_kurosawa", Basis.NDA, 2, ("SEMICON", "CYBER"), -520, 210),
    Pledge("soten_hatano", Basis.NDA, 2, ("SEMICON",), -150, 215),
    Pledge("todai_matsuo", Basis.COUNCIL, 2, ("BATTERY",), -280, 450),
    Pledge("todai_goto", Basis.NDA, 1, ("BATTERY",), -100, 265, suspended="誓約書の再提出を待っているため"),
    Pledge("todai_arima", Basis.NDA, 2, ("BATTERY", "MINERALS"), -45, 320),
    Pledge("setouchi_kobayakawa", Basis.NDA, 1, ("MAGNETS",), -165, 200),
    Pledge("toko_miyoshi", Basis.NDA, 2, ("MINERALS",), -385, 345),
    Pledge("senken_shindo", Basis.NDA, 2, ("SEMICON", "BATTERY"), -140, 225),
    Pledge("senken_tamura", Basis.NDA, 2, (), -140, 46),
    Pledge("duinlicht_bakker", Basis.NDA, 1, (), -200, 165),
    Pledge("tallgrass_reyes", Basis.NDA, 2, (), -155, 210),
    # Results of assessments: they count only where the ceiling lets the level be held at all.
    Pledge("handler", Basis.CESI, 3, ("SEMICON",), -365, 3285),
    Pledge("soten_hatano", Basis.CESI, 3, ("SEMICON",), -200, 3449, suspended="長期の休職のため"),
    Pledge("official", Basis.CESI, 3, ("SEMICON",), -390, 3260),
    Pledge("second_official", Basis.CESI, 3, ("SEMICON",), -800, 2850),
)  # fmt: skip


@transaction.atomic
def grant_authorisations(people: Mapping[str, Person]) -> None:
    """Enter codes, agreements and authorisations of the demo's people (accounts.demo), where they have none.

    May run again. Writes what no officer of the demo could write alone, so it runs as the owner.
    """
    _codes()
    officer = people["clearance_officer"]
    firms = {person.email.partition("@")[2].removesuffix(".example"): person.organisation for person in people.values()}
    for key, (highest, until) in AGREEMENTS.items():
        _agreement(firms[key], Kind.AGREEMENT, highest, until, officer)
    _agreement(firms["soten"], Kind.CERTIFICATION, 3, 1400, officer)
    bits = dict(Compartment.objects.values_list("code", "bit"))
    other = people["second_clearance_officer"]
    for number, pledge in enumerate(PLEDGES, start=1):
        who = people[pledge.who]
        by = other if who == officer else officer  # nobody enters their own
        if not who.authorisations.filter(basis=pledge.basis).exists():
            _pledge(who, pledge, union(bits[code] for code in pledge.codes), by, number)


def _codes() -> None:
    for code, name, name_en in COMPARTMENTS:
        if not Compartment.objects.filter(code=code).exists():
            bit = Compartment.objects.count()
            Compartment(code=code, name=name, name_en=name_en, bit=bit).save(force_insert=True)
    for code, name, name_en, countries in RELEASE_GROUPS:
        if not ReleaseGroup.objects.filter(code=code).exists():
            bit = ReleaseGroup.objects.count()
            made = ReleaseGroup(code=code, name=name, name_en=name_en, countries=sorted(countries), bit=bit)
            made.save(force_insert=True)


def _agreement(firm: Organisation, kind: str, highest: int, until: int | None, officer: Person) -> None:
    if firm.certifications.filter(kind=kind).exists():
        return
    today = timezone.localdate()
    since = start_of(today - timedelta(days=700))
    OrganisationCertification(
        organisation=firm,
        kind=kind,
        highest=highest,
        departments="特定事業部（架空）" if kind == Kind.CERTIFICATION else "",
        since=since,
        until=None if until is None else end_of(today + timedelta(days=until)),
        reference=f"架空契約第{100 + firm.certifications.count()}号",
        recorded_by=officer,
        recorded_at=since,
    ).save(force_insert=True)


def _pledge(who: Person, pledge: Pledge, mask: int, by: Person, number: int) -> None:
    today = timezone.localdate()
    statutory = pledge.basis in Authorisation.STATUTORY
    since = today + timedelta(days=pledge.since)
    made = Authorisation(
        person=who,
        basis=pledge.basis,
        highest=pledge.highest,
        comp_mask=mask,
        since=start_of(since),
        until=None if pledge.until is None else end_of(today + timedelta(days=pledge.until)),
        reference=f"架空第{number:03d}号",
        ministry=by.organisation if statutory else None,
        notified_on=since if statutory else None,
        recorded_by=by,
        recorded_at=min(start_of(since), moment()),
    )
    if pledge.revoked:
        made.revoked_at, made.revoked_by, made.revoked_reason = moment() - timedelta(days=12), by, pledge.revoked
    made.save(force_insert=True)
    if pledge.suspended:
        Suspension(entitlement_id=made.pk, since=moment() - timedelta(days=5), reason=pledge.suspended, by=by).save(
            force_insert=True
        )
