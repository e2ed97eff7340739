"""What each table of this app is, and what the roles may do with it: rows are added, never changed."""

WHY = (
    "pseudonyms under a key that the database does not hold, and no content; the rule needs every set of before, so"
    " that a function in its place would give out the same"
)

TABLES = {
    f"disclosure_{table}": {"is": "open", "app": "SELECT, INSERT", "worker": "SELECT", "why": WHY}
    for table in ("dataset", "source", "release", "figure")
}
