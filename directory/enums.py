"""The words of an import."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ImportState(TextChoices):
    """Where an import stands."""

    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("To confirm")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class RowState(TextChoices):
    """Where one line of an import stands."""

    GOOD = "good", _("Can be imported")
    LEFT_OUT = "left_out", _("Left out")
    BAD = "bad", _("Can't be imported")
    CREATED = "created", _("Imported")
    REFUSED = "refused", _("Refused meanwhile")
