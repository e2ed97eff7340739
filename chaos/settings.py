"""The embedded product, on a storage that can be made to fail."""

from portal.settings.embedded import *  # noqa: F403
from portal.settings.embedded import STORAGES

STORAGES["blobs"]["BACKEND"] = "chaos.storage.FaultyStorage"  # type: ignore[index]

KEY_LIMIT = 100_000_000  # what is tried here is what fails, not how much one person reads
