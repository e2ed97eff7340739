"""A test app: rows with sealed fields and nothing else about them."""
