"""What each table of this app is, and what the database roles may do with it and its functions."""

from .case_tables import CASE_FUNCTIONS, CASE_TABLES
from .custody_tables import CUSTODY_FUNCTIONS, CUSTODY_TABLES

TABLES: dict[str, dict[str, str]] = {**CASE_TABLES, **CUSTODY_TABLES}

FUNCTIONS: dict[str, str] = {**CASE_FUNCTIONS, **CUSTODY_FUNCTIONS}
