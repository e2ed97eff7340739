"""What happens to the registers: one function for each thing, checked, changed and recorded in one transaction."""
