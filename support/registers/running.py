"""What is under way without anybody waiting for it: notices by mail, and the work of the queue."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus

from bulk.models import Batch
from core.templatetags.ui.parts import pill
from core.templatetags.ui.times import moment
from core.text import Text
from directory.models import Import
from notices.enums import Outcome
from oidc.models import Application
from support.columns import TIME, column, link
from support.register import Register, tenant_of
from support.rooms import WHAT_HAPPENED

MOST_OWNERS = 500  # of each kind whose tasks are listed, the newest

STATES: Mapping[str, tuple[Text, str]] = {
    TaskResultStatus.READY: (_("Waiting"), "info"),
    TaskResultStatus.RUNNING: (_("Under way"), "info"),
    TaskResultStatus.SUCCESSFUL: (_("Done"), "ok"),
    TaskResultStatus.FAILED: (_("Given up"), "bad"),
}
WORK: Mapping[str, Text] = {
    "directory.tasks.check_import": _("Check a file of people"),
    "directory.tasks.run_import": _("Import people"),
    "bulk.tasks.issue_batch": _("Issue passes to many"),
    "oidc.tasks.tell_signed_out": _("Tell an application of a sign-out"),
}


OUTCOMES = {Outcome.WAITING: "info", Outcome.SENT: "ok", Outcome.NO_ADDRESS: "warn", Outcome.GIVEN_UP: "bad"}


def _state(notice: Any) -> SafeString:
    if notice.next_try_at is not None and notice.tries:
        return pill(gettext("Not sent yet; tried before"), "warn")
    outcome = Outcome(notice.outcome)
    return pill(str(outcome.label), OUTCOMES[outcome])


NOTICE_COLUMNS = (
    column(TIME, lambda notice: moment(notice.due_at)),
    column(_("What it tells"), lambda notice: notice.what.label),
    column(_("To"), lambda notice: notice.person.display_name if notice.person else _("Administrators")),
    column(_("State"), _state),
)


class NoticeRegister(Register):
    """Who was told what. The link of a mail, by which its reader can end something, is not shown."""

    key, title, icon = "notices", _("Notices"), "mail"
    room, leads = WHAT_HAPPENED, 1
    about = _("Who was told what by mail in the last 30 days, and what became of it.")
    keyset = ("-due_at", "id")
    by_person = "person_id"
    related = ("person",)
    columns = NOTICE_COLUMNS
    facts = (
        column(_("Time"), lambda notice: notice.due_at),
        column(
            _("To"),
            lambda notice: link(notice.person, notice.person.display_name) if notice.person else _("Administrators"),
        ),
        column(_("State"), _state),
        column(_("Sent to"), lambda notice: "\n".join(notice.sent_to)),
        column(_("Tries"), lambda notice: notice.tries),
        column(_("Next try"), lambda notice: notice.next_try_at),
        column(_("Answered “That was not me”"), lambda notice: notice.denied_at),
        column(_("Id"), lambda notice: notice.id),
    )

    def name_of(self, row: Any) -> Text:
        """Name it by what it tells."""
        what: Text = row.what.label
        return what


def _work(task: Any) -> Text:
    return WORK.get(task.task_path, task.task_path)


TASK_COLUMNS = (
    column(TIME, lambda task: moment(task.enqueued_at)),
    column(_("Work"), _work),
    column(_("For"), lambda task: task.about),
    column(_("State"), lambda task: pill(*map(str, STATES.get(task.status, (task.status, ""))))),
    column(_("Last error"), lambda task: task.exception_class_path.rpartition(".")[2]),
)


class TaskRegister(Register):
    """The queue's work for one organisation: whatever names something of it first."""

    key, title, icon = "tasks", _("Background work"), "task"
    room, leads = WHAT_HAPPENED, 1
    about = _("Imports, bulk issue and messages to applications: what waits, what is under way, and what went wrong.")
    keyset = ("-enqueued_at", "id")
    columns = TASK_COLUMNS
    facts = (
        *TASK_COLUMNS[2:4],
        column(_("Put in"), lambda task: task.enqueued_at),
        column(_("Not before"), lambda task: task.run_after if task.run_after.year < 9999 else None),  # noqa: PLR2004  the queue's word for "at once"
        column(_("Started"), lambda task: task.started_at),
        column(_("Finished"), lambda task: task.finished_at),
        column(_("Tries"), lambda task: len(task.worker_ids)),
        column(_("Last error"), lambda task: task.exception_class_path),
        column(_("Queue"), lambda task: task.queue_name),
        column(_("Id"), lambda task: task.id),
    )

    def name_of(self, row: Any) -> Text:
        """Name it by what is done."""
        return _work(row)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Fetch what the tasks are about: the file, the batch or the application that each names first."""
        keys = {row.args_kwargs["args"][0] for row in rows}
        imports, *others = (
            of.objects.filter(pk__in=keys).values_list("pk", name)
            for of, name in ((Import, "source"), (Batch, "source"), (Application, "name"))
        )
        names = {str(key): name for key, name in imports.union(*others, all=True)}
        for row in rows:
            row.about = names.get(row.args_kwargs["args"][0], "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the tasks about what the caller's organisation has: a task belongs to nobody by itself."""
        tenant_id = tenant_of(request)
        owners = chain.from_iterable(
            of.objects.filter(tenant_id=tenant_id).order_by(order).values_list("pk", flat=True)[:MOST_OWNERS]
            for of, order in ((Import, "-created_at"), (Batch, "-created_at"), (Application, "-id"))
        )
        tasks: QuerySet[Any] = self.model._default_manager.filter(args_kwargs__args__0__in=list(map(str, owners)))  # noqa: SLF001  Django's documented way
        return tasks
