"""The auditor's addresses."""

from django.urls import path

from audit import proof_views, views

app_name = "audit"
urlpatterns = [
    path("", views.index, name="index"),
    path("export.csv", views.export, name="export"),
    path("export.jsonl", proof_views.proofs, name="proofs"),
    path("verify_audit_export.py", proof_views.verifier, name="verifier"),
    path("seal/", views.seal, name="seal"),
    path("seal/head.json", proof_views.head, name="head"),
    path("heads/", proof_views.heads, name="heads"),
    path("heads/<int:size>/", proof_views.published, name="published"),
    path("heads/<int:size>/head.json", proof_views.published_file, name="published_file"),
    path("heads/<int:size>/consistency.jsonl", proof_views.consistency, name="consistency"),
    path("<uuid:event>/", views.event, name="event"),
    path("<uuid:event>/proof.jsonl", proof_views.proof, name="proof"),
]
