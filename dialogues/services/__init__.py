"""What happens in rooms: one function for each thing, checked, changed and recorded in one transaction."""
