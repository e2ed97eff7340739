"""The screens of cases, findings and statistics."""

from django.urls import URLPattern, path

from .views import board, case, office, steps

case_urls: list[URLPattern] = [
    path("", board.board, name="index"),
    path("cases/<uuid:case>/", case.case, name="case"),
    path("cases/<uuid:case>/do/<slug:code>/", steps.step, name="step"),
    path("cases/<uuid:case>/entries/<uuid:entry>/redact/", steps.redact, name="redact"),
    path("cases/<uuid:case>/entries/<uuid:entry>/files/<int:number>/", case.attached, name="file"),
    path("templates/", office.list_templates, name="templates"),
    path("templates/add/", office.template, name="template_add"),
    path("templates/<uuid:template>/", office.template, name="template"),
    path("templates/<uuid:template>/remove/", office.remove_template, name="template_remove"),
    path("destruction/", office.destruction, name="destruction"),
]
