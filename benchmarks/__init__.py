"""Measurements of the running product, each one command: ``python -m benchmarks.signin``.

They print ratios taken in one run, because the same machine does both sides of a ratio at nearly the same time. None
is a test: a figure depends on what else the machine does.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MALLOC = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1"}  # as `make run` starts it
sys.path.append(str(ROOT / "tools"))  # the throw-away PostgreSQL server is made by the code that makes the tests' one
