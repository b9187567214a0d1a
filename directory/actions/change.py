"""What every change that can move roles has in common: one at a time in a tenant, and what it must never do."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from accounts.access import refusal
from accounts.authority import Actor, Reason
from accounts.enums import Act, Role, Standing
from accounts.memberships import roles_of
from accounts.models import Tenant
from accounts.queries import is_held
from audit.actions import Named
from core.errors import Conflict
from directory import wording
from tap import ending


class _OwnRolesChanged(Exception):
    """The change would have given the actor a role or taken one from him."""


@contextmanager
def changing_roles(actor: Actor, act: Act, *, target: Named) -> Iterator[None]:
    """One transaction for a change that may give roles to people or take them away.

    It is undone where the actor's own roles would change (Refused), and where nobody would be left who can sign in as
    Global Administrator (Conflict). Passes that a new administrator's issuer could not issue to him now end with it.
    """
    try:
        with transaction.atomic(durable=True):
            lock_tenant(target.tenant_id)
            own, had_one = _own_roles(actor), is_held(target.tenant_id, Role.GLOBAL_ADMINISTRATOR)
            yield
            if _own_roles(actor) != own:
                raise _OwnRolesChanged  # noqa: TRY301  the refusal is recorded outside of what is undone
            if had_one and not is_held(target.tenant_id, Role.GLOBAL_ADMINISTRATOR):
                raise Conflict("last_global_administrator", wording.last_administrator())
            ending.end_outgrown(actor, target.tenant_id)
    except _OwnRolesChanged:
        raise refusal(actor, act, Standing.ADMIN, Reason.TARGET_IS_SELF, target=target) from None


def lock_tenant(tenant_id: UUID) -> None:
    """Let changes of one tenant that depend on each other wait for each other."""
    Tenant.objects.select_for_update(no_key=True).filter(pk=tenant_id).values_list("pk").first()


def _own_roles(actor: Actor) -> frozenset[Role]:
    return roles_of([actor.user_id])[actor.user_id] if actor.user_id else frozenset()
