"""Stories of rooms: who takes part, what is said, and what everybody else never learns."""
