"""``$metadata``: the types that are served, in OData's CSDL, made from the shapes themselves."""

import types
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Union, get_args, get_origin
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic import BaseModel

from graph.shapes import directory, methods, ours, policies, reports
from graph.shapes.base import NAMESPACE, Moment, Shape

OURS = "gatepass"
EDMX, EDM = "http://docs.oasis-open.org/odata/ns/edmx", "http://docs.oasis-open.org/odata/ns/edm"
PRIMITIVE: dict[Any, str] = {str: "Edm.String", int: "Edm.Int32", bool: "Edm.Boolean", datetime: "Edm.DateTimeOffset"}
SETS = {"users": "user", "groups": "group", "directoryRoles": "directoryRole", "organization": "organization"} | {
    "domains": "domain"
}
# Properties of v1.0's types that only beta has.
BETA_ONLY = frozenset({reports.BetaSignIn})


def document() -> bytes:
    """Return the whole document."""
    root = Element("edmx:Edmx", {"Version": "4.0", "xmlns:edmx": EDMX})
    services = SubElement(root, "edmx:DataServices")
    for namespace in (NAMESPACE, OURS):
        schema = SubElement(services, "Schema", {"Namespace": namespace, "xmlns": EDM})
        for shape in _shapes():
            if (OURS if shape.is_ours else NAMESPACE) == namespace:
                _describe(schema, shape)
        if namespace == NAMESPACE:
            _container(schema)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode").encode()


def own_properties(shape: type[Shape]) -> Iterator[tuple[str, str, bool]]:
    """Yield name, type and whether it may be null, of the properties a type has beyond its base."""
    base = _base(shape)
    inherited = set(base.properties()) if base else set()
    for (name, info), written in zip(
        ((name, info) for name, info in shape.model_fields.items() if "@" not in (info.alias or "")),
        shape.properties(),
        strict=True,
    ):
        if written not in inherited:
            kind, is_nullable = _edm(info.annotation if name != "password" else str | None)
            yield written, kind, is_nullable


def _shapes() -> list[type[Shape]]:
    found = {
        shape.type_name(): shape
        for module in (directory, methods, ours, policies, reports)
        for shape in vars(module).values()
        if isinstance(shape, type)
        and issubclass(shape, Shape)
        and "graph_name" in vars(shape)
        and shape.graph_name
        and shape not in BETA_ONLY
    }
    return [found[name] for name in sorted(found)]


def _describe(schema: Element, shape: type[Shape]) -> None:
    attributes = {"Name": shape.graph_name}
    base = _base(shape)
    if base is not None:
        attributes["BaseType"] = f"{OURS if base.is_ours else NAMESPACE}.{base.graph_name}"
    described = SubElement(schema, "ComplexType" if shape.is_complex else "EntityType", attributes)
    properties = list(own_properties(shape))
    if not shape.is_complex and base is None:
        SubElement(SubElement(described, "Key"), "PropertyRef", {"Name": "id"})
    for name, kind, is_nullable in properties:
        SubElement(described, "Property", {"Name": name, "Type": kind} | ({} if is_nullable else {"Nullable": "false"}))


def _container(schema: Element) -> None:
    container = SubElement(schema, "EntityContainer", {"Name": "GraphService"})
    for name, kind in SETS.items():
        SubElement(container, "EntitySet", {"Name": name, "EntityType": f"{NAMESPACE}.{kind}"})
    SubElement(container, "Singleton", {"Name": "me", "Type": f"{NAMESPACE}.user"})


def _base(shape: type[Shape]) -> type[Shape] | None:
    above = shape.__mro__[1]
    return above if issubclass(above, Shape) and above.graph_name else None


def _edm(annotation: Any) -> tuple[str, bool]:
    options = _options(annotation)
    is_nullable = type(None) in options
    kind = next((one for one in options if one is not type(None)), str)
    if get_origin(kind) is list:
        items = [one for one in _options(get_args(kind)[0]) if one is not type(None)]
        # Of several types, the one they all are.
        item = items[0] if len(items) == 1 else _base(items[0]) or items[0]
        return f"Collection({_edm(item)[0]})", is_nullable
    if kind == Moment or getattr(kind, "__metadata__", None):
        return PRIMITIVE[datetime], is_nullable
    if isinstance(kind, type) and issubclass(kind, Shape):
        return f"{OURS if kind.is_ours else NAMESPACE}.{kind.graph_name}", is_nullable
    if get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel | dict)):
        return "Edm.Untyped", is_nullable
    return PRIMITIVE[kind], is_nullable


def _options(annotation: Any) -> Iterable[Any]:
    is_union = get_origin(annotation) in {Union, types.UnionType}
    return get_args(annotation) if is_union else (annotation,)
