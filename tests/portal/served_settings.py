"""The settings of the served figures: the suite's own, in a folder of the test's."""

from portal.settings.observing import METRICS_DIR as METRICS_DIR
from portal.settings.test import *  # noqa: F403
