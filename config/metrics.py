"""``/metrics``: for whoever has the token."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt  # or a form that nobody sent would tell whether the address exists
@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    """Answer whoever has the token. Without one set there is nothing here; to whoever has another it is 401, always alike."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    from config import standing  # noqa: PLC0415  loads prometheus_client, which only those need who have a token

    return HttpResponse(standing.text(), content_type=standing.CONTENT_TYPE)
