"""`make bench`: what was promised in figures, measured beside a peer in the same run."""
