"""One line an event: who logs may hand over anything, only what is declared comes out."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from portal.logs import errors, fields, processes

Line = MutableMapping[str, Any]

OURS = (
    "portal",
    "accounts",
    "audit",
    "briefings",
    "clearance",
    "consultations",
    "dialogues",
    "disclosure",
    "documents",
    "vault",
)
# `warnings` hands over "file:line: Category: text": the text may quote a value, the rest stands in the code.
WARNING = re.compile(r"(?P<file>[^\n]{1,300}?):(?P<line>\d+): (?P<kind>\w+): ")
ORDER = ("at", "level", "event", "process", "pid", "logger")


class Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Standard error. A line that cannot be written says only that: logging's own report would quote the values."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        error = sys.exc_info()[1]
        line = {"level": "error", "event": "a line could not be written", "kind": type(error).__name__}
        try:
            sys.stderr.write(json.dumps(line) + "\n")
        except OSError:
            return  # nobody reads any more


def formatter(*, readable: bool) -> ProcessorFormatter:
    """The formatter of every handler of the application log."""
    return ProcessorFormatter(
        foreign_pre_chain=[without_foreign_text],
        processors=[structlog.contextvars.merge_contextvars, composed, for_a_person if readable else as_json],
        use_get_message=False,
        pass_foreign_args=True,
        keep_exc_info=False,
        keep_stack_info=False,
    )


def without_foreign_text(logger: Any, method: str, line: Line) -> Line:
    """What `logging` was handed: the template as it stands in the code, filled with what may be told.

    Text without arguments is kept from our own loggers only, where a test sees that it is a literal.
    """
    record: logging.LogRecord = line["_record"]
    arguments, template = line.pop("positional_args", ()), str(line["event"])
    ours = record.name.partition(".")[0] in OURS
    if record.name == "py.warnings":
        line["event"], line["where"], line["kind"] = "warning", *_warning(str(arguments[0] if arguments else template))
    elif arguments or ours:
        line["event"] = fields.filled(template, arguments)
    else:
        line["event"] = f"{record.name} {record.funcName}"
    if not ours and record.name != "py.warnings":
        line["where"] = f"{errors.place(record.pathname)}:{record.lineno}"
    return line


def _warning(text: str) -> tuple[str, str]:
    match = WARNING.match(text)
    return (f"{errors.place(match['file'])}:{match['line']}", match["kind"]) if match else ("", "Warning")


def composed(logger: Any, method: str, line: Line) -> Line:
    """The line's own fields in a fixed order, the declared ones, and the exception; nothing else."""
    record: logging.LogRecord = line.pop("_record")
    line.pop("_from_structlog", None)
    line.pop("stack_info", None)
    failure = line.pop("exc_info", None) or record.exc_info
    event = str(line.pop("event"))
    kept, left_out = fields.declared(line)
    made: Line = {
        "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": event,
        "process": processes.kind(),
        "pid": record.process,
        "logger": record.name,
        **kept,
    }
    if left_out:
        made["left_out"] = left_out
    if error := _error(failure):
        made["error"] = errors.told(error)
    return made


def _error(failure: Any) -> BaseException | None:
    if isinstance(failure, BaseException):
        return failure
    if failure is True:
        return sys.exc_info()[1]
    return failure[1] if isinstance(failure, tuple) else None


def as_json(logger: Any, method: str, line: Line) -> str:
    """ASCII is not forced: what should not be there can be searched for as it is written."""
    return json.dumps(line, ensure_ascii=False, default=lambda value: fields.WITHHELD)


def for_a_person(logger: Any, method: str, line: Line) -> str:
    """`11:22:33 info    request view=documents:document status=200`, an exception below it."""
    error = line.pop("error", [])
    told = " ".join(f"{name}={value}" for name, value in line.items() if name not in ORDER)
    first = f"{line['at'][11:19]} {line['level']:<8}{line['event']} {told}".rstrip()
    below = [
        "\n".join([*(f"    {frame}" for frame in link["frames"]), f"  {link['kind']} {link.get('says', '')}".rstrip()])
        for link in error
    ]
    return "\n".join([first, *below])
