"""Groups, roles, the organisation and its domains."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from accounts.queries import group_page
from accounts.queries.search import Sought, group_ids
from core.text import Text
from core.wording import duration
from support.columns import Section, column, enabled, link
from support.register import CURSOR, Register, SingleRegister, tenant_of
from support.rooms import ORGANISATION, PEOPLE


class GroupRegister(Register):
    """Groups and who is in them."""

    key, title, icon = "groups", _("Groups"), "groups"
    room = PEOPLE
    about = _("Groups, their members and the groups they stand in.")
    keyset = ("name_key", "id")
    by_person = "pk"
    search_label, search_hint = _("Group"), _("A part of the name")
    columns = (
        column(_("Name"), lambda group: group.name),
        column(_("Description"), lambda group: group.description),
        column(_("Created"), lambda group: group.created_at),
    )
    facts = (*columns[1:], column(_("Id"), lambda group: group.id))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find groups by name, within the organisation, so that their ids are enough."""
        if not search_term:
            return queryset, False
        return Group.objects.filter(pk__in=group_ids(Sought(tenant_of(request), search_term))), False

    def page(self, request: HttpRequest, row: Any, more: dict[str, Any], **how: str) -> HttpResponse:
        """Show the members a page at a time."""
        members = group_page(row, cursor=request.GET.get(CURSOR, ""))
        by_name = (column(_("Name"), str),)
        people = (
            column(_("Name"), lambda person: person.display_name),
            column(_("User name"), lambda person: person.upn),
        )
        sections = [
            Section(
                _("Direct members"),
                people,
                members.people,
                _("Nobody is a direct member of this group."),
                is_linked=True,
            ),
            Section(
                _("Groups in this group"), by_name, members.children, _("No group is in this group."), is_linked=True
            ),
            Section(_("Member of"), by_name, members.parents, _("This group is in no other."), is_linked=True),
        ]
        return super().page(request, row, more | {"sections": sections, "page": members}, **how)


class RoleRegister(Register):
    """Who was given which role."""

    key, title, icon = "roles", _("Role assignments"), "roles"
    room, leads = PEOPLE, 1
    about = _("Which people and groups were given which role.")
    keyset = ("role", "id")
    by_person = "user_id"
    related = ("user", "group")
    columns = (
        column(_("Role"), lambda given: given.get_role_display()),
        column(_("Given to"), lambda given: given.user.display_name if given.user else given.group.name),
        column(_("As"), lambda given: _("User") if given.user else _("Group")),
    )
    facts = (
        columns[0],
        column(
            _("Given to"), lambda given: link(given.user, given.user.display_name) if given.user else link(given.group)
        ),
        columns[2],
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out who is deleted: he holds no role until he is restored."""
        return super().get_queryset(request).filter(user__deleted_at__isnull=True)

    def name_of(self, row: Any) -> Text:
        """Name it by its role."""
        return cast("str", row.get_role_display())


class TenantRegister(SingleRegister):
    """The caller's own organisation."""

    key, title, icon = "organisation", _("Settings"), "settings"
    room = ORGANISATION
    about = _("The organisation's settings for signing in and for administration.")
    keyset = ("name", "id")
    in_tenant = "pk"
    facts = (
        column(_("Name"), lambda tenant: tenant.name),
        column(_("State"), lambda tenant: enabled(tenant.is_enabled)),
        column(_("Time zone"), lambda tenant: tenant.time_zone),
        column(_("Service desk"), lambda tenant: tenant.service_desk),
        column(_("Sign-in that changes need"), lambda tenant: tenant.get_issuer_strength_display()),
        column(_("Asking for a pass"), lambda tenant: tenant.get_pass_prompt_display()),
        column(_("Changes need a sign-in within"), lambda tenant: duration(tenant.admin_fresh_minutes)),
        column(_("Own methods need a sign-in within"), lambda tenant: duration(tenant.methods_fresh_minutes)),
        column(_("Created"), lambda tenant: tenant.created_at),
        column(_("Id"), lambda tenant: tenant.id),
    )


class DomainRegister(Register):
    """The domains user names end in."""

    key, title, icon = "domains", _("Domains"), "globe"
    room = ORGANISATION
    about = _("The domains that user names end in, and who checks their sign-in.")
    keyset = ("name", "name")
    columns = (
        column(_("Name"), lambda domain: domain.name),
        column(_("Sign-in"), lambda domain: domain.get_kind_display()),
        column(_("Verified"), lambda domain: domain.is_verified),
        column(_("Default"), lambda domain: domain.is_default),
    )
    facts = columns
