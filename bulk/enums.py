"""The words of passes for many."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a batch stands."""

    DRAFT = "draft", _("To confirm")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class RowState(TextChoices):
    """Where one person of a batch stands."""

    WAITING = "waiting", _("Waiting")
    ISSUED = "issued", _("Issued")
    REFUSED = "refused", _("Refused")
    SKIPPED = "skipped", _("Skipped")
    UNDONE = "undone", _("Deleted again")


class RowProblem(TextChoices):
    """Why somebody gets no pass, beside what every single issue may say."""

    UNKNOWN = "unknown", _("Nobody in this organisation has this user name.")
    TWICE = "twice", _("This person stands in the list more than once; counted once.")
    HAS_PASS = "has_pass", _("Has an active pass, which was kept.")
    CHANGED = "changed_meanwhile", _("Somebody else changed this person or issued a pass at the same time.")


class OnOpen(TextChoices):
    """What happens to people who have an active pass."""

    REPLACE = "replace", _("Replace it")
    SKIP = "skip", _("Keep it and leave them out")


class Form(TextChoices):
    """How the codes are handed over."""

    SHEETS = "sheets", _("Print sheets")
    ZIP = "zip", _("Encrypted file")
