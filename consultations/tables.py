"""What each table of this app is, and what the database roles may do with it and its functions."""

TABLES: dict[str, dict[str, str]] = {}

FUNCTIONS: dict[str, str] = {}
