"""Everything else an officer does about a case: a page each, which says what it leads to, and asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.sent import takes
from intake.consents import Consent
from intake.sealing import Header

from ..custody import UnlockedKey
from ..forms import steps as forms
from ..models.cases import CaseFile, Classed, Outcome
from ..models.custody import OfficerKey
from ..queries import board, readers
from ..services import handling, opening, saying
from ..services.custody import rekey
from ..services.opening import Opened
from .asked import Request, ToldOn, back, file_of, keyed, officer_screen, page, posted

MOST_CASES = 200
FIRST, SENDER, ORDER, RECORD = _("まず"), _("相談者へ"), _("整理"), _("記録と廃棄")


@dataclass(frozen=True)
class Asked:
    """A case somebody is about to do something about."""

    actor: Actor
    key: UnlockedKey
    opened: Opened


Do = Callable[[Actor, UnlockedKey, Opened, Any], object]


@dataclass(frozen=True)
class Step:
    """One thing to do about a case. `fits` says when it is offered; `done` is what the officer is told after it.
    `group`: what it stands with on the case's page."""

    code: str
    title: str | Promise
    words: str | Promise
    submit: str | Promise
    done: str | Promise
    do: Do
    form: Callable[[Asked], Callable[..., Form]]
    group: str | Promise
    kind: str = "primary"
    fits: Callable[[Opened], bool] = lambda opened: True


def _plain(form: type[Form]) -> Callable[[Asked], Callable[..., Form]]:
    return lambda asked: form


def _readers(form: type[forms.ReaderForm], *, others: bool = False) -> Callable[[Asked], Callable[..., Form]]:
    def made(asked: Asked) -> Callable[..., Form]:
        people = [one for one in readers.of(asked.opened.file.case) if not others or one.pk != asked.actor.person_id]
        return lambda *args, **kwargs: form(*args, readers=people, **kwargs)

    return made


def _class_form(asked: Asked) -> Callable[..., Form]:
    return lambda data: forms.ClassForm(data, initial={"classed": asked.opened.file.classed})


def _consent_form(asked: Asked) -> Callable[..., Form]:
    return lambda *args: forms.ConsentForm(*args, now=asked.opened.consent)


def _cases(form: type[forms.CaseForm]) -> Callable[[Asked], Callable[..., Form]]:
    """The other cases the officer reads, each by its day, theme and number."""

    def made(asked: Asked) -> Callable[..., Form]:
        file = asked.opened.file
        others = list(board.cases().exclude(pk=file.pk).order_by("-case__received_on", "pk")[:MOST_CASES])
        headers = opening.headers(asked.key, others)
        known = {each: titled(each, headers[each.pk]) for each in others if each.pk in headers}
        initial = {"case": file.repeat_of_id}
        return lambda data: form(data, cases=known, initial=initial)

    return made


def _shut(opened: Opened) -> bool:
    return bool(getattr(opened.file, "shut", False))


def _ask_consent(actor: Actor, key: UnlockedKey, opened: Opened, form: forms.ConsentForm) -> None:
    saying.ask_consent(
        actor=actor, unlocked=key, file=opened.file, wanted=Consent(form.cleaned_data["wanted"]),
        text=form.cleaned_data["text"], language=opened.header.language,
    )  # fmt: skip


def _recuse(actor: Actor, key: UnlockedKey, opened: Opened, form: forms.RecuseForm) -> None:
    assert form.person is not None
    saying.note_recusal(unlocked=key, file=opened.file, who=form.person, reason=form.cleaned_data["reason"])
    keys = OfficerKey.objects.filter(person=form.person).values_list("pk", flat=True)
    rekey(actor=actor, unlocked=key, case=opened.file.case, without=set(keys))


STEPS = (
    Step(
        "triage", _("急ぎかどうかを確認する"),
        _("この事案を読み、すぐに対応が必要かどうかを判断したことを記録します。"), _("確認したことを記録する"),
        _("確認したことを記録しました。"),
        lambda actor, key, opened, form: handling.triage(
            actor=actor, unlocked=key, file=opened.file, pace=form.cleaned_data["pace"], mine=form.cleaned_data["mine"]
        ),
        _plain(forms.TriageForm), FIRST, fits=lambda opened: opened.file.triaged_on is None,
    ),
    Step(
        "class", _("区分を変更する"),
        _("相談、取適法の申告、公益通報のどれに当たるかを選びます。区分によって、守るべき決まりが変わります。"),
        _("区分を変更する"), _("区分を変更しました。"),
        lambda actor, key, opened, form: handling.classify(
            actor=actor, file=opened.file, classed=Classed(form.cleaned_data["classed"])
        ),
        _class_form, FIRST,
    ),
    Step(
        "assign", _("担当者を決める"),
        _("この事案を読める担当者の中から、主に対応する方を選びます。"), _("担当者を決める"),
        _("担当者を変更しました。"),
        lambda actor, key, opened, form: handling.assign(actor=actor, file=opened.file, to=form.person),
        _readers(forms.AssignForm), FIRST,
    ),
    Step(
        "hand-over", _("引き継ぐ"),
        _("ほかの担当者に、内容を添えて引き継ぎます。伏せ字の写しがある部分は、写しを見るように伝えてください。"),
        _("引き継ぐ"), _("引き継ぎました。"),
        lambda actor, key, opened, form: handling.hand_over(
            actor=actor, unlocked=key, file=opened.file, to=form.person, text=form.cleaned_data["text"]
        ),
        _readers(forms.HandOverForm, others=True), ORDER,
    ),
    Step(
        "consent", _("使ってよい範囲の同意を求める"),
        _("相談者に、今より広く使ってよいかを尋ねます。相談者が合言葉を使って署名した答えだけが有効です。"),
        _("同意を求める"), _("同意のお願いを送りました。"), _ask_consent, _consent_form, SENDER,
        fits=lambda opened: opened.consent < max(Consent) and opened.file.case.forgotten_on is None,
    ),
    Step(
        "merge", _("ほかの事案に統合する"),
        _("同じ件についての二つの事案を、一つとして扱います。この事案は終了し、相手の事案で対応を続けます。相談者の相談箱は、それぞれ残ります。"),
        _("統合する"), _("統合しました。"),
        lambda actor, key, opened, form: handling.merge(actor=actor, unlocked=key, file=opened.file, into=form.found),
        _cases(forms.CaseForm), ORDER, fits=lambda opened: not _shut(opened),
    ),
    Step(
        "repeat", _("再度の相談として登録する"),
        _("以前の事案と同じ件についての相談であることを記録します。「同じ件の事案はない」を選ぶと、登録を取り消します。"),
        _("登録する"), _("登録しました。"),
        lambda actor, key, opened, form: handling.mark_repeat(actor=actor, file=opened.file, of=form.found),
        _cases(forms.RepeatForm), ORDER,
    ),
    Step(
        "take-up", _("行政文書として登録する"),
        _("この事案を行政文書として登録します。登録した内容は、相談者が相談箱を削除しても残り、保存期間の満了時の措置に従います。"),
        _("登録する"), _("行政文書として登録しました。"),
        lambda actor, key, opened, form: handling.take_up(
            actor=actor, unlocked=key, file=opened.file, data=form.record()
        ),
        _plain(forms.TakeUpForm), RECORD,
    ),
    Step(
        "close", _("結果を伝えて終了する"),
        _("相談者に結果を伝え、対応を終了します。相談者がその後に返事を書くと、自動的に「窓口の対応待ち」に戻ります。"),
        _("結果を伝えて終了する"), _("対応を終了しました。"),
        lambda actor, key, opened, form: handling.close(
            actor=actor, unlocked=key, file=opened.file, outcome=Outcome(form.cleaned_data["outcome"]),
            text=form.cleaned_data["text"],
        ),
        _plain(forms.CloseForm), SENDER, fits=lambda opened: not _shut(opened),
    ),
    Step(
        "reopen", _("対応を再開する"),
        _("終了した事案の対応を再開します。"), _("再開する"), _("対応を再開しました。"),
        lambda actor, key, opened, form: handling.reopen(actor=actor, file=opened.file),
        _plain(Form), ORDER, fits=lambda opened: opened.file.closed_on is not None,
    ),
    Step(
        "recuse", _("読める人から外す"),
        _("利害関係のある方（自分も含みます）を、この事案から外します。事案の鍵を作り直すため、外された方は今後いっさい読めません。元に戻すことはできません。"),
        _("読める人から外す"), _("読める人から外しました。"), _recuse, _readers(forms.RecuseForm), ORDER,
        kind="danger",
    ),
    Step(
        "destroy", _("廃棄を申し出る"),
        _("予定の日より前に廃棄するよう申し出ます。30日以上前と7日以上前の予告、相談窓口責任者による廃棄の同意の登録がそろうまでは、廃棄されません。"),
        _("廃棄を申し出る"), _("廃棄を申し出ました。"),
        lambda actor, key, opened, form: handling.ask_destruction(actor=actor, file=opened.file),
        _plain(forms.TickForm), RECORD, kind="danger",
        fits=lambda opened: opened.file.taken_up_on is None and opened.file.destroy_asked_on is None,
    ),
)  # fmt: skip
BY_CODE = {step.code: step for step in STEPS}


def offered(opened: Opened) -> list[tuple[str | Promise, list[Step]]]:
    """What can be done about a case as it stands, by group."""
    fitting = [step for step in STEPS if step.fits(opened)]
    groups = [(group, [step for step in fitting if step.group is group]) for group in (FIRST, SENDER, ORDER, RECORD)]
    return [(group, steps) for group, steps in groups if steps]


def titled(file: CaseFile, header: Header) -> str:
    """A case in a list to choose from."""
    named = {"day": date_format(file.case.received_on), "theme": opening.theme_label(header)}
    return gettext("%(day)s｜%(theme)s（%(number)s）") % {**named, "number": board.reference(file.pk)}


@takes(forms.HandOverForm, forms.ConsentForm, forms.CloseForm, forms.RecuseForm, forms.TakeUpForm, forms.CaseForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def step(request: Request, key: UnlockedKey, case: UUID, code: str) -> HttpResponse:
    """One of the steps: what it leads to, and its form."""
    asked = BY_CODE.get(code)
    opened = opening.peek(key, file_of(request))
    if asked is None or not asked.fits(opened):
        raise Http404
    form = asked.form(Asked(request.actor, key, opened))(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            asked.do(request.actor, key, opened, form)
            messages.success(request, str(asked.done))
            return _onward(opened.file)
    _note_form(request, opened.file)
    context = {"step": asked, "form": form, "opened": opened, "reference": board.reference(case)}
    return page(request, "consultations/step.html", context)


@takes(forms.RedactForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def redact(request: Request, key: UnlockedKey, case: UUID, entry_id: UUID) -> HttpResponse:
    """A copy of one entry without what could give the sender away."""
    opened = opening.peek(key, file_of(request))
    said = opened.entry(entry_id)
    if said is None or not said.entry.by_sender:
        raise Http404
    earlier = opened.redactions.get(str(entry_id))
    form = forms.RedactForm(posted(request), initial={"text": earlier.text if earlier else said.whole})
    if form.is_valid():
        with ToldOn(form):
            saying.redact(
                actor=request.actor, unlocked=key, file=opened.file, said=said, text=form.cleaned_data["text"]
            )
            messages.success(request, str(_("伏せ字の写しを作りました。")))
            return back(opened.file)
    _note_form(request, opened.file)
    context = {"form": form, "said": said, "opened": opened, "reference": board.reference(case)}
    return page(request, "consultations/redact.html", context)


def _onward(file: CaseFile) -> HttpResponse:
    """Back to the case, for whoever reads it still."""
    return back(file) if board.cases().filter(pk=file.pk).exists() else redirect("consultations:index")


def _note_form(request: Request, file: CaseFile) -> None:
    record(actor=request.actor, act=Act.CONSULTATION_FORM, target_type=opening.TARGET, target_id=file.pk)
