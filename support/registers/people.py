"""People: who they are, how they sign in, where they are signed in, what happened; and the few things to do for them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import Reached, reach
from accounts.enums import Act
from accounts.models import SignInSession, User
from accounts.queries import memberships_of
from accounts.requests import SignedInRequest
from audit import queries as log
from audit.queries import Filters
from authmethods.catalogue import passkeys_of
from authmethods.views.why import answer_about
from core import clock
from core.text import Text
from support import writes
from support.columns import Section, column, enabled, link
from support.register import CURSOR, Register
from support.registers.events import EVENT_COLUMNS, told
from support.registers.methods import PASS_COLUMNS, PASSKEY_COLUMNS, SESSION_COLUMNS, told_state
from support.rooms import PEOPLE
from tap.models import TemporaryAccessPass
from tap.queries import holders, holding_of

SHOWN_AT_MOST = 20  # passes and sessions of one person, the newest


def _membership(held: Any) -> Text:
    if not held.through:
        return gettext("directly")
    words = gettext("directly and through %(groups)s") if held.is_direct else gettext("through %(groups)s")
    return words % {"groups": ", ".join(held.through)}


GROUP_COLUMNS = (
    column(_("Group"), lambda held: link(held.group)),
    column(_("Member"), _membership),
)


class PersonRegister(Register):
    """Everybody of the organisation."""

    key, title, icon = "people", _("Users"), "people"
    room = PEOPLE
    about = _("Everybody of the organisation, with passes, passkeys, sessions and history.")
    keyset = ("name_key", "id")
    by_person = "pk"
    columns = (
        column(_("Name"), lambda person: person.display_name),
        column(_("User name"), lambda person: person.upn),
        column(_("Kind"), lambda person: person.get_kind_display()),
        column(_("Account"), lambda person: enabled(person.is_enabled)),
    )
    facts = (
        column(_("User name"), lambda one: one.user.upn),
        column(_("Mail"), lambda one: one.user.mail),
        column(_("Kind"), lambda one: one.user.get_kind_display()),
        column(_("Account"), lambda one: enabled(one.user.is_enabled)),
        column(_("Roles"), lambda one: ", ".join(sorted(str(role.label) for role in one.roles)) or gettext("None")),
        column(_("Support staff"), lambda one: one.user.is_support_staff),
        column(_("Language"), lambda one: one.user.language_name),
        column(_("Time zone"), lambda one: one.user.time_zone or one.user.tenant.time_zone),
        column(_("Password"), lambda one: gettext("Set") if one.user.has_password else gettext("Not set")),
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
            path("<uuid:user_id>/groups/", guard(self.groups_view), name=f"{name}_groups"),
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
            Section(
                _("Temporary Access Passes"), PASS_COLUMNS, passes, _("This person never had a pass."), is_linked=True
            ),
            Section(
                _("Passkeys"), PASSKEY_COLUMNS, passkeys_of(person.id), _("This person has no passkey."), is_linked=True
            ),
        ]
        commands = _commands(reached, holding.issued)
        return self._person_page(request, reached, "overview", sections, commands=commands, has_facts=True)

    @method_decorator(require_safe)
    def sessions_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Show where somebody is and was signed in, newest first. Raises NotFound."""
        reached = _reached(request, user_id)
        rows = SignInSession.objects.filter(user=reached.user).order_by("-authenticated_at")[:SHOWN_AT_MOST]
        section = Section(
            _("Sign-in sessions"), SESSION_COLUMNS, list(rows), _("This person never signed in."), is_linked=True
        )
        return self._person_page(request, reached, "sessions", [section])

    @method_decorator(require_safe)
    def groups_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Show the groups somebody is in, directly and through others. Raises NotFound."""
        reached = _reached(request, user_id)
        page, held = memberships_of(reached.user, cursor=request.GET.get(CURSOR, ""))
        section = Section(_("Groups"), GROUP_COLUMNS, held, _("This person is in no group."))
        return self._person_page(request, reached, "groups", [section], page=page)

    @method_decorator(require_safe)
    def history_view(  # type: ignore[override]  # Django's takes the key as text
        self, request: HttpRequest, user_id: UUID, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what happened to somebody and what he did, from the audit events. Raises NotFound."""
        reached = _reached(request, user_id)
        page = log.page(reached.user.tenant_id, Filters(person=user_id), cursor=request.GET.get(CURSOR, ""))
        nothing = _("Nothing is recorded.")
        section = Section(_("Events"), EVENT_COLUMNS, told(page.rows), nothing, leads=1, is_linked=True)
        return self._person_page(request, reached, "history", [section], page=page)

    @method_decorator(require_safe)
    def why_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Show why somebody can or cannot use a pass, rule by rule. Raises NotFound."""
        reached = _reached(request, user_id)
        answer = answer_about(reached, issue_at="admin:accounts_user_issue")
        return self._person_page(request, reached, "why", [], **answer)

    def _person_page(
        self, request: HttpRequest, reached: Reached, tab: str, sections: Sequence[Section], **more: Any
    ) -> HttpResponse:
        key = reached.user.id
        tabs = [
            ("overview", reverse("admin:accounts_user_change", args=[key]), _("Overview")),
            ("sessions", reverse("admin:accounts_user_sessions", args=[key]), _("Sign-in sessions")),
            ("groups", reverse("admin:accounts_user_groups", args=[key]), _("Groups")),
            ("history", reverse("admin:accounts_user_history", args=[key]), _("History")),
            ("why", reverse("admin:accounts_user_why", args=[key]), _("Can they use a pass?")),
        ]
        context = {"name": reached.user.display_name, "person": reached.user, "tabs": tabs, "tab": tab}
        context |= {"sections": sections, "hides_facts": "has_facts" not in more} | more
        return self.page(request, reached, context, template="admin/why.html" if tab == "why" else "admin/record.html")


def _reached(request: HttpRequest, user_id: UUID | str) -> Reached:
    return reach(cast("SignedInRequest", request).actor, user_id, Act.SUPPORT_VIEW, people=holders())


def _commands(reached: Reached, issued: TemporaryAccessPass | None) -> list[tuple[str, str, str]]:
    """Return what the caller's own roles let him do for the person: icon, address, words."""
    person = reached.user
    offered: list[tuple[Act, str, str, list[UUID], str]] = [
        (Act.PASS_ISSUE, "add", "issue", [], gettext("Issue a pass")),
        (Act.USERS_DISABLE, "lock", "disable", [], gettext("Disable"))
        if person.is_enabled
        else (Act.USERS_DISABLE, "check", "enable", [], gettext("Enable")),
        (Act.SESSIONS_REVOKE, "exit", "end_sessions", [], gettext("End all sessions")),
    ]
    if issued is not None:
        offered.insert(1, (Act.PASS_DELETE, "delete", "delete_pass", [issued.id], gettext("Delete pass")))
    return [
        (icon, reverse(f"admin:accounts_user_{view}", args=[person.id, *more]), words)
        for act, icon, view, more, words in offered
        if reached.may(act)
    ]
