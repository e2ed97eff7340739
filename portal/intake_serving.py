"""gunicorn's configuration for the anonymous intake: nothing is counted, and no line tells who asked for what."""

import logging

from gunicorn.config import Config

from portal.logs.servers import GunicornLogger
from portal.serving import on_starting as on_starting


class SilentLogger(GunicornLogger):
    """Only that the server starts and stops, and why it could not: a line on a bad request would hold its address."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.setLevel(logging.ERROR)

    def warning(self, *said: object) -> None:
        """Nothing: gunicorn's warnings are about requests."""

    def exception(self, message: object, *said: object) -> None:
        """That something failed, without the request's address or path that gunicorn would put in; whole, where it is
        the start that failed."""
        if isinstance(message, BaseException):
            super().exception(message)
        else:
            super().error("the server failed on a request")


logger_class = SilentLogger
