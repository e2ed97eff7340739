"""What happens to documents: one function a thing, which checks, changes and records it in one transaction."""
