"""What the log last said of a thing's marking, to hold its row against: an old row that was put back says another."""

from __future__ import annotations

from django.db.models import BooleanField, Func


class Disagrees(Func):
    """`Disagrees(key as text, marking as text)`: whether the log's last word on the thing is another; False for what it
    has never heard of.

    The last word is that of its receipt, its last change of marking or its withdrawal, in the order of the sealed log,
    what is not sealed yet being the newest. It tells nobody a marking that they did not name.
    """

    function = "audit_disagrees"
    output_field = BooleanField()
