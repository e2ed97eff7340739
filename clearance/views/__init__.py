"""The clearance officer's screens; the marking builder and one's own authorisations, for everybody signed in."""
