"""Do the logs take longer where there are a thousand times as many events? ``python -m benchmarks.audit``.

As benchmarks.pages, with one organisation of 1,000 and one of 1,000,000 events: both logs, each filter alone and some
together, a deep page, a person's Activity, and the verification of the newest events. Making the large one also says what it
costs to seal and to verify a million events.
"""

import sys

from benchmarks.pages import compare

if __name__ == "__main__":
    sys.exit(compare(description=(__doc__ or "").splitlines()[0], asked="benchmarks.audit_asked", counted="events"))
