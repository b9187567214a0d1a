"""What waits in the queue about passes."""

from uuid import UUID

from django.db import transaction
from django_tasks import task

from notices import actions as notices
from notices.enums import Kind
from tap.models import TemporaryAccessPass


@task
def tell_start(pass_ids: list[str]) -> None:
    """Tell people whose pass had a delayed start that it works now, if they still have it and have not used it."""
    ids = [UUID(one) for one in pass_ids]
    standing = TemporaryAccessPass.objects.open().filter(pk__in=ids, first_used_at=None, locked_at=None)
    for issued in standing.select_related("user"):
        facts = {"pass": str(issued.id), "by": issued.issuer_told_as, "ends_at": issued.ends_at.isoformat()}
        with transaction.atomic():
            notices.tell(Kind.PASS_STARTS, person=issued.user, facts=facts, key=f"starts:{issued.id}")
