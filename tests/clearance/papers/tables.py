TABLES = {
    "papers_paper": {"is": "marked", "app": "SELECT, INSERT, UPDATE", "worker": "SELECT, UPDATE"},
    "papers_note": {"is": "child of papers_paper", "app": "SELECT, INSERT", "worker": "SELECT"},
    "papers_papergrant": {"is": "grants of papers_paper", "app": "SELECT, INSERT, UPDATE, DELETE"},
}
