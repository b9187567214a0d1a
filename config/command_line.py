"""``manage.py``: Django's own, but that whatever is no fault of ours is one line instead of a trace."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

from core.outages import in_one_line

FAULT, INTERRUPTED = 1, 130


def run(words: list[str]) -> None:
    """Do what the words say, and leave with a status."""
    try:
        execute_from_command_line(words)
        sys.stdout.flush()
    except DatabaseError as error:
        said = in_one_line(error)
        if said is None:
            raise
        sys.stderr.write(f"{words[1]}: {said}\n")
        sys.exit(FAULT)
    except BrokenPipeError:
        # Whoever reads what we print has seen enough; Python would say so once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAULT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
