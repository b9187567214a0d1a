"""Small parts: icon, avatar, state."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.ui.library import register
from core.wording import device as device_of

AVATAR_TONES = 6
FLIPPED = frozenset({"arrow-left", "chevron-right", "exit", "sign-out", "undo"})


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite; decorative, so the text or aria-label beside it names the thing."""
    flip = " flip" if name in FLIPPED else ""
    return format_html(
        '<svg class="icon{}{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        flip,
        f" {classes}" if classes else "",
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def script(name: str) -> SafeString:
    """A behaviour of static/js. The same module named twice still runs once."""
    return format_html('<script type="module" src="{}"></script>', static(f"js/{name}.js"))


def initials_of(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def initials(name: str) -> str:
    return initials_of(name)


@register.simple_tag
def avatar(name: str, classes: str = "") -> SafeString:
    """Initials in a circle whose colour belongs to the name; static/js/picker.js counts the same way."""
    tone = sum(map(ord, name)) % AVATAR_TONES
    return format_html(
        '<span class="avatar a{}{}" aria-hidden="true">{}</span>',
        tone,
        f" {classes}" if classes else "",
        initials_of(name),
    )


@register.filter
def device(user_agent: str) -> str:
    """«Firefox on Windows», from a User-Agent header."""
    return device_of(user_agent)


@register.simple_tag
def pill(text: str, kind: str = "", *, plain: bool = False) -> SafeString:
    """A state: ok, warn, bad, info or nothing; the word carries the meaning, the colour only helps."""
    return format_html('<span class="pill{}{}">{}</span>', f" {kind}" if kind else "", " plain" if plain else "", text)
