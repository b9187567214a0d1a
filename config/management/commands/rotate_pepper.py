"""``manage.py rotate_pepper``: let a new pepper protect new passes, and let the old one go when nothing needs it."""

from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import rotation
from core import clock
from oidc import keys

SEVERAL = """A new pepper: {entry}
It protects nothing yet. PEPPER_KEYS is read from {home}.

1. On every server add it at the END of PEPPER_KEYS, behind a comma, and restart the servers one after the other.
   From then on each server can check a pass that another one made with it.
2. On every server move it to the FRONT of PEPPER_KEYS, and restart them one after the other.
   New passes are protected with it; passes made before go on working. With one server begin here.
3. `manage.py rotate_pepper --status` tells what still needs the former one (a pass lives 30 days at most, from its start).
4. `manage.py rotate_pepper --drop {former}` seals anew what can be, and tells when it may be taken out of PEPPER_KEYS."""
LOCAL = """A new pepper, {name}, stands at the front of {home}.
Restart the server: new passes are protected with it, passes made before go on working.
Then `manage.py rotate_pepper --status`, and `--drop {former}` once nothing needs the former one."""


class Command(BaseCommand):
    """Make a pepper, tell what needs each, drop one."""

    help = "Make a new pepper and say where to put it; --status tells what still needs each; --drop lets one go."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of the three."""
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--status", action="store_true", help="how many passes and keys still need each pepper")
        choice.add_argument("--drop", metavar="ID", help="let a former pepper go; refused while anything needs it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["status"]:
            self._tell()
        elif options["drop"]:
            self._drop(options["drop"])
        else:
            self._make()

    def _make(self) -> None:
        entry, home = rotation.new_pepper(now=clock.now()), rotation.home_of("PEPPER_KEYS")
        words = {"entry": entry, "name": entry.partition(":")[0], "home": home.words}
        words["former"] = settings.PEPPER_KEYS[0][0]
        if home.path is None:
            self.stdout.write(SEVERAL.format(**words))
            return
        home.write(",".join([entry, *rotation.without("")]))
        self.stdout.write(LOCAL.format(**words))

    def _tell(self) -> None:
        first = settings.PEPPER_KEYS[0][0]
        for one in rotation.peppers_needed(now=clock.now()):
            role = "protects new passes" if one.name == first else "GONE" if one.name == "?" else "former"
            until = f" (the last until {one.until:%Y-%m-%d %H:%M} UTC)" if one.until else ""
            self.stdout.write(
                f"{one.name}  {role}: needed by {one.passes} passes{until} and {one.signing_keys} keys that sign tokens; "
                f"{one.remnants} ended passes would no longer say why"
            )
            if one.name not in {first, "?"}:
                self.stdout.write(
                    f"    {'not to be dropped yet' if one.passes else 'may be dropped: --drop ' + one.name}"
                )

    def _drop(self, name: str) -> None:
        now = clock.now()
        if name == settings.PEPPER_KEYS[0][0]:
            raise CommandError(f"{name} protects new passes here: make a new pepper first. Nothing was changed.")
        if name not in dict(settings.PEPPER_KEYS):
            raise CommandError(f"There is no pepper {name} in PEPPER_KEYS. Nothing was changed.")
        try:
            anew = keys.reseal(now=now)
        except (KeyError, InvalidTag) as error:
            raise CommandError("A key that signs tokens cannot be opened: run rotate_keys --at-once first.") from error
        needed = next(one for one in rotation.peppers_needed(now=now) if one.name == name)
        if needed.is_needed:
            until = f"{needed.until:%Y-%m-%d %H:%M} UTC" if needed.until else "they are sealed anew"
            raise CommandError(
                f"{needed.passes} passes and {needed.signing_keys} keys still need {name}, until {until}. "
                "It was not dropped. Passes that nobody waits for can be deleted."
            )
        home = rotation.home_of("PEPPER_KEYS")
        if home.path is not None:
            home.write(",".join(rotation.without(name)))
            self.stdout.write(f"{name} is no longer in {home.words}. Restart the server.")
        else:
            self.stdout.write(f"Nothing needs {name}: take it out of {home.words} and restart the servers.")
        if anew:
            self.stdout.write(f"{anew} keys that sign tokens were sealed anew.")
