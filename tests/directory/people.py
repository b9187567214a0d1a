"""Who acts on the directory in these tests, and how."""

from django.test import Client

from accounts.access import Reached, ReachedGroup, actor_of, reach, reach_group
from accounts.authority import Actor
from accounts.enums import Act, MethodKind, Role
from accounts.models import Group, RoleAssignment, SignInSession, User
from accounts.sessions import Opening, open_session
from core import clock


def acting(user: User, method: MethodKind = MethodKind.FIDO2) -> Actor:
    """Somebody in a fresh session of his own."""
    session, _token = open_session(Opening(user=user, method=method, credential_id=None), now=clock.now())
    return actor_of(SignInSession.objects.select_related("user", "tenant").get(pk=session.pk))


def person(actor: Actor, user: User) -> Reached:
    """``user`` as ``actor`` sees him; what he may do to him is the action's to say."""
    return reach(actor, user.id, Act.DIRECTORY_VIEW)


def group(actor: Actor, found: Group) -> ReachedGroup:
    """``found`` as ``actor`` sees it."""
    return reach_group(actor, found.id, Act.DIRECTORY_VIEW)


def give(user: User, role: Role) -> None:
    """Let somebody hold a role, past the rules."""
    RoleAssignment.objects.create(tenant=user.tenant, user=user, role=role)


def is_in(client: Client) -> bool:
    """Say whether a client is still signed in, at its very next request."""
    return client.get("/mysecurityinfo/").status_code == 200
