"""How much one file may hold. The sentences of refusals.py name the first two figures."""

MOST_PIXELS = 110_000_000  # of a picture: more than a telephone's camera takes
MOST_PAGES = 300  # of a PDF
MOST_PAGE_PIXELS = 4_000_000  # of a page as it is drawn
MOST_SHEETS = 100  # of a scan
