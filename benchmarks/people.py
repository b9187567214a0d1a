"""People with a pass each, whose code is known. Run inside the product: ``python -m benchmarks.people NUMBER [once]``.

The passes are multiple-use ones, or with ``once`` one-time ones.

Prints one JSON line for each person: user name and code.
"""

import json
import sys

import django


def main(number: int, *, once: bool) -> None:
    """Make an organisation that allows passes, as the demo's, with so many people and their passes."""
    from accounts.access import reach  # noqa: PLC0415  Django must be ready first
    from accounts.authority import Actor  # noqa: PLC0415
    from accounts.enums import Act  # noqa: PLC0415
    from accounts.models import User  # noqa: PLC0415
    from config.demo import make_world  # noqa: PLC0415
    from core import clock  # noqa: PLC0415
    from tap.actions import issue  # noqa: PLC0415

    tenant = make_world().contoso
    operator = Actor(is_operator=True, address="127.0.0.1")
    for at in range(number):
        user = User.objects.create(
            tenant=tenant, upn=f"person{at}@contoso.com", display_name=f"Person {at}", created_at=clock.now()
        )
        target = reach(operator, user.id, Act.METHODS_VIEW)
        made = issue(operator, target=target, lifetime_in_minutes=480, is_usable_once=once)
        print(json.dumps({"upn": user.upn, "code": made.code}))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), once="once" in sys.argv[2:])
