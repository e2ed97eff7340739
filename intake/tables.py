"""What each table of this app is, and what the database roles may do with it.

The anonymous side has no privilege on any case: it calls the functions below. The officers' policies on these tables
are `consultations`' own (consultations/sql).
"""

TABLES = {
    "intake_desk": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE",
        "worker": "SELECT",
        "intake": "SELECT",
        "why": "the offices that read concerns, shown to anybody; written by their manager (consultations' policy)",
    },
    "intake_reader": {
        "is": "open",
        "app": "SELECT, INSERT, DELETE",
        "worker": "SELECT",
        "intake": "SELECT",
        "why": "public keys; written by their owners and the desks' manager (consultations' policy)",
    },
    "intake_case": {
        "is": "case",
        "app": "SELECT, UPDATE (stage, header, receipt_wrap, generation)",
        "worker": "SELECT (id, received_on, urgent, way, stage, withdrawn_on, forgotten_on, generation)",
    },
    "intake_envelope": {
        "is": "case",
        "app": "SELECT, INSERT, UPDATE (wrapped, generation), DELETE",
        "worker": "SELECT (id, case_id, key_id)",
    },
    "intake_entry": {
        "is": "case",
        "app": "SELECT, INSERT, UPDATE (sealed)",
        "worker": "SELECT (id, case_id, place, kind, day, by_sender, shared)",
    },
    "intake_blob": {"is": "case", "app": "SELECT, INSERT, DELETE", "worker": "SELECT"},
    "intake_round": {
        "is": "log",
        "app": "SELECT",
        "worker": "SELECT, UPDATE (event_id, proof)",
        "why": "roots over what came on a day; padded, so that they do not count it",
    },
    "intake_leaf": {"is": "case", "app": "SELECT"},
}

FUNCTIONS = {
    "intake_deliver(jsonb)": "intake",
    "intake_take_down(jsonb)": "app",
    "intake_close_round(jsonb)": "intake, app",
    "intake_find(bytea)": "intake",
}
