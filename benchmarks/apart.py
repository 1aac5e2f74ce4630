"""Run a command as the child of a small process, and write what it took: ``python -S apart.py FILE COMMAND…``.

FILE gets the CPU seconds of it and all its children, and the peak of the largest of them in megabytes. Linux counts
what a process held before it became a command as its own: started by a benchmark that holds a corpus, every command
would seem as large as that.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(figures: str, *command: str) -> int:
    """Run the command and return its exit code."""
    child = os.fork()
    if not child:
        os.execvp(command[0], command)
    _, status, used = os.wait4(child, 0)
    Path(figures).write_text(f"{used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}\n", "utf-8")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
