"""The components pages are made of, as template tags.

Leaves take parameters; slotted ones wrap what the page writes between their tags. A misspelt parameter is an error
here, where a misspelt variable of an `{% include %}` would silently show nothing.
"""

from . import dialogue, forms, lists, notices, page
from .drawing import register

__all__ = ["dialogue", "forms", "lists", "notices", "page", "register"]
