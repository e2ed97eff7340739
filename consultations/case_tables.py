"""The tables of cases and findings: what each is, and what the database roles may do with it (see tables.py)."""

CASE_TABLES = {
    "consultations_casefile": {"is": "case", "app": "SELECT, UPDATE", "worker": "SELECT, INSERT, UPDATE"},
    "consultations_tombstone": {"is": "register", "app": "SELECT"},
    "consultations_answertemplate": {"is": "case", "app": "SELECT, INSERT, UPDATE, DELETE"},
    "consultations_notified": {"is": "log", "worker": "SELECT, INSERT"},
    "consultations_finding": {
        "is": "case",
        "app": "SELECT, INSERT, "
        "UPDATE (state, sealed, revision, approved_by_id, approved_on, released_on, released_as)",
    },
    "consultations_findingenvelope": {"is": "case", "app": "SELECT, INSERT, DELETE"},
    "consultations_findingsource": {"is": "case", "app": "SELECT, INSERT, DELETE"},
}

CASE_FUNCTIONS = {
    "consultations_mine()": "app",
    "consultations_findings()": "app",
    "consultations_desks()": "app",
    "consultations_manages()": "app",
    "consultations_to_destroy(integer)": "app",
    "consultations_consent(uuid, text)": "app",
    "consultations_root(uuid)": "app",
    "consultations_received()": "app",
    "consultations_destroy(uuid)": "worker",
}
