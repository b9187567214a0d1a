"""Who has registered what, in a directory of any size: people are looked through a stretch at a time.

Whether somebody has a passkey stands in another table, so no index of people leads to those without one. A page is
handed out once it holds enough people, or enough were looked at and some were found; the next link goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.enums import UserKind
from accounts.memberships import roles_of
from accounts.models import User
from authmethods.models import Passkey
from core.paging import page_of
from core.text import fold_upn
from graph.odata.fields import LAST
from graph.odata.grammar import Both, Claim, Tree
from graph.odata.options import Asked, Serves
from graph.odata.paging import Position
from graph.serialise import listing_of
from graph.shapes.reports import RegistrationDetails
from graph.small import keep
from tap.enums import Listing
from tap.models import TemporaryAccessPass
from tap.queries import holders

ENOUGH = 5000  # people looked at for one page, unless nobody was found among them
SERVES = Serves(properties=RegistrationDetails.properties(), is_small=True, is_paged=True)


@dataclass(frozen=True)
class Found:
    """A page, and where the next one begins (None: nowhere)."""

    details: Sequence[RegistrationDetails]
    next: Position | None


def page(tenant_id: UUID, asked: Asked, *, at: Position, now: datetime) -> Found:
    """Return a page of people and what they have registered, by user principal name. Raises Unsupported.

    With a filter it may hold fewer than were asked for, and more follow all the same; it is empty only where none do.
    """
    people = User.objects.filter(tenant_id=tenant_id)
    if prefix := _prefix(asked.tree):
        people = people.filter(upn_key__gte=prefix, upn_key__lt=prefix + LAST)
    found: list[RegistrationDetails] = []
    cursor, looked_at = at.cursor, 0
    while True:
        stretch = page_of(people, order=("upn_key", "id"), cursor=cursor, size=asked.top - len(found))
        found += keep(_details(stretch.rows, now=now), asked.tree, SERVES)
        looked_at += len(stretch.rows)
        if stretch.next is None:
            return Found(found, None)
        cursor = stretch.next
        if len(found) == asked.top or (found and looked_at >= ENOUGH):
            return Found(found, Position(0, cursor))


def details_of(user: User, *, now: datetime) -> RegistrationDetails:
    """Return what one person has registered."""
    return _details([user], now=now)[0]


def _details(people: Sequence[User], *, now: datetime) -> list[RegistrationDetails]:
    """Ask for the methods of many people at once: three queries."""
    ids = [user.id for user in people]
    roles = roles_of(ids) if ids else {}
    held = Passkey.objects.filter(user_id__in=ids).values_list("user_id", "is_backup_eligible").distinct()
    keys: dict[UUID, set[str]] = {}
    for user_id, is_synced in held:
        keys.setdefault(user_id, set()).update({"fido2", "passKeySynced" if is_synced else "passKeyDeviceBound"})
    with_pass = {user.id for user in holders().filter(pk__in=ids) if _stands(getattr(user, "open_pass", None), now=now)}
    return [
        _shape(
            user,
            sorted(keys.get(user.id, set()) | ({"temporaryAccessPass"} if user.id in with_pass else set())),
            is_admin=bool(roles.get(user.id)),
            now=now,
        )
        for user in people
    ]


def _shape(user: User, methods: list[str], *, is_admin: bool, now: datetime) -> RegistrationDetails:
    has_key = "fido2" in methods
    return RegistrationDetails(
        id=str(user.id),
        user_principal_name=user.upn,
        user_display_name=user.display_name,
        user_type="member" if user.kind == UserKind.MEMBER else "guest",
        is_admin=is_admin,
        is_mfa_capable=has_key,
        is_mfa_registered=has_key,
        is_passwordless_capable=has_key,
        methods_registered=methods,
        last_updated_date_time=now,
    )


def _stands(issued: TemporaryAccessPass | None, *, now: datetime) -> bool:
    return issued is not None and listing_of(issued, now=now) in {Listing.LIVE, Listing.SCHEDULED}


def _prefix(tree: Tree | None) -> str:
    """Return what the user principal names of everybody a filter keeps begin with, if it says so."""
    parts = tree.parts if isinstance(tree, Both) else (tree,)
    for part in parts:
        if (
            isinstance(part, Claim)
            and part.path.lower() == "userprincipalname"
            and part.operator in {"eq", "startswith"}
        ):
            return fold_upn(str(part.values[0]))
    return ""
