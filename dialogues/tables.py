"""What each table of this app is, and what the database roles may do with it."""

TABLES = {
    "dialogues_room": {"is": "marked", "app": "SELECT, INSERT, UPDATE (name, purpose, legal_basis, archived_at)"},
    "dialogues_roomgrant": {"is": "child of dialogues_room", "app": "SELECT, INSERT, UPDATE (since, until), DELETE"},
    "dialogues_thread": {"is": "marked", "app": "SELECT, INSERT"},
    "dialogues_message": {"is": "marked", "app": "SELECT, INSERT", "worker": "SELECT"},
    "dialogues_messagedocument": {"is": "child of dialogues_message", "app": "SELECT, INSERT"},
    "dialogues_readmark": {"is": "child of dialogues_thread", "app": "SELECT, INSERT, UPDATE (seen_until)"},
}
