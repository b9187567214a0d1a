"""What the policies of all methods have in common."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Self

from django.db import models


class MethodPolicy(models.Model):
    """A tenant's settings for one method; whom they reach stands in MethodTarget.

    ``version`` grows with each change, so that a stale form is found out.
    """

    is_enabled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=320, blank=True)

    class Meta:
        abstract = True

    def having(self, settings: Mapping[str, Any]) -> Self:
        """Return an unsaved copy with some settings changed."""
        changed = copy(self)
        for name, value in settings.items():
            setattr(changed, name, value)
        return changed
