"""What each table of this app is, and what the roles may do with it."""

TABLES = {
    "accounts_organisation": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE",
        "worker": "SELECT",
        "why": "who takes part is no marked content; pages list it to officers and to its own people only",
    },
    "accounts_membership": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE",
        "worker": "SELECT",
        "why": "association memberships are public facts",
    },
    "accounts_foreigncontrol": {
        "is": "open",
        "app": "SELECT, INSERT",
        "worker": "SELECT",
        "why": "dated facts for officers and the organisation itself; followed, never changed",
    },
    "accounts_person": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE (name, title, language, is_active, password, last_login)",
        "worker": "SELECT",
        "why": "sign-in looks people up before there is a context; address and organisation stay as invited",
    },
    "accounts_appointment": {
        "is": "open",
        "app": "SELECT",
        "worker": "SELECT",
        "why": "duties are given by the operator's command alone",
    },
    "accounts_invitation": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE (sent, used, withdrawn)",
        "worker": "SELECT, UPDATE (sent)",
        "why": "accepted by somebody not yet signed in; the link itself is sealed and not in here",
    },
    "accounts_session": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE, DELETE",
        "worker": "SELECT, DELETE",
        "why": "read before there is a context; keys are hashes, payloads are sealed",
    },
}
