"""People: who they are, how they sign in, where they are signed in, what happened; and the few things to do for them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import Reached, reach
from accounts.enums import Act
from accounts.models import SignInSession, User
from accounts.requests import SignedInRequest
from authmethods.catalogue import passkeys_of
from authmethods.mending import rows_of
from core import clock
from core.templatetags.ui.parts import pill
from support import writes
from support.columns import Section, anchor, column
from support.history import history_of
from support.register import Register
from support.registers.events import EVENT_COLUMNS
from support.registers.methods import PASS_COLUMNS, PASSKEY_COLUMNS, SESSION_COLUMNS, told_state
from tap.models import TemporaryAccessPass
from tap.queries import case_of, holders, holding_of

SHOWN_AT_MOST = 20  # passes and sessions of one person, the newest


WHY_COLUMNS = (
    column(_("Rule"), lambda row: row.asked),
    column(_("Answer"), lambda row: pill(row.answer, row.pill)),
    column(_("Because"), lambda row: row.found),
    column(_("What helps"), lambda row: row.mend and anchor(row.mend.url, row.mend.text)),
)


class PersonRegister(Register):
    """Everybody of the organisation."""

    key, title, icon = "people", _("Users"), "people"
    about = _("Everybody of the organisation, with passes, passkeys, sessions and history.")
    keyset = ("name_key", "id")
    by_person = "pk"
    columns = (
        column(_("Name"), lambda person: person.display_name),
        column(_("User name"), lambda person: person.upn),
        column(_("Kind"), lambda person: person.get_kind_display()),
        column(_("Account"), lambda person: _("Enabled") if person.is_enabled else _("Disabled")),
    )
    facts = (
        column(_("User name"), lambda one: one.user.upn),
        column(_("Mail"), lambda one: one.user.mail),
        column(_("Kind"), lambda one: one.user.get_kind_display()),
        column(_("Account"), lambda one: _("Enabled") if one.user.is_enabled else _("Disabled")),
        column(_("Roles"), lambda one: ", ".join(sorted(str(role.label) for role in one.roles)) or __("None")),
        column(_("Support staff"), lambda one: one.user.is_support_staff),
        column(_("Language"), lambda one: one.user.language_name),
        column(_("Time zone"), lambda one: one.user.time_zone or one.user.tenant.time_zone),
        column(_("Password"), lambda one: __("Set") if one.user.has_password else __("Not set")),
        column(_("Password changed"), lambda one: one.user.password_changed_at),
        column(_("Created"), lambda one: one.user.created_at),
        column(_("Id"), lambda one: one.user.id),
    )

    def sought(self, rows: QuerySet[Any], people: Collection[UUID]) -> QuerySet[Any]:
        """Return those people: sought within the organisation, so their ids are enough (accounts/queries/search.py)."""
        return User.objects.filter(pk__in=people)

    def more_urls(self, name: str, guard: Callable[..., Any]) -> list[URLPattern]:
        """Return a person's other tabs, and what can be done for him."""
        return [
            path("<uuid:user_id>/sessions/", guard(self.sessions_view), name=f"{name}_sessions"),
            path("<uuid:user_id>/history/", guard(self.history_view), name=f"{name}_history"),
            path("<uuid:user_id>/why/", guard(self.why_view), name=f"{name}_why"),
            path("<uuid:user_id>/issue/", guard(writes.issue_pass), name=f"{name}_issue"),
            path("<uuid:user_id>/passes/<uuid:pass_id>/delete/", guard(writes.delete_pass), name=f"{name}_delete_pass"),
            path("<uuid:user_id>/disable/", guard(writes.disable), name=f"{name}_disable"),
            path("<uuid:user_id>/enable/", guard(writes.enable), name=f"{name}_enable"),
            path("<uuid:user_id>/sessions/end/", guard(writes.end_sessions), name=f"{name}_end_sessions"),
        ]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who somebody is and how he signs in. Raises NotFound."""
        reached = _reached(request, unquote(object_id))
        person = reached.user
        passes = list(TemporaryAccessPass.objects.filter(user=person).order_by("-created_at")[:SHOWN_AT_MOST])
        holding = holding_of(person, now=clock.now(), roles=reached.roles)
        for issued in passes:
            is_open = holding.issued is not None and issued.pk == holding.issued.pk
            issued.told = told_state(issued, holding.state if is_open else None)  # type: ignore[attr-defined]
        sections = [
            Section(_("Temporary Access Passes"), PASS_COLUMNS, passes, _("This person never had a pass.")),
            Section(_("Passkeys"), PASSKEY_COLUMNS, passkeys_of(person.id), _("This person has no passkey.")),
        ]
        commands = _commands(reached, holding.issued)
        return self._person_page(request, reached, "overview", sections, commands=commands, has_facts=True)

    @method_decorator(require_safe)
    def sessions_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Show where somebody is and was signed in, newest first. Raises NotFound."""
        reached = _reached(request, user_id)
        rows = SignInSession.objects.filter(user=reached.user).order_by("-authenticated_at")[:SHOWN_AT_MOST]
        section = Section(_("Sign-in sessions"), SESSION_COLUMNS, list(rows), _("This person never signed in."))
        return self._person_page(request, reached, "sessions", [section])

    @method_decorator(require_safe)
    def history_view(  # type: ignore[override]  # Django's takes the key as text
        self, request: HttpRequest, user_id: UUID, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what happened to somebody and what he did, from the audit events. Raises NotFound."""
        reached = _reached(request, user_id)
        history = history_of(reached.user.tenant_id, user_id, before=request.GET.get("before", ""))
        section = Section(_("Events"), EVENT_COLUMNS, history.events, _("Nothing is recorded."))
        next_url = f"{request.path}?before={history.next}" if history.next else ""
        return self._person_page(request, reached, "history", [section], next_url=next_url)

    @method_decorator(require_safe)
    def why_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Show why somebody can or cannot use a pass, rule by rule. Raises NotFound."""
        reached, now = _reached(request, user_id), clock.now()
        rows = rows_of(reached, case_of(reached.user, now=now, roles=reached.roles), now=now)
        section = Section(_("Every rule, in order"), WHY_COLUMNS, rows, "")
        return self._person_page(request, reached, "why", [section])

    def _person_page(
        self, request: HttpRequest, reached: Reached, tab: str, sections: Sequence[Section], **more: Any
    ) -> HttpResponse:
        key = reached.user.id
        tabs = [
            ("overview", reverse("admin:accounts_user_change", args=[key]), _("Overview")),
            ("sessions", reverse("admin:accounts_user_sessions", args=[key]), _("Sign-in sessions")),
            ("history", reverse("admin:accounts_user_history", args=[key]), _("History")),
            ("why", reverse("admin:accounts_user_why", args=[key]), _("Can they use a pass?")),
        ]
        context = {"name": reached.user.display_name, "person": reached.user, "tabs": tabs, "tab": tab}
        return self.page(
            request, reached, context | {"sections": sections, "hides_facts": "has_facts" not in more} | more
        )


def _reached(request: HttpRequest, user_id: UUID | str) -> Reached:
    return reach(cast("SignedInRequest", request).actor, user_id, Act.SUPPORT_VIEW, people=holders())


def _commands(reached: Reached, issued: TemporaryAccessPass | None) -> list[tuple[str, str, str]]:
    """Return what the caller's own roles let him do for the person: icon, address, words."""
    person = reached.user
    offered: list[tuple[Act, str, str, list[UUID], str]] = [
        (Act.PASS_ISSUE, "add", "issue", [], __("Issue a pass")),
        (Act.USERS_DISABLE, "lock", "disable", [], __("Disable"))
        if person.is_enabled
        else (Act.USERS_DISABLE, "check", "enable", [], __("Enable")),
        (Act.SESSIONS_REVOKE, "exit", "end_sessions", [], __("End all sessions")),
    ]
    if issued is not None:
        offered.insert(1, (Act.PASS_DELETE, "delete", "delete_pass", [issued.id], __("Delete pass")))
    return [
        (icon, reverse(f"admin:accounts_user_{view}", args=[person.id, *more]), words)
        for act, icon, view, more, words in offered
        if reached.may(act)
    ]
