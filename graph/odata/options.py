"""The query options of one request: read once, each checked against what the resource serves."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict

from graph.errors import BadQuery, Unsupported
from graph.odata.fields import Branch, Fields, Order, branches_of
from graph.odata.grammar import Tree, read_filter

NAMES = frozenset({"filter", "orderby", "select", "search", "top", "count", "skiptoken", "expand"})
UNSERVED = frozenset({"skip", "format", "apply", "compute", "deltatoken", "levels", "index"})
PAGE_SIZE, LARGEST_PAGE = 100, 999
LONGEST_OPTION = 4000  # characters
ORDER = re.compile(r"(?P<property>[\w/]+)(?:\s+(?P<way>asc|desc))?", re.IGNORECASE)
WHOLE = re.compile(r"[0-9]{1,9}")
TERM = re.compile(r'"(?:(?P<property>\w+):)?(?P<term>[^"]*)"')


@dataclass(frozen=True)
class Serves:
    """What a resource lets clients ask for. Empty: not that option. ``properties``: what it can be asked to select."""

    properties: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    filters: Fields = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    search: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    is_paged: bool = False
    is_small: bool = False  # a list in memory: any property can be filtered by
    page_size: int = PAGE_SIZE
    largest_page: int = LARGEST_PAGE

    @property
    def options(self) -> list[str]:
        """Return the names of the options served here."""
        served = {
            "select": self.properties,
            "filter": self.filters or self.is_small,
            "orderby": self.orders,
            "search": self.search,
            "expand": self.expand,
            "top": self.is_paged,
            "count": self.is_paged,
            "skiptoken": self.is_paged,
        }
        return [name for name, what in served.items() if what]


@dataclass(frozen=True)
class Search:
    """A ``$search``: a term, and the property it must stand in (empty: any)."""

    term: str
    within: str = ""


@dataclass(frozen=True)
class Asked:
    """What a client asks for, read."""

    select: tuple[str, ...] = ()
    is_selected: bool = False
    branches: tuple[Branch, ...] = (Branch(),)
    tree: Tree | None = None
    order: Order | None = None
    search: Search | None = None
    expand: frozenset[str] = frozenset()
    top: int = PAGE_SIZE
    wants_count: bool = False
    skiptoken: str = ""
    identity: tuple[str, ...] = ()  # what a skip token belongs to


def read_options(query: QueryDict, serves: Serves, *, tenant_id: UUID) -> Asked:
    """Read the options of a request, with or without ``$``. Raises BadQuery, Unsupported."""
    options = _options(query, serves)
    order = _order(options.get("orderby"), serves)
    tree = read_filter(options["filter"]) if "filter" in options else None
    branches = _branches(tree, serves, tenant_id)
    if order is not None and len(branches) > 1:
        raise Unsupported("$orderby is not served together with alternatives in $filter.")
    search = _search(options.get("search"), serves)
    if search is not None and (order is not None or "filter" in options):
        raise Unsupported("$search is served alone: not together with $filter or $orderby.")
    select = _named(options.get("select"), serves.properties, "select")
    return Asked(
        select=select or serves.default or serves.properties,
        is_selected=bool(select),
        branches=branches,
        tree=tree,
        order=order,
        search=search,
        expand=frozenset(_named(options.get("expand"), serves.expand, "expand")),
        top=_top(options.get("top"), serves),
        wants_count=_flag(options.get("count")),
        skiptoken=options.get("skiptoken", ""),
        identity=tuple(options.get(name, "") for name in ("filter", "orderby", "search")),
    )


def _options(query: QueryDict, serves: Serves) -> dict[str, str]:
    found: dict[str, str] = {}
    for written in query:
        name = written.removeprefix("$").lower()
        if name not in NAMES | UNSERVED:
            if written.startswith("$"):
                raise BadQuery(f"The query option '{written[:40]}' is not known.")
            continue
        values = query.getlist(written)
        if name in found or len(values) > 1:
            raise BadQuery(f"The query option '${name}' stands there twice.")
        if name not in serves.options:
            raise BadQuery(f"The query option '${name}' is not served here.")
        if len(values[0]) > LONGEST_OPTION or "\x00" in values[0]:
            raise BadQuery(f"The query option '${name}' cannot be read.")
        found[name] = values[0]
    return found


def _branches(tree: Tree | None, serves: Serves, tenant_id: UUID) -> tuple[Branch, ...]:
    if tree is None or serves.is_small:
        return (Branch(),)
    return tuple(branches_of(tree, serves.filters, tenant_id=tenant_id))


def _order(text: str | None, serves: Serves) -> Order | None:
    if text is None:
        return None
    found = ORDER.fullmatch(text.strip())
    if found is None:
        raise BadQuery("$orderby takes one property, and asc or desc.")
    order = next((order for name, order in serves.orders.items() if name.lower() == found["property"].lower()), None)
    if order is None:
        raise Unsupported(f"Sorting by '{found['property'][:60]}' is not served here.")
    if (found["way"] or "asc").lower() == "asc":
        return order
    first, second = order
    return f"-{first}", f"-{second}"


def _search(text: str | None, serves: Serves) -> Search | None:
    if text is None:
        return None
    found = TERM.fullmatch(text.strip())
    if found is None:
        raise BadQuery('$search takes one term in quotation marks: "displayName:adele".')
    within = found["property"] or ""
    allowed = {name.lower(): name for name in serves.search}
    if within and within.lower() not in allowed:
        raise Unsupported(f"Searching in '{within[:60]}' is not served here.")
    if not found["term"].strip():
        raise BadQuery("$search needs a term.")
    return Search(found["term"].strip(), allowed.get(within.lower(), ""))


def _named(text: str | None, known: Collection[str], option: str) -> tuple[str, ...]:
    if text is None:
        return ()
    by_lower = {name.lower(): name for name in known}
    chosen: dict[str, None] = {}
    for part in text.split(","):
        name = part.strip()
        if name == "*":
            return tuple(known)
        if name.lower() not in by_lower:
            raise BadQuery(f"Could not find a property named '{name[:60]}' for ${option}.")
        chosen[by_lower[name.lower()]] = None
    return tuple(chosen)


def _top(text: str | None, serves: Serves) -> int:
    if text is None:
        return serves.page_size
    # Graph answers more than its largest page with an error too.
    if not WHOLE.fullmatch(text) or not 1 <= int(text) <= serves.largest_page:
        raise BadQuery(f"$top takes a whole number from 1 to {serves.largest_page}.")
    return int(text)


def _flag(text: str | None) -> bool:
    if text is None or text.lower() == "false":
        return False
    if text.lower() != "true":
        raise BadQuery("$count takes true or false.")
    return True
