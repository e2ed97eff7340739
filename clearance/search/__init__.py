"""Search over what is sealed (docs/adr/0028): one module for documents, messages and briefings.

A model that is searched is `Indexed`, and its migration ends with `clearance.search.operations.EnableSearch`. The
worker lays the tokens of new rows and of whatever changed; until then a row is looked through itself, so nothing is
missed.
"""

from ..models import Indexed
from .excerpts import Bit, excerpt
from .finding import Found, search
from .grams import folded, has_all
from .laying import facets_of, index, tokens_of

__all__ = ["Bit", "Found", "Indexed", "excerpt", "facets_of", "folded", "has_all", "index", "search", "tokens_of"]
