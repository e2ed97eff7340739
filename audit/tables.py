"""What each table of this app is, and what the roles may do with it (row-level policies: migration 0002)."""

TABLES = {
    "audit_event": {
        "is": "log",
        "app": "SELECT, INSERT",
        "worker": "SELECT, INSERT",
        "why": "carries metadata of every level; its own policies let anyone add and only auditors read",
    },
    "audit_leaf": {
        "is": "log",
        "app": "SELECT",
        "worker": "SELECT, INSERT",
        "why": "order of the log; written by the sealer alone, read by auditors",
    },
    "audit_seal": {
        "is": "log",
        "app": "SELECT",
        "worker": "SELECT, INSERT",
        "why": "signed heads; written by the sealer alone, read by auditors",
    },
}

FUNCTIONS = {"audit_disagrees(text, text)": "app, worker"}
