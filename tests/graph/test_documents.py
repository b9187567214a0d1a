"""What describes the API says what it does."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

from django.test import Client

from graph.csdl import own_properties
from graph.shapes.base import Shape
from tap.actions import Issued
from tests.graph.conftest import ApiOf
from tests.graph.routes import operations
from tests.graph.test_routes import ids

__all__ = ["ids"]

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
# Of Graph's own CSDL (v1.0, August 2026): what clients made from it look for.
GRAPHS_OWN = {
    "temporaryAccessPassAuthenticationMethod": {
        "isUsable": "Edm.Boolean",
        "isUsableOnce": "Edm.Boolean",
        "lifetimeInMinutes": "Edm.Int32",
        "methodUsabilityReason": "Edm.String",
        "startDateTime": "Edm.DateTimeOffset",
        "temporaryAccessPass": "Edm.String",
    },
    "temporaryAccessPassAuthenticationMethodConfiguration": {
        "defaultLength": "Edm.Int32",
        "defaultLifetimeInMinutes": "Edm.Int32",
        "isUsableOnce": "Edm.Boolean",
        "maximumLifetimeInMinutes": "Edm.Int32",
        "minimumLifetimeInMinutes": "Edm.Int32",
        "includeTargets": "Collection(microsoft.graph.authenticationMethodTarget)",
    },
    "fido2AuthenticationMethod": {
        "aaGuid": "Edm.String",
        "attestationCertificates": "Collection(Edm.String)",
        "attestationLevel": "Edm.String",
        "displayName": "Edm.String",
        "model": "Edm.String",
        "passkeyType": "Edm.String",
    },
}


def described() -> dict[str, dict[str, str]]:
    """Return the properties of every type of the metadata, those of its bases with them."""
    root = ET.fromstring(Client().get("/graph/v1.0/$metadata").content)  # noqa: S314  our own
    own, bases = {}, {}
    for kind in ("EntityType", "ComplexType"):
        for one in root.iter(f"{EDM}{kind}"):
            own[one.attrib["Name"]] = {each.attrib["Name"]: each.attrib["Type"] for each in one.iter(f"{EDM}Property")}
            bases[one.attrib["Name"]] = one.attrib.get("BaseType", "").rpartition(".")[2]

    def whole(name: str) -> dict[str, str]:
        return (whole(bases[name]) if bases[name] else {}) | own[name]

    return {name: whole(name) for name in own}


def test_the_metadata_is_what_graphs_own_says(db: None) -> None:
    """E13."""
    types = described()
    for name, properties in GRAPHS_OWN.items():
        assert properties.items() <= types[name].items()


def test_the_metadata_is_what_is_answered(
    world: SimpleNamespace, api: ApiOf, ids: dict[str, str], give_pass: Callable[..., Issued]
) -> None:
    """E13: every answer has the properties of its type, of the kinds the metadata says, and no other."""
    types, grace, seen = described(), api(world.grace), set[str]()
    for one in operations():
        if one.method == "GET" and one.name != "count_users" and not one.name.startswith("get_creation"):
            answer = grace.get(one.address(ids))
            if answer.status_code == 200:
                body = answer.json()
                for item in body.get("value", [body]):
                    seen |= check(item, types, one.name)
    assert {
        "user",
        "group",
        "temporaryAccessPassAuthenticationMethod",
        "fido2AuthenticationMethodConfiguration",
    } <= seen


def check(item: dict[str, Any], types: dict[str, dict[str, str]], name: str) -> set[str]:
    kind = str(item.get("@odata.type", "")).rpartition(".")[2]
    if not kind:
        return set()
    for key, value in item.items():
        if "@" not in key:
            assert key in types[kind], (name, kind, key)
            assert fits(value, types[kind][key]), (name, kind, key, value)
    return {kind}


def fits(value: Any, kind: str) -> bool:
    if value is None:
        return True
    if kind.startswith("Collection("):
        return isinstance(value, list)
    expected: Any = {"Edm.String": str, "Edm.DateTimeOffset": str, "Edm.Boolean": bool, "Edm.Int32": int}.get(
        kind, dict
    )
    return isinstance(value, expected) and (kind != "Edm.DateTimeOffset" or value.endswith("Z"))


def test_every_type_can_be_described() -> None:
    for shape in Shape.__subclasses__():
        if shape.graph_name:
            assert all(kind for _, kind, _ in own_properties(shape))


def test_the_openapi_document_has_every_operation(db: None) -> None:
    document = Client().get("/graph/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    listed = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert listed == {(one.path, one.method) for one in operations()}
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    assert all(one["x-permissions"]["anyOf"] for methods in document["paths"].values() for one in methods.values())
    ours = {path for path, methods in document["paths"].items() if "x-beyond-graph" in next(iter(methods.values()))}
    assert ours == {path for path, _ in listed if path.startswith("/gatepass/")}


def test_the_page_of_it_is_plain(db: None) -> None:
    page = Client().get("/graph/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "temporaryAccessPassMethods" in text
    assert "UserAuthMethod-TAP.ReadWrite.All" in text
    assert "style=" not in text
    assert "<script>" not in text
