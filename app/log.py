"""The log of the server: no private value of a document or a question gets into it."""

from __future__ import annotations

import logging
from typing import Any

from retriever.private import masked


def mask_log() -> None:
    """Mask the private values in every record that is logged from now on, its traceback included."""
    before = logging.getLogRecordFactory()
    if getattr(before, "masks", False):
        return

    def record(*arguments: Any, **named: Any) -> logging.LogRecord:
        made = before(*arguments, **named)
        made.msg, made.args = masked(made.getMessage()), ()
        if made.exc_info:
            made.exc_text = masked(logging.Formatter().formatException(made.exc_info))
        return made

    record.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
