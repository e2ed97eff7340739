"""Addresses of briefings: reading."""

from django.urls import URLPattern, path

from .views import board, interests, reading, retracting, taking

urlpatterns: list[URLPattern] = [
    path("", reading.index, name="index"),
    path("interests/", interests.interests, name="interests"),
    path("notices/", reading.notices, name="notices"),
    path("export.csv", taking.export_csv, name="export_csv"),
    path("export.json", taking.export_json, name="export_json"),
    path("<uuid:briefing>/", reading.briefing, name="briefing"),
    path("<uuid:briefing>/print", reading.printed, name="print"),
    path("<uuid:briefing>/pdf", reading.pdf, name="pdf"),
    path("<uuid:briefing>/changes/", reading.changes, name="changes"),
    path("<uuid:briefing>/acknowledge/", reading.acknowledge, name="acknowledge"),
    path("<uuid:briefing>/reply/", reading.reply, name="reply"),
    path("<uuid:briefing>/board/", board.view, name="board"),
    path("<uuid:briefing>/retract/", retracting.retract, name="retract"),
]
