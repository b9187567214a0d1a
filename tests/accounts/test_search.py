"""The search by part of a name: right after every change, tenants apart, and through an index only."""

import importlib
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import UserKind
from accounts.models import Group, Tenant, User
from accounts.queries import Counted, find_principals, find_users, group_listing, user_listing
from accounts.queries import search as search_module
from accounts.queries.search import Sought, group_ids, user_ids
from config.demo import make_world
from core import clock

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite's triggers")


def found(world: SimpleNamespace, term: str, **wishes: Any) -> list[str]:
    """Whom Contoso's administrators find, in the order found."""
    ids = user_ids(Sought(world.contoso.id, term, **wishes))
    people = User.objects.in_bulk(ids)
    return [people[one].upn for one in ids]


def add(tenant: Tenant, upn: str, name: str, **more: Any) -> User:
    return User.objects.create(tenant=tenant, upn=upn, display_name=name, created_at=clock.now(), **more)


@pytest.mark.parametrize(
    ("term", "upn"),
    [
        ("ontaine", "mia@contoso.com"),
        ("MIA FONT", "mia@contoso.com"),
        ("font mia", "mia@contoso.com"),
        ("fontaine m", "mia@contoso.com"),
        ("ia fo", "mia@contoso.com"),
        ("p us", "tapuser@contoso.com"),
        ("  fontaine  ", "mia@contoso.com"),
        ("ﬁchte", "fichte@contoso.com"),
        ("Strasse", "hs@contoso.com"),
        ("straße", "hs@contoso.com"),
        ("grand-père", "gp@contoso.com"),
        ("GRAND-PERE", "gp@contoso.com"),
        ("pépé", "pépé@contoso.com"),
        ("the.old.one@mail.example", "gp@contoso.com"),
        ("OLD.ONE", "gp@contoso.com"),
        ("王小明", "wang@contoso.com"),
        ("小明", None),
        ("王", "wang@contoso.com"),
        ("😀😀😀", "emoji@contoso.com"),
        ("100%", "percent@contoso.com"),
        ("a_b", "underscore@contoso.com"),
        ("c\\d", "backslash@contoso.com"),
        ('"quo', "quotes@contoso.com"),
        ("o'ne", "oneill@contoso.com"),
        ("#EXT#", "vera_fabrikam.com#EXT#@contoso.com"),
        ("(or", "brackets@contoso.com"),
    ],
)
def test_it_finds_one_person_by_part_of_what_they_are_called(
    world: SimpleNamespace, term: str, upn: str | None
) -> None:
    for local, name, mail in (
        ("fichte", "Johann ﬁchte", ""),
        ("hs", "Hauptstraße", ""),
        ("gp", "Le Grand-Père", "The.Old.One@Mail.example"),
        ("pépé", "Somebody", ""),
        ("wang", "王小明", ""),
        ("emoji", "Smile 😀😀😀😀", ""),
        ("percent", "Who 100% is", ""),
        ("hundred", "Who 1000 is", ""),
        ("underscore", "xa_bx", ""),
        ("dot", "xacbx", ""),
        ("backslash", "xc\\dx", ""),
        ("quotes", 'The "quoted"', ""),
        ("oneill", "Shaquille O'Neill", ""),
        ("brackets", "One (or two)", ""),
    ):
        add(world.contoso, f"{local}@contoso.com", name, mail=mail)
    assert found(world, term) == ([upn] if upn else [])


@pytest.mark.parametrize("term", ["", "   ", "\u0301", "x" * 321, "%", "_", "Off", "Int", "OFF", "contoso -gil"])
def test_it_finds_nobody_without_a_match(world: SimpleNamespace, term: str) -> None:
    User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
    assert found(world, term) == []


def test_a_whole_user_name_finds_its_owner_alone(world: SimpleNamespace) -> None:
    add(world.contoso, "x.mia@contoso.com", "Somebody else", mail="mia@contoso.com")
    assert found(world, "Mia@Contoso.com") == ["mia@contoso.com"]
    assert set(found(world, "mia@contoso.co")) == {"mia@contoso.com", "x.mia@contoso.com"}


def test_one_or_two_letters_find_how_a_name_begins(world: SimpleNamespace) -> None:
    assert found(world, "m") == ["user3@contoso.com", "mia@contoso.com"]
    assert found(world, "mi") == ["mia@contoso.com"]
    assert found(world, "us") == ["user2@contoso.com", "user3@contoso.com"]


def test_it_offers_names_that_begin_with_the_term_first(world: SimpleNamespace) -> None:
    for number in range(5):
        add(world.contoso, f"first{number}@contoso.com", f"Aaron Zimt {number}")
    add(world.contoso, "late@contoso.com", "Zimt Late")
    assert [one["name"] for one in find_principals(world.contoso.id, "zimt", limit=3)] == [
        "Zimt Late", "Aaron Zimt 0", "Aaron Zimt 1",
    ]  # fmt: skip
    assert [user.display_name for user in find_users(world.contoso.id, "zimt")][-1] == "Zimt Late"


# --- kept in step ---------------------------------------------------------------------------------------------------


def test_it_follows_every_change_of_a_person(world: SimpleNamespace) -> None:
    person = add(world.contoso, "before@contoso.com", "Before Change")
    assert found(world, "fore ch") == ["before@contoso.com"]
    person.display_name, person.upn, person.mail = "After Wards", "later@contoso.com", "elsewhere@mail.example"
    person.save()
    assert found(world, "fore ch") == []
    for term in ("fter w", "later@", "elsewhere"):
        assert found(world, term) == ["later@contoso.com"]
    User.objects.filter(pk=person.pk).update(mail="")
    assert found(world, "elsewhere") == []
    person.delete()
    assert found(world, "fter w") == []


def test_it_follows_people_made_and_changed_in_bulk(world: SimpleNamespace) -> None:
    people = [
        User(tenant=world.contoso, upn=f"b{n}@contoso.com", display_name=f"Xbulkx {n}", created_at=clock.now())
        for n in range(3)
    ]
    for person in people:
        person.fill_keys()
    User.objects.bulk_create(people)
    assert len(found(world, "bulk")) == 3
    for person in people:
        person.display_name = "Xothersx"
        person.fill_keys()
    User.objects.bulk_update(people, ["display_name", "name_key"])
    assert (len(found(world, "bulk")), len(found(world, "others"))) == (0, 3)
    User.objects.filter(pk__in=[person.pk for person in people]).delete()
    assert found(world, "others") == []


def test_it_follows_kind_and_state(world: SimpleNamespace) -> None:
    assert found(world, "contoso", is_enabled=False) == []
    User.objects.filter(pk__in=[world.mia.pk, world.gil.pk]).update(is_enabled=False)
    assert set(found(world, "contoso", is_enabled=False)) == {"mia@contoso.com", "gil@contoso.com"}
    assert found(world, "contoso", is_enabled=False, kind=UserKind.INTERNAL_GUEST) == ["gil@contoso.com"]
    assert found(world, "contoso", is_enabled=True, kind=UserKind.INTERNAL_GUEST) == []
    User.objects.filter(pk=world.gil.pk).update(kind=UserKind.MEMBER, is_enabled=True)
    assert found(world, "contoso", is_enabled=False) == ["mia@contoso.com"]
    assert found(world, "contoso", kind=UserKind.INTERNAL_GUEST) == []


def test_it_follows_groups(world: SimpleNamespace) -> None:
    group = Group.objects.create(tenant=world.contoso, name="Night shift", created_at=clock.now())
    assert group_ids(Sought(world.contoso.id, "ght sh")) == [group.id]
    assert user_ids(Sought(world.contoso.id, "ght sh")) == []
    group.name = "Day shift"
    group.save()
    assert group_ids(Sought(world.contoso.id, "ght sh")) == []
    assert group_ids(Sought(world.contoso.id, "day sh")) == [group.id]
    group.delete()
    assert group_ids(Sought(world.contoso.id, "day sh")) == []


def test_it_forgets_a_tenant_that_is_deleted_and_knows_a_new_one(world: SimpleNamespace) -> None:
    world.fabrikam.users.all().delete()
    world.fabrikam.delete()
    new = Tenant.objects.create(name="Northwind", created_at=clock.now())
    add(new, "ann@northwind.example", "Ann Northwind")
    assert [user.upn for user in find_users(new.id, "northw")] == ["ann@northwind.example"]
    assert found(world, "northw") == []


def test_it_keeps_tenants_apart(world: SimpleNamespace) -> None:
    """E09: the same words in both tenants; each finds its own people and groups."""
    for tenant, domain in ((world.contoso, "contoso.com"), (world.fabrikam, "fabrikam.com")):
        for number in range(30):
            add(tenant, f"twin{number}@{domain}", f"The Twin {number}")
        Group.objects.create(tenant=tenant, name="Twins", created_at=clock.now())
    for tenant, domain in ((world.contoso, "@contoso.com"), (world.fabrikam, "@fabrikam.com")):
        for term in ("twin", "tw", "the", "win 1"):
            people = list(find_users(tenant.id, term))
            assert people
            assert all(user.upn.endswith(domain) for user in people), term
            assert all(user.tenant_id == tenant.id for user in user_listing(tenant.id, term=term).page.rows)
        ids = {one["id"] for one in find_principals(tenant.id, "twin") if one["type"] == "group"}
        assert ids == {str(tenant.groups.get(name="Twins").id)}


def test_a_person_who_moves_is_found_where_they_are(world: SimpleNamespace) -> None:
    User.objects.filter(pk=world.mia.pk).update(tenant=world.fabrikam)
    assert found(world, "fontaine") == []
    assert [user.pk for user in find_users(world.fabrikam.id, "fontaine")] == [world.mia.pk]


@on_sqlite
def test_the_index_agrees_with_the_tables(world: SimpleNamespace) -> None:
    """After all that: exactly one entry for each person and group, and FTS5's own check."""
    world.gil.delete()
    User.objects.filter(pk=world.mia.pk).update(mail="m@x.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner_id FROM accounts_searchentry")
        owners = sorted(owner for (owner,) in cursor.fetchall())
        people = [*User.objects.values_list("pk", flat=True), *Group.objects.values_list("pk", flat=True)]
        assert owners == sorted(one.hex for one in people)
        cursor.execute("INSERT INTO accounts_searchindex (accounts_searchindex, rank) VALUES ('integrity-check', 1)")


@on_sqlite
def test_every_trigger_is_there_after_the_last_migration(world: SimpleNamespace) -> None:
    """A migration that gives one of these tables a column with a default makes the table anew, without its triggers."""
    migration = importlib.import_module("accounts.migrations.0003_search")
    wanted = migration.SPACE_TRIGGERS | migration.INDEX_TRIGGERS
    for owner in migration.OWNERS:
        wanted |= migration.owner_triggers(*owner)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        assert {name for (name,) in cursor.fetchall()} >= wanted.keys()


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_it_survives_the_vacuum_and_the_way_back() -> None:
    """VACUUM renumbers implicit rowids; ours are explicit. The migration goes both ways and fills what is there."""
    world = make_world()
    User.objects.filter(pk__in=[world.grace.pk, world.amir.pk]).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    assert found(world, "ontaine") == ["mia@contoso.com"]
    migration = importlib.import_module("accounts.migrations.0003_search")
    with connection.schema_editor() as editor:
        migration.drop_search(None, editor)
        migration.make_search(None, editor)
    assert found(world, "ontaine") == ["mia@contoso.com"]
    assert [one["name"] for one in find_principals(world.contoso.id, "break")] == ["Break glass", "Break Glass"]
    add(world.contoso, "after@contoso.com", "After That")
    assert found(world, "ter tha") == ["after@contoso.com"]


# --- at what cost ---------------------------------------------------------------------------------------------------


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows would be read whole, and rightly
        cursor.execute(
            ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql.replace("%", "%%"), []
        )
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("term", ["contoso", "mi", "mia@contoso.com", "grace hol", "new"])
@pytest.mark.parametrize("filters", [{}, {"kind": UserKind.EXTERNAL_GUEST}, {"is_enabled": False}])
def test_every_step_reads_an_index(world: SimpleNamespace, term: str, filters: dict[str, Any]) -> None:
    """No step may read the whole table, however many people there are."""
    with CaptureQueriesContext(connection) as asked:
        user_ids(Sought(world.contoso.id, term, **filters))
        group_ids(Sought(world.contoso.id, term))
    assert asked.captured_queries
    for query in asked.captured_queries:
        plan = plan_of(query["sql"])
        assert not re.search(r"Seq Scan|SCAN (?!accounts_searchindex VIRTUAL TABLE INDEX \d+:.*M)", plan), plan
        assert " LIMIT " in query["sql"] or "upn_key" in query["sql"]


@pytest.mark.parametrize(("number", "is_more"), [(5, False), (6, True), (20, True)])
def test_it_stops_at_the_cap(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, number: int, *, is_more: bool
) -> None:
    for module in ("users", "groups", "search"):
        monkeypatch.setattr(f"accounts.queries.{module}.FOUND_AT_MOST", 5)
    for one in range(number):
        add(world.contoso, f"cap{one:02}@contoso.com", f"Xcapx {one:02}")
        Group.objects.create(tenant=world.contoso, name=f"Xcapx {one:02}", created_at=clock.now())
    for listing in (user_listing(world.contoso.id, term="capx"), group_listing(world.contoso.id, term="capx")):
        assert listing.count.number == len(listing.page.rows) == 5
        assert listing.count.is_more is is_more
    assert user_listing(world.contoso.id, term="capx 04").count == Counted(1)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="about PostgreSQL's expression index")
def test_the_question_is_the_one_the_index_answers(world: SimpleNamespace) -> None:
    """The expression asked for must be the indexed one, letter by letter: with these settings no other index serves."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("SET LOCAL enable_indexonlyscan = off")
    for index, words, table in (
        ("accounts_user_words", search_module.POSTGRESQL_WORDS, "accounts_user owner"),
        ("accounts_group_words", "name_key", "accounts_group"),
    ):
        assert index in plan_of(f"SELECT 1 FROM {table} WHERE {words} LIKE '%ontain%'")  # noqa: S608
