"""What every list of the support desk has in common: one organisation's rows, a page at a time, and nothing to change."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.queries.search import Sought, user_ids
from accounts.requests import SignedInRequest
from core.errors import NotFound
from core.paging import Page, page_of
from core.text import Text
from support.columns import Cell, Column, Section, address_of, cells_of, labels_of

CURSOR = "page"  # the parameter of every other list
LONGEST_QUERY = 256

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = ModelAdmin


class Listing(ChangeList):
    """Django's list of rows, found by keyset: no row is counted and none is skipped, however many there are.

    Nothing in the address but the search and the cursor means anything: a filter by a column would answer questions
    about what the page does not show.
    """

    def get_queryset(self, request: HttpRequest, exclude_parameters: object = None) -> QuerySet[Any]:
        """Return what is searched for."""
        self.query = self.query[:LONGEST_QUERY].replace("\x00", "").strip()
        rows, _has_duplicates = self.model_admin.get_search_results(request, self.root_queryset, self.query)
        return rows

    def get_results(self, request: HttpRequest) -> None:
        """Fetch one page."""
        register = cast("Register", self.model_admin)
        self.page: Page[Any] = page_of(self.queryset, order=register.keyset, cursor=request.GET.get(CURSOR, ""))
        self.result_list = self.page.rows
        self.result_count = self.full_result_count = len(self.page.rows)
        self.multi_page = self.can_show_all = False
        register.prepare(request, self.page.rows)

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        """Return the page as it is shown: the address of each row, and its cells."""
        columns = cast("Register", self.model_admin).columns
        return [(address_of(row), cells_of(row, columns)) for row in self.page.rows]


class Register(Base):
    """One list and the page of each row. ``keyset`` is its order, ``in_tenant`` the lookup of whose rows they are.

    ``room`` is the heading it stands under in the navigation. ``leads`` is the column that names a row and leads to its page.
    A list is searched where ``by_person`` is set: it is the lookup of the people found.
    """

    key: ClassVar[str]
    title: ClassVar[Text]
    about: ClassVar[Text]
    room: ClassVar[Text]
    icon: ClassVar[str] = "info"
    columns: ClassVar[Sequence[Column]]
    facts: ClassVar[Sequence[Column]]
    keyset: ClassVar[tuple[str, str]]
    in_tenant: ClassVar[str] = "tenant_id"
    by_person: ClassVar[str] = ""
    search_label: ClassVar[Text] = _("Person")
    search_hint: ClassVar[Text] = _("Name or user name")
    is_only_searched: ClassVar[bool] = False
    leads: ClassVar[int] = 0
    is_single: ClassVar[bool] = False
    related: ClassVar[Sequence[str]] = ()
    actions = None
    show_full_result_count = False
    change_list_template = "admin/list.html"

    def __init__(self, model: type[Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        self.list_display = cast("Any", tuple(self.columns))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Offer a search where there is somebody to search for."""
        return (self.by_person,) if self.by_person else ()

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Allow whoever may come in at all: the rows are of his organisation only."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for the rows."""
        return self.admin_site.has_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let no address filter by a column: that would answer questions about what is not shown."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the caller's organisation."""
        rows: QuerySet[Any] = super().get_queryset(request).filter(**{self.in_tenant: tenant_of(request)})
        return rows.select_related(*self.related) if self.related else rows

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        """Page by keyset."""
        return Listing

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find people through the index of names and narrow the rows to theirs."""
        if not (search_term and self.by_person):
            return (queryset.none() if self.is_only_searched else queryset), False
        return self.sought(queryset, user_ids(Sought(tenant_of(request), search_term))), False

    def sought(self, rows: QuerySet[Any], people: Collection[UUID]) -> QuerySet[Any]:
        """Narrow ``rows`` to those of ``people``."""
        return rows.filter(**{f"{self.by_person}__in": people})

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Fetch what all rows of a page need besides themselves."""

    def get_urls(self) -> list[URLPattern]:
        """Serve the list and the page of a row."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        guard = self.admin_site.admin_view
        return [
            path("", guard(self.changelist_view), name=f"{name}_changelist"),
            *self.more_urls(name, guard),
            path("<path:object_id>/change/", guard(self.change_view), name=f"{name}_change"),
        ]

    def more_urls(self, name: str, guard: Callable[..., Any]) -> list[URLPattern]:
        """Return further pages of a row."""
        return []

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list."""
        context = {"register": self, "current": self.key, "title": self.title}
        return super().changelist_view(request, extra_context=context)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one row. Raises NotFound, for another organisation's row too."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise NotFound("row")
        self.prepare(request, [row])
        return self.page(request, row, {"sections": self.sections(request, row)})

    def name_of(self, row: Any) -> Text:
        """Return what a row is called where its page is headed."""
        return str(row)

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Section]:
        """Return the tables below the facts."""
        return ()

    def page(
        self, request: HttpRequest, row: Any, more: dict[str, Any], *, template: str = "admin/record.html"
    ) -> HttpResponse:
        """Show the facts of a row and whatever stands around them."""
        context = {"register": self, "current": self.key, "name": self.name_of(row), "facts": cells_of(row, self.facts)}
        context |= self.admin_site.each_context(request) | more
        return TemplateResponse(request, template, context)

    @property
    def headings(self) -> list[Text]:
        """Return the labels of the columns."""
        return labels_of(self.columns)

    @property
    def address(self) -> str:
        """Return the name of the list's address."""
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"


class SingleRegister(Register):
    """What an organisation has one of: its list is its page. What was never saved is shown with what holds until then."""

    is_single: ClassVar[bool] = True
    columns: ClassVar[Sequence[Column]] = ()

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the organisation's own."""
        row = self.get_queryset(request).first() or self.model(tenant_id=tenant_of(request))
        return self.page(request, row, {"sections": self.sections(request, row)})

    def get_urls(self) -> list[URLPattern]:
        """Serve that one page."""
        return super().get_urls()[:1]

    def name_of(self, row: Any) -> Text:
        """Name it after what it is."""
        return self.title


def tenant_of(request: HttpRequest) -> UUID:
    """Return the organisation of the caller."""
    return cast("SignedInRequest", request).user.tenant_id
