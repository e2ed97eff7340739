"""Migrations run while the code of the last release serves: what they may do, judged against which release."""

# The last migration of each app in the last release. It is the code that knows these tables that goes on running.
# Nothing is released yet, so each app's newest stands here and is moved along until the first release.
RELEASED = {
    "accounts": "0001_initial",
    "audit": "0002_append_only",
    "briefings": "0006_reading",
    "clearance": "0008_search",
    "consultations": "0002_policies",
    "dialogues": "0003_search",
    "disclosure": "0001_initial",
    "documents": "0003_search",
    "intake": "0002_functions",
    "vault": "0001_initial",
}
