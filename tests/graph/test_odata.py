"""The grammar of queries: any text gives a result or a clean refusal, and what is read is kept to what is served."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadQuery, Problem
from graph.odata.fields import branches_of
from graph.odata.grammar import Both, Claim, Either, Not, read_filter
from graph.odata.options import Serves, read_options
from graph.odata.paging import Position, read_token, write_token
from graph.queries import GROUPS, ROLE_ASSIGNMENTS, USERS

TENANT = uuid4()
PIECES = [
    *("eq", "ne", "ge", "in", "and", "or", "not", "(", ")", ",", ":", "'", "''", "'a'", "'O''Neil'", "null", "true"),
    *("startswith(displayName,'x')", "endswith(mail,'x')", "displayName", "id", "accountEnabled", "userType", "a/any"),
    *("a/any(t:t/id eq 'x')", "2026-01-01T00:00:00Z", "12", "-1.5", "00000000-0000-0000-0000-000000000001", "\x00"),
]


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
def test_any_filter_is_read_or_refused(text: str) -> None:
    """E11: no text makes the grammar stumble, and none becomes a statement that is not served."""
    try:
        branches_of(read_filter(text), USERS.filters, tenant_id=TENANT)
    except BadQuery:
        return


@given(
    st.dictionaries(
        st.sampled_from(["$top", "top", "$orderby", "$select", "$search", "$count", "$expand", "$x"]), st.text()
    )
)
def test_any_options_are_read_or_refused(options: dict[str, str]) -> None:
    """E11."""
    query = QueryDict(mutable=True)
    query.update(options)
    for serves in (USERS, GROUPS, ROLE_ASSIGNMENTS, Serves()):
        try:
            asked = read_options(query, serves, tenant_id=TENANT)
        except BadQuery:
            continue
        assert set(asked.select) <= set(serves.properties)
        assert 1 <= asked.top <= max(serves.largest_page, serves.page_size)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("displayName eq 'O''Neil'", Claim("displayName", "eq", ("O'Neil",))),
        ("startswith(displayName,'Ade')", Claim("displayName", "startswith", ("Ade",))),
        ("StartsWith( displayName , 'Ade' )", Claim("displayName", "startswith", ("Ade",))),
        ("accountEnabled EQ TRUE", Claim("accountEnabled", "eq", (True,))),
        ("id in ('a', 'b')", Claim("id", "in", ("a", "b"))),
        (
            "at ge 2026-01-09T21:20:02.7215374Z",
            Claim("at", "ge", (datetime(2026, 1, 9, 21, 20, 2, 721537, tzinfo=UTC),)),
        ),
        ("t/any(x:x/id eq 'a')", Claim("t/id", "eq", ("a",), is_any=True)),
        ("m/any(x:x eq 'fido2')", Claim("m", "eq", ("fido2",), is_any=True)),
        ("not (a eq 1)", Not(Claim("a", "eq", (1,)))),
        (
            "a eq 1 or b eq 2 and c eq 3",
            Either((Claim("a", "eq", (1,)), Both((Claim("b", "eq", (2,)), Claim("c", "eq", (3,)))))),
        ),
    ],
)
def test_filters_are_read(text: str, tree: object) -> None:
    assert read_filter(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "bogus zz 1",
        "a eq",
        "a eq 'x",
        "a eq 1)",
        "(" * 200 + "a eq 1" + ")" * 200,
        "not " * 50 + "a eq 1",
        "a eq 'x' " + "or a eq 'x' " * 300,
        "x" * 5000,
        "evil(displayName,'x')",
        "a/any(x:y/id eq 'a')",
        "a/any(x:b/any(z:z/id eq 'a'))",
        "at ge 2026-13-99T00:00:00Z",
        "password startswith 'pbkdf2'",
        "displayName eq 'x'; DROP TABLE accounts_user",
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        branches_of(read_filter(text), USERS.filters, tenant_id=TENANT)


@pytest.mark.parametrize(
    "text",
    [
        "endswith(displayName,'x')",
        "contains(displayName,'x')",
        "not startswith(displayName,'x')",
        "password eq 'x'",
        "webauthn_handle eq 'x'",
        "tenant_id eq '00000000-0000-0000-0000-000000000001'",
        "accountEnabled eq 'yes'",
        "id eq 'no id'",
        "displayName eq 5",
        " or ".join(f"startswith(displayName,'{letter}')" for letter in "abcdef"),
    ],
)
def test_what_no_index_answers_is_refused(text: str) -> None:
    """E11: the properties and statements served are a list; everything else is an error, not a scan."""
    with pytest.raises(BadQuery):
        branches_of(read_filter(text), USERS.filters, tenant_id=TENANT)


def test_many_equal_signs_become_one_branch() -> None:
    ids = " or ".join(f"id eq '{UUID(int=number)}'" for number in range(15))
    assert len(branches_of(read_filter(ids), USERS.filters, tenant_id=TENANT)) == 1


@pytest.mark.parametrize("top", ["0", "-1", "1000", "1000000000", "ten", "1.5", "", "٣", " 1"])
def test_odd_tops_are_refused(top: str) -> None:
    with pytest.raises(BadQuery):
        read_options(QueryDict(f"$top={top}"), USERS, tenant_id=TENANT)


@pytest.mark.parametrize(
    "query",
    [
        "$select=password",
        "$orderby=mail",
        "$orderby=id,displayName",
        "$search=adele",
        "$skip=5",
        "$top=1&top=2",
        "$apply=x",
    ],
)
def test_odd_options_are_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        read_options(QueryDict(query), USERS, tenant_id=TENANT)


@given(st.text(max_size=300))
def test_a_foreign_skip_token_is_refused(token: str) -> None:
    if token:
        with pytest.raises(Problem):
            read_token(token, belongs_to=("tenant", "/users"))


@given(st.integers(0, 9), st.text(max_size=50), st.lists(st.text(max_size=20), max_size=4))
def test_a_skip_token_serves_its_own_query_only(branch: int, cursor: str, owner: list[str]) -> None:
    token = write_token(Position(branch, cursor), belongs_to=owner)
    assert read_token(token, belongs_to=owner) == Position(branch, cursor)
    with pytest.raises(Problem):
        read_token(token, belongs_to=[*owner, "another"])
