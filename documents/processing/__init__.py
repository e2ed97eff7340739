"""What the worker does with versions. Driven by the table of waiting work; each step can run twice without harm."""
