"""What each table of this app is, and what the database roles may do with it."""

TABLES = {
    "vault_markingkey": {
        "is": "open",
        "app": "SELECT, INSERT",
        "worker": "SELECT, INSERT",
        "why": "wrapped keys only; whoever first uses a marking makes its key (clearance's policy), none changes one",
    },
    "vault_signingkey": {
        "is": "open",
        "app": "SELECT (number, public, attestation, created, retired)",
        "worker": "SELECT, INSERT",
        "why": "the worker signs; the web shows and checks with the public part and never sees the wrapped private one",
    },
}
