"""`python -m portal.embedded`: what `make run` becomes once the virtual environment is there."""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Ctrl-C before the supervisor listens ends us without a traceback

from portal.embedded.launch import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
