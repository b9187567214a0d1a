"""One-page messages in a cookie of their own, named like our other cookies."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class HostCookieStorage(CookieStorage):
    """Django's signed cookie, with the prefix that ties it to this host."""

    cookie_name = f"{settings.COOKIE_PREFIX}gatepass-messages"
