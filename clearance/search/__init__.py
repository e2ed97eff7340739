"""Search over what is sealed (docs/adr/0028): one module for documents, messages and briefings.

A model that is searched is `Indexed`, and its migration ends with `clearance.search.operations.EnableSearch`. The
worker lays the tokens of new rows and of whatever changed; until then a row is looked through itself, so nothing is
missed.
"""

from ..models import Indexed
from .finding import Found, search
from .grams import folded
from .laying import facets_of, index, tokens_of

__all__ = ["Found", "Indexed", "facets_of", "folded", "index", "search", "tokens_of"]
