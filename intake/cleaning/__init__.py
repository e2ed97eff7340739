"""Takes out of a file what tells who made it, where and when; what is seen, heard or read in it stays.

    kind_of(head, name)     what the file is, by its first bytes
    clean(source, kind)     the file again without what gives away; raises Uncleanable
    safe_name(kind, 1)      写真1.jpg, in place of a name that may say much

No part of a file touches a disk on the way. See running.py for how the work is shut in.
"""

from .kinds import Kind, kind_of, safe_name
from .refusals import Reason, Uncleanable
from .running import Cleaning, can_clean, clean
from .traces import Trace

__all__ = ["Cleaning", "Kind", "Reason", "Trace", "Uncleanable", "can_clean", "clean", "kind_of", "safe_name"]
