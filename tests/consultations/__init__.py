"""Stories of anonymous cases: who reads them, what the office does with them, and what nobody else learns."""
