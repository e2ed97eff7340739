"""What people fill in about documents."""

from .asking import NarrowingForm, PageForm
from .handing_over import ReceiveForm, RecordForm, VersionForm
from .register import GrantForm
from .relabelling import RefusalForm, RelabelForm

__all__ = [
    "GrantForm",
    "NarrowingForm",
    "PageForm",
    "ReceiveForm",
    "RecordForm",
    "RefusalForm",
    "RelabelForm",
    "VersionForm",
]
