"""Its people, groups and roles."""

import uuid
from collections.abc import Iterator
from functools import cache

from django.contrib.auth.hashers import make_password

from accounts.enums import Role, UserKind
from accounts.models.users import make_handle
from config.scale.bulk import Row
from config.scale.names import CITIES, DEPARTMENTS, FAMILY, GIVEN
from config.scale.organisation import Organisation, one_in, rare, scatter
from core.secrets import make_token
from core.text import fold

STRIDE = 7919  # a prime: every pair of names is used once before any is used again
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "'": ""})
FEWEST = 30  # people; those who hold roles are among them
ROLES = {
    0: Role.GLOBAL_ADMINISTRATOR,
    1: Role.GLOBAL_ADMINISTRATOR,
    2: Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    3: Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    4: Role.AUTHENTICATION_POLICY_ADMINISTRATOR,
    5: Role.GLOBAL_READER,
    6: Role.USER_ADMINISTRATOR,
}
HELP_DESK = range(7, 17)  # Authentication Administrators through their group
PERSON = (
    "id", "tenant_id", "upn", "upn_key", "display_name", "name_key", "mail", "kind", "is_enabled", "password",
    "password_changed_at", "webauthn_handle", "created_at",
)  # fmt: skip
GROUP = ("id", "tenant_id", "name", "name_key", "description", "created_at")


def people(made: Organisation) -> Iterator[Row]:
    """Yield everybody."""
    hashed = make_password(make_token())  # the same for all, and nobody knows it
    for number in range(made.size):
        given, family, same = _name(number)
        kind = kind_of(number)
        local = f"{_local(given)}.{_local(family)}{same or ''}"
        is_foreign = kind is UserKind.EXTERNAL_GUEST
        upn = f"{local}_home.example#EXT#@{made.domain}" if is_foreign else f"{local}@{made.domain}"
        mail = f"{local}@mail.example" if is_foreign or one_in(3, number) else upn
        has_password = number % 5 in range(3) and not is_foreign
        made.ids.append(uuid.uuid4())
        made.upns.append(upn)
        yield (
            made.ids[-1], made.tenant_id, upn, upn.casefold(), f"{given} {family}", f"{fold(given)} {fold(family)}",
            mail, kind.value, is_enabled(number), hashed if has_password else "", made.now if has_password else None,
            make_handle(), made.now,
        )  # fmt: skip


def kind_of(number: int) -> UserKind:
    """Return whether a person is a guest: about one in 33 from inside, one in 50 from outside."""
    if number < FEWEST:
        return UserKind.MEMBER
    if rare(50, number, 7):
        return UserKind.EXTERNAL_GUEST
    return UserKind.INTERNAL_GUEST if rare(33, number, 5) else UserKind.MEMBER


def is_enabled(number: int) -> bool:
    """Say whether a person may sign in: all but about one in 47."""
    return number < FEWEST or not rare(47, number, 11)


def _name(number: int) -> tuple[str, str, int]:
    """Return given name, family name (one person in a hundred has two), and how many people before have both."""
    same, pair = divmod(number, len(GIVEN) * len(FAMILY))
    given, place = divmod(pair * STRIDE % (len(GIVEN) * len(FAMILY)), len(FAMILY))
    second = f"-{FAMILY[scatter(number, len(FAMILY))]}" if one_in(100, number, 50) else ""
    return GIVEN[given], FAMILY[place] + second, same


@cache
def _local(name: str) -> str:
    return fold(name).translate(PLAIN)


class Groups:
    """Teams within departments, and who is in them."""

    def __init__(self, made: Organisation) -> None:
        self.made = made
        self.departments = [uuid.uuid4() for _ in DEPARTMENTS]
        self.teams = [uuid.uuid4() for _ in range(made.teams)]
        self.help_desk, self.new_hires = uuid.uuid4(), uuid.uuid4()

    def rows(self) -> Iterator[Row]:
        """Yield every group."""
        yield self._row(self.help_desk, "Help desk", "Issues passes to people who lost their phone.")
        yield self._row(self.new_hires, "New hires", "People in their first weeks.")
        for group_id, department in zip(self.departments, DEPARTMENTS, strict=True):
            yield self._row(group_id, f"All of {_words(department)}", f"Every team of {_words(department)}.")
        for number, group_id in enumerate(self.teams):
            same, place = divmod(number, len(DEPARTMENTS) * len(CITIES))
            city, trade = divmod(place, len(DEPARTMENTS))
            name = f"{_words(DEPARTMENTS[trade])} {CITIES[city]}"
            yield self._row(group_id, f"{name} {same + 1}" if same else name, "")

    def nesting(self) -> Iterator[Row]:
        """Yield which group stands in which: teams in departments, new hires in one."""
        for number, group_id in enumerate(self.teams):
            yield self.departments[number % len(DEPARTMENTS)], group_id
        yield self.departments[0], self.new_hires

    def members(self) -> Iterator[Row]:
        """Yield who is in which team; one in five is in a second one, about one in fifty is new."""
        for number, user_id in enumerate(self.made.ids):
            team = number % len(self.teams)
            yield self.teams[team], user_id
            if one_in(5, number):
                other = (team + 1 + scatter(number, len(self.teams) - 1)) % len(self.teams)
                yield self.teams[other], user_id
            if rare(50, number, 13):
                yield self.new_hires, user_id
            if number in HELP_DESK:
                yield self.help_desk, user_id

    def _row(self, group_id: uuid.UUID, name: str, description: str) -> Row:
        return group_id, self.made.tenant_id, name, fold(name), description, self.made.now


def _words(name: str) -> str:
    return name.replace("-", " ")
