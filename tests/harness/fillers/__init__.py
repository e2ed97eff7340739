"""Rows by the thousand for the pages that list them, written by the owner in as few statements as can be."""

from . import desks, people, press, talk
from .filling import FEW, FILLERS, MANY

__all__ = ["FEW", "FILLERS", "MANY", "desks", "people", "press", "talk"]
