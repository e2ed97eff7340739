"""What gunicorn serves in the test of the slow: the intake's own worker, with less patience; it tells what it read."""

from typing import Any

from portal import intake_serving
from portal.intake_serving import logger_class as logger_class

intake_serving.SILENCE, intake_serving.BEGIN, intake_serving.CROWDED = 1.5, 3.0, 1.0
intake_serving.SLICE = 0.2


def application(environ: Any, start_response: Any) -> list[bytes]:
    read = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "4")])
    return [b"%04d" % len(read)]
