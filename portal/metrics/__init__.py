"""Figures for Prometheus: counted in each process, added up and served on a local port (docs/operations.md).

No label carries a person, a document, a room or an address: `tests/portal/test_metrics.py` looks for them.
"""

from portal.metrics import files

files.choose()  # before prometheus_client is imported by any module of ours
