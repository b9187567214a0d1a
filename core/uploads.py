"""Files that people send. A page that takes one says so and how big it may be; every other page gets none."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])
AROUND_A_FILE = 262_144  # bytes of a body that are not the file: the form's other fields


def takes_file(*, most_bytes: int, welcomes: Callable[[Any], bool]) -> Callable[[View], View]:
    """Mark a view whose form has a file of at most so many bytes, sent in a request that it ``welcomes``.

    It finds it in ``request.FILES``.
    """

    def mark(view: View) -> View:
        view.most_bytes, view.welcomes = most_bytes, welcomes  # type: ignore[attr-defined]
        return view

    return mark


def longest_body(request: HttpRequest, otherwise: int) -> int:
    """Return how long a body the page at ``request.path`` takes."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return otherwise
    most: int | None = getattr(view, "most_bytes", None)
    return otherwise if most is None else most + AROUND_A_FILE


class SmallFiles(FileUploadHandler):
    """Keeps the file of a marked page in memory, if somebody sends it who may; drops every other one unread.

    The body's length was judged before (core.middleware.SoundRequests).
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with nothing."""
        super().new_file(*args, **kwargs)
        request, match = self.request, getattr(self.request, "resolver_match", None)
        welcomes = getattr(match.func, "welcomes", None) if match is not None else None
        self.parts: list[bytes] | None = [] if welcomes and welcomes(request) else None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002  Django counts, we do not
        """Keep a piece."""
        if self.parts is not None:
            self.parts.append(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        """Hand over what was kept."""
        if self.parts is None:
            return None
        content = ContentFile(b"".join(self.parts), name=self.file_name)
        return UploadedFile(content, self.file_name, self.content_type, file_size, self.charset)
