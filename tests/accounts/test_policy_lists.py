"""The lists of a policy, as the database keeps them: the same on SQLite and on PostgreSQL."""

from types import SimpleNamespace

import pytest
from django.core import checks
from django.db import IntegrityError, transaction

from accounts.enums import MethodKind, TargetSide
from accounts.models import Group, MethodTarget
from core import clock


@pytest.mark.parametrize("whom", ["user", "group", "all"])
def test_nobody_is_on_a_list_twice(world: SimpleNamespace, whom: str) -> None:
    group = Group.objects.create(tenant=world.fabrikam, name="Night shift", created_at=clock.now())
    line = {"tenant": world.fabrikam, "method": MethodKind.FIDO2} | {
        "user": {"user": world.zed},
        "group": {"group": group},
        "all": {},
    }[whom]
    MethodTarget.objects.filter(**line).delete()
    MethodTarget.objects.create(**line, side=TargetSide.INCLUDE)
    with pytest.raises(IntegrityError), transaction.atomic():
        MethodTarget.objects.create(**line, side=TargetSide.INCLUDE)
    if whom != "all":
        MethodTarget.objects.create(**line, side=TargetSide.EXCLUDE)


@pytest.mark.django_db
def test_the_database_keeps_every_constraint_there_is() -> None:
    """What one of the two cannot keep is a warning of Django's."""
    assert checks.run_checks(tags=["models"], databases=["default"]) == []
