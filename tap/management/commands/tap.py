"""``manage.py tap``: the operator's way to passes, and the way in for the first administrator.

The same actions as the pages. Without ``--as`` the actor is the machine's operator, who has every right over people and
none over the policy. With ``--as UPN`` it is that administrator under his own rights: whoever may run this command on the
machine could as well sign in as him, so his sign-in counts as fresh and as strong as there is. Either way the event says
that it came from the command line.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from accounts.access import Reached, from_command_line, reach_upn, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import Tenant, User
from core import clock
from core.errors import Conflict, Denied, DomainError, Invalid, NotFound, StepUpNeeded
from core.outages import in_one_line
from core.paging import page_of
from core.text import spelled
from tap import actions, queries
from tap.enums import Block, Listing
from tap.models import TemporaryAccessPass
from tap.rules import State

ROWS_AT_ONCE = 500
EXIT_CODES: Mapping[type[DomainError], int] = {NotFound: 3, Denied: 4, StepUpNeeded: 4, Invalid: 5, Conflict: 6}
COLUMNS = (
    "Id",
    "CreatedDateTime",
    "IsUsable",
    "IsUsableOnce",
    "LifetimeInMinutes",
    "MethodUsabilityReason",
    "StartDateTime",
)
EXITS = (
    "Exit codes: 0 done, 1 fault, 2 wrong usage, 3 not found, 4 not allowed, 5 refused by a rule or the policy, "
    "6 somebody was faster."
)


class Command(BaseCommand):
    """Issue, show, list and delete Temporary Access Passes."""

    help = "Issue, show, list and delete Temporary Access Passes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the four things to do."""
        parser.epilog = EXITS
        todo = parser.add_subparsers(dest="todo", required=True, metavar="issue|show|list|delete")
        issue = todo.add_parser(
            "issue", help="Issue a pass, in place of an earlier one, and print its code once.", epilog=EXITS
        )
        _take_person(issue)
        use = issue.add_mutually_exclusive_group()
        use.add_argument("--once", action="store_true", help="for one sign-in")
        use.add_argument(
            "--multi", action="store_true", help="for any number of sign-ins (default: what the policy says)"
        )
        issue.add_argument("--minutes", type=int, help="lifetime, counted from the start (default: the policy's)")
        issue.add_argument("--start", help="ISO 8601; without an offset in the organisation's time zone (default: now)")
        issue.add_argument("--reason", default="", help="a note for the audit log, up to 200 characters")
        _take_common(issue)
        show = todo.add_parser("show", help="Show the pass of a person.", epilog=EXITS)
        _take_person(show)
        _take_common(show)
        listing = todo.add_parser("list", help="List passes.", epilog=EXITS)
        listing.add_argument("--state", choices=Listing.values, help="only these (default: all)")
        _take_common(listing)
        delete = todo.add_parser("delete", help="Delete the pass of a person and end its sessions.", epilog=EXITS)
        _take_person(delete)
        _take_common(delete)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one line why not."""
        try:
            actor = from_command_line(options["as_upn"])
            {"issue": self._issue, "show": self._show, "list": self._list, "delete": self._delete}[options["todo"]](
                actor, options
            )
        except DomainError as error:
            self._fail(
                _sentence(error),
                error.code,
                next((EXIT_CODES[kind] for kind in EXIT_CODES if isinstance(error, kind)), 1),
                options,
            )
        except DatabaseError as error:
            self._fail(in_one_line(error) or f"the database did not do it: {error}", "database", 1, options)

    def _issue(self, actor: Actor, options: Mapping[str, Any]) -> None:
        target = _person(actor, options, Act.PASS_ISSUE)
        made = actions.issue(
            actor,
            target=target,
            lifetime_in_minutes=options["minutes"],
            starts_at=_moment(options["start"], target.user.tenant),
            is_usable_once=True if options["once"] else False if options["multi"] else None,
            reason=options["reason"],
        )
        state = queries.state_of(made.issued, policy=queries.policy_of(target.user.tenant_id), now=clock.now())
        if state.block is not Block.NONE:
            self.stderr.write(f"tap: {target.user.upn} cannot sign in with this pass yet: {state.block.label}.")
        self._print([_facts(made.issued, target.user, state) | {"temporaryAccessPass": made.code}], options)

    def _show(self, actor: Actor, options: Mapping[str, Any]) -> None:
        target = _person(actor, options, Act.PASS_VIEW)
        issued = _pass_of(target)
        actions.view(actor, target=target, issued=issued)
        state = queries.state_of(issued, policy=queries.policy_of(target.user.tenant_id), now=clock.now())
        self._print([_facts(issued, target.user, state)], options)

    def _list(self, actor: Actor, options: Mapping[str, Any]) -> None:
        if not actor.is_operator:
            require_in_tenant(actor, Act.PASS_VIEW)
        wanted = [Listing(options["state"])] if options["state"] else list(Listing)
        self._print([row for listing in wanted for row in _rows(actor, listing)], options, is_list=True)

    def _delete(self, actor: Actor, options: Mapping[str, Any]) -> None:
        target = _person(actor, options, Act.PASS_DELETE)
        issued = _pass_of(target)
        actions.delete(actor, target=target, pass_id=issued.id)
        if options["json"]:
            self.stdout.write(json.dumps({"deleted": str(issued.id), "userPrincipalName": target.user.upn}))
        else:
            self.stdout.write(f"Deleted the Temporary Access Pass of {target.user.upn}.")

    def _print(self, rows: list[dict[str, Any]], options: Mapping[str, Any], *, is_list: bool = False) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(rows if is_list else rows[0], indent=2))
        elif rows:
            self.stdout.write(_table(rows, with_person=is_list))
        else:
            self.stdout.write("No passes.")

    def _fail(self, message: str, code: str, exit_code: int, options: Mapping[str, Any]) -> None:
        error = {"error": {"code": code, "message": message}}
        self.stderr.write(json.dumps(error) if options["json"] else f"tap: {message}")
        raise SystemExit(exit_code)


def _take_person(parser: ArgumentParser) -> None:
    parser.add_argument("upn", metavar="UPN", help="the person's user name")


def _take_common(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON with the property names of the Graph API")
    parser.add_argument("--as", dest="as_upn", metavar="UPN", help="act as this administrator, under his rights")


def _person(actor: Actor, options: Mapping[str, Any], act: Act) -> Reached:
    try:
        return reach_upn(actor, spelled(options["upn"]), act)
    except NotFound:
        raise NotFound("user", "There is no user with that name.") from None


def _pass_of(target: Reached) -> TemporaryAccessPass:
    issued = queries.pass_of(target.user.id)
    if issued is None:
        raise NotFound("pass", f"{target.user.upn} has no Temporary Access Pass.")
    return issued


def _moment(text: str | None, tenant: Tenant) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment, tenant.zone_for())
    except (ValueError, OverflowError):
        raise Invalid("start_unreadable", "--start must be a date and time such as 2026-12-01T08:00+01:00.") from None


def _rows(actor: Actor, listing: Listing) -> Iterator[dict[str, Any]]:
    """Yield a listing page by page; each tenant's lists are read once a page."""
    now, cursor = clock.now(), ""
    while True:
        page = page_of(
            queries.listed_for(actor, listing, now=now), order=listing.order, cursor=cursor, size=ROWS_AT_ONCE
        )
        states = queries.states_of_listed(page.rows, now=now)
        yield from (_facts(issued, issued.user, states[issued.id]) for issued in page.rows)
        if page.next is None:
            return
        cursor = page.next


def _facts(issued: TemporaryAccessPass, user: User, state: State) -> dict[str, Any]:
    return {
        "userPrincipalName": user.upn,
        "id": str(issued.id),
        "createdDateTime": _utc(issued.created_at),
        "isUsable": state.is_usable,
        "isUsableOnce": issued.is_usable_once,
        "lifetimeInMinutes": issued.lifetime_in_minutes,
        "methodUsabilityReason": state.usability.value,
        "startDateTime": _utc(issued.starts_at),
    }


def _utc(moment: datetime) -> str:
    return timezone.localtime(moment, timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _table(rows: list[dict[str, Any]], *, with_person: bool) -> str:
    columns = (*COLUMNS, "TemporaryAccessPass") if "temporaryAccessPass" in rows[0] else COLUMNS
    columns = ("UserPrincipalName", *columns) if with_person else columns
    cells = [[str(row[column[0].lower() + column[1:]]) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = [columns, ["-" * len(column) for column in columns], *cells]
    return "\n".join(
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _sentence(error: DomainError) -> str:
    """Return what went wrong in one line."""
    fields = getattr(error, "fields", {})
    needed = ", ".join(str(role.label) for role in getattr(error, "needed", []))
    words = " ".join(map(str, fields.values())) if fields else str(error.message)
    return f"{words} Needs: {needed}." if needed else words
