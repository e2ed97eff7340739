"""What the web role may do with the tables of this test app."""

WRITE = {"is": "open", "app": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT", "why": "test rows"}
TABLES = {"vault_tests_letter": WRITE, "vault_tests_enclosure": WRITE, "vault_tests_page": WRITE}
