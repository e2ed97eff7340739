"""What the tables of the officers' keys are, and what the database roles may do with them (sql/custody.sql)."""

CUSTODY_TABLES: dict[str, dict[str, str]] = {
    "consultations_deskofficer": {"is": "register", "app": "SELECT, INSERT", "worker": "SELECT"},
    "consultations_officerkey": {"is": "register", "app": "SELECT, INSERT, UPDATE (retired)", "worker": "SELECT"},
    "consultations_keywrap": {"is": "register", "app": "SELECT, INSERT, UPDATE (wrapped, made), DELETE"},
    "consultations_wrongpassphrase": {"is": "register", "app": "SELECT, INSERT, DELETE"},
    "consultations_unlocking": {"is": "register", "app": "SELECT, INSERT, UPDATE, DELETE"},
    "consultations_escrowholder": {"is": "register", "app": "SELECT, INSERT"},
    "consultations_escrowshare": {"is": "register", "app": "SELECT, INSERT, DELETE"},
    "consultations_recovery": {"is": "register", "app": "SELECT, INSERT, UPDATE (closed, done)"},
    "consultations_recoveryanswer": {"is": "register", "app": "SELECT, INSERT, DELETE"},
    "consultations_barred": {"is": "case", "app": "SELECT, INSERT"},
    "consultations_rekeying": {"is": "case", "app": "SELECT, DELETE"},
}

CUSTODY_FUNCTIONS: dict[str, str] = {
    "consultations_appoints()": "app",
    "consultations_holds()": "app",
    "consultations_serves()": "app",
    "consultations_involved()": "app",
    "consultations_may_serve(uuid, boolean)": "app",
    "consultations_end_officer(uuid)": "app",
    "consultations_end_holder(uuid)": "app",
    "consultations_backed()": "app",
    "consultations_unread()": "app",
    "consultations_amiss()": "app",
    "consultations_running()": "app",
}
