"""The screens of cases, findings and statistics."""

from django.urls import URLPattern, path

from .views import board, case, findings, office, statistics, steps, taking_down

case_urls: list[URLPattern] = [
    path("", board.board, name="index"),
    path("take-down/", taking_down.take_down, name="take_down"),
    path("cases/<uuid:case>/", case.case, name="case"),
    path("cases/<uuid:case>/do/<slug:code>/", steps.step, name="step"),
    path("cases/<uuid:case>/entries/<uuid:entry_id>/redact/", steps.redact, name="redact"),
    path("cases/<uuid:case>/entries/<uuid:entry_id>/files/<int:number>/", case.attached, name="file"),
    path("templates/", office.list_templates, name="templates"),
    path("templates/add/", office.template, name="template_add"),
    path("templates/<uuid:template>/", office.template, name="template"),
    path("templates/<uuid:template>/remove/", office.remove_template, name="template_remove"),
    path("destruction/", office.destruction, name="destruction"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("findings/", findings.findings, name="findings"),
    path("findings/draft/", findings.draft, name="finding_draft"),
    path("findings/<uuid:finding>/", findings.finding, name="finding"),
    path("findings/<uuid:finding>/change/", findings.change, name="finding_change"),
    path("findings/<uuid:finding>/consent/", findings.ask_sender, name="finding_consent"),
    path("findings/<uuid:finding>/decide/", findings.decide, name="finding_decide"),
    path("findings/<uuid:finding>/release/", findings.release, name="finding_release"),
]
