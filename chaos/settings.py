"""The embedded product, on a storage that can be made to fail."""

from portal.settings.embedded import *  # noqa: F403
from portal.settings.embedded import STORAGES

STORAGES["blobs"]["BACKEND"] = "chaos.storage.FaultyStorage"  # type: ignore[index]
