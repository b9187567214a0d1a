"""``manage.py rotate_secret_key``: let a new SECRET_KEY sign and name, while what the former one did still counts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import rotation
from core import clock

SEVERAL = """A new SECRET_KEY: {key}
Nothing is signed with it yet. The present one is read from {home}.

1. On every server add the new one to SECRET_KEY_FALLBACKS (more than one: separated by commas), and restart the servers
   one after the other. From then on each server accepts what another one signs with it.
2. On every server exchange the two: the new one is SECRET_KEY, the present one stands in SECRET_KEY_FALLBACKS. Restart them
   one after the other. Nobody is signed out, links in mails go on working, attempts go on counting. With one server
   begin here.
3. After {days} days, or when `manage.py rotate_secret_key --status` says so, empty SECRET_KEY_FALLBACKS and restart.

If the present one was STOLEN leave it out of SECRET_KEY_FALLBACKS at once: links in mails sent so far stop working, whoever
is just signing in begins again, and attempts begin to count anew. Sessions and passes stand on other keys."""
LOCAL = """A new SECRET_KEY is in {home}; the former one still counts, from {fallbacks}.
Restart the server: nobody is signed out. Then `manage.py rotate_secret_key --status`, and `--drop` in {days} days."""


class Command(BaseCommand):
    """Make a key, tell how long the former ones count, drop them."""

    help = "Make a new SECRET_KEY and say where to put it; --status tells until when the former ones are needed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of the three."""
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--status", action="store_true", help="until when former keys are needed")
        choice.add_argument("--drop", action="store_true", help="let the former keys go; refused while they are needed")
        parser.add_argument("--stolen", action="store_true", help="with --drop: at once, whatever still needs them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["status"]:
            self.stdout.write(self._status()[1])
        elif options["drop"]:
            self._drop(is_stolen=options["stolen"])
        else:
            self._make()

    def _make(self) -> None:
        key, home = rotation.new_secret_key(now=clock.now()), rotation.home_of("SECRET_KEY")
        fallbacks = rotation.home_of("SECRET_KEY_FALLBACKS")
        if "," in settings.SECRET_KEY:
            raise CommandError("The present SECRET_KEY holds a comma, so it cannot stand in SECRET_KEY_FALLBACKS.")
        words = {"key": key, "home": home.words, "fallbacks": fallbacks.words, "days": rotation.LONGEST_SIGNED.days}
        if home.path is None or fallbacks.path is None:
            self.stdout.write(SEVERAL.format(**words))
            return
        fallbacks.write(",".join([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]))
        home.write(key)
        self.stdout.write(LOCAL.format(**words))

    def _status(self) -> tuple[bool, str]:
        """Return whether the former keys may go, and in words why or why not."""
        many = len(settings.SECRET_KEY_FALLBACKS)
        if not many:
            return False, "SECRET_KEY_FALLBACKS is empty: no former key counts."
        since = rotation.counts_since(settings.SECRET_KEY)
        if since is None:
            days = rotation.LONGEST_SIGNED.days
            return (
                False,
                f"Former keys: {many}. SECRET_KEY does not tell its age: keep them {days} days from the change.",
            )
        now, end = clock.now(), since + rotation.LONGEST_SIGNED
        older = rotation.passes_older_than(since, now=now)
        said = f"Former keys: {many}. The present one was made {since:%Y-%m-%d %H:%M} UTC."
        if now >= end and not older:
            return True, f"{said} Nothing needs them: --drop."
        return False, f"{said} Links in mails need them until {end:%Y-%m-%d %H:%M} UTC, and {older} passes made before."

    def _drop(self, *, is_stolen: bool) -> None:
        may_go, why = self._status()
        if not settings.SECRET_KEY_FALLBACKS or not (may_go or is_stolen):
            raise CommandError(f"{why} Nothing was changed.")
        home = rotation.home_of("SECRET_KEY_FALLBACKS")
        if home.path is not None:
            home.path.unlink()
            self.stdout.write("The former keys are gone. Restart the server.")
        else:
            self.stdout.write(f"Nothing needs them: empty {home.words} and restart the servers.")
