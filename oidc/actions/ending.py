"""What follows when sign-ins end: applications are told, and what nobody needs any more is thrown away."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import SignInSession
from accounts.sessions import LONGEST
from core.retention import thin_out
from oidc.models import Application, DeviceGrant, IDToken, LogoutListener, TokenFamily
from oidc.tasks import tell_signed_out

AT_ONCE = 500
FAMILIES_KEPT = LONGEST * 2 + timedelta(
    days=1
)  # no token outlives its sign-in; a replay is worth noticing a while longer
HINTS_KEPT = timedelta(days=30)  # how long an ID token may still name its person


def listen(application: Application, session: SignInSession) -> None:
    """Note that an application takes part in a sign-in, inside the caller's transaction."""
    if application.logout_uri:
        LogoutListener.objects.get_or_create(application=application, session=session)


def tell_of_ended(*, now: datetime) -> int:
    """Send word of sign-ins that are over, and return how many applications are told. Each is told once."""
    over = Q(session__revoked_at__isnull=False) | Q(session__ends_at__lte=now) | Q(session__user__is_enabled=False)
    told = 0
    for one in LogoutListener.objects.select_related("session").filter(over).order_by("id")[:AT_ONCE]:
        with transaction.atomic():
            gone, _by_model = LogoutListener.objects.filter(pk=one.pk).delete()
            if gone:  # else another worker was faster
                tell_signed_out.enqueue(str(one.application_id), str(one.session_id), str(one.session.user_id))
                told += 1
    return told


def forget_old(*, now: datetime) -> int:
    """Throw away families that can give nothing any more, with their codes and tokens, and return how many."""
    gone = thin_out(TokenFamily.objects.filter(began_at__lt=now - FAMILIES_KEPT).order_by("began_at"))
    thin_out(IDToken.objects.filter(expires__lt=now - HINTS_KEPT))
    thin_out(DeviceGrant.objects.filter(expires__lt=now - FAMILIES_KEPT))
    return gone
