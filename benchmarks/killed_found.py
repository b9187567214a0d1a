"""What the database holds after the killing, as one JSON object. Run inside the product by ``benchmarks.killed``.

Reads from standard input which codes were told, and which each person had before. Waits until the queue is worked off,
at most so many seconds.
"""

import json
import sys
import time
from collections import Counter

import django


def main(patience: int) -> None:
    """Look, and print counts; a name that begins with WRONG must have 0."""
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  Django must be ready first

    from audit.enums import Event  # noqa: PLC0415
    from audit.models import AuditEvent  # noqa: PLC0415
    from core import secrets  # noqa: PLC0415
    from notices.enums import Kind, Outcome  # noqa: PLC0415
    from notices.models import Notice  # noqa: PLC0415
    from tap.models import TemporaryAccessPass  # noqa: PLC0415

    given = json.load(sys.stdin)
    told, before = given["told"], given["before"]
    ends = time.monotonic() + patience
    while time.monotonic() < ends and DBTaskResult.objects.filter(finished_at__isnull=True).exists():
        time.sleep(0.5)
    passes = TemporaryAccessPass.objects.select_related("user").filter(user__upn__in=list(before))
    ids = {str(one.id) for one in passes}
    events = AuditEvent.objects.filter(event=Event.PASS_ISSUED, detail__has_key="pass").values_list("detail", flat=True)
    issued = Counter(detail["pass"] for detail in events if detail["pass"] in ids)
    having = {one.user.upn: one for one in passes if one.deleted_at is None and one.replaced_by_id is None}
    people = Counter(one.user.upn for one in passes if one.deleted_at is None and one.replaced_by_id is None)

    def is_right(upn: str) -> bool:
        one = having.get(upn)
        code = told.get(upn)
        return (
            one is not None and code is not None and secrets.matches(code, one.verifier, context=one.verifier_context)
        )

    right = sum(is_right(upn) for upn in told)
    told_people = Notice.objects.filter(kind=Kind.PASS_ISSUED, person__upn__in=list(before))
    notices = Counter(told_people.values_list("person__upn", flat=True))
    of_person = Counter(one.user.upn for one in passes)
    waiting = Notice.objects.filter(outcome=Outcome.WAITING).count()
    print(
        json.dumps(
            {
                "acknowledged": len(told),
                "found and right": right,
                "made but not acknowledged": len(passes) - len(before) - len(told),
                "WRONG: acknowledged but not right": len(told) - right,
                "WRONG: people without exactly one pass": sum(people[upn] != 1 for upn in before),
                "WRONG: passes without exactly one event": sum(issued[one] != 1 for one in ids),
                "WRONG: people with more or fewer notices than passes": sum(
                    of_person[upn] != notices[upn] for upn in before
                ),
                "WRONG: tasks left": DBTaskResult.objects.filter(finished_at__isnull=True).count(),
                "WRONG: notices left": waiting,
            }
        )
    )


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
