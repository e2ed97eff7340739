"""The smallest app under the access decision: one marked model, one child, one table of grants."""
