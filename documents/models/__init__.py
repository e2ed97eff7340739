"""Documents under a marking: their versions, what was drawn of them, who read them, who may change what."""

from .documents import Disposal, Document, Retention
from .grants import DocumentGrant
from .ledger import Reading, Way
from .relabelling import Answer, RelabelRequest
from .versions import Problem, Processing, Rendition, State, StoredBlob, Version, Work

__all__ = [
    "Answer",
    "Disposal",
    "Document",
    "DocumentGrant",
    "Problem",
    "Processing",
    "Reading",
    "RelabelRequest",
    "Rendition",
    "Retention",
    "State",
    "StoredBlob",
    "Version",
    "Way",
    "Work",
]
