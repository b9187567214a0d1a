"""The parts that pages are made of. docs/ui.md shows each with its parameters and an example."""

from core.templatetags.ui import forms, messages, pages, parts, secrets, times
from core.templatetags.ui.library import register
from core.templatetags.ui.times import format_when

__all__ = ["format_when", "forms", "messages", "pages", "parts", "register", "secrets", "times"]
