"""What a policy that is not saved yet would change: for everybody, and for one person. Nothing is written, nothing recorded."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from accounts.access import Reached, reach
from accounts.authority import Actor, reach_of
from accounts.enums import Act, Standing
from accounts.memberships import groups_of
from accounts.queries import Crossing, crossing
from accounts.targeting import Scope, Target, scope_of
from tap.diagnosis import Case, Finding, diagnose
from tap.models import TapPolicy
from tap.queries import Effect, Stop, effect_of, holders, holding_of

LISTED = 50
ISSUERS = 20


@dataclass(frozen=True)
class Draft:
    """What is stored and what would be: policy and lists."""

    before: TapPolicy
    after: TapPolicy
    lists: Collection[Target]
    proposed: Collection[Target]


@dataclass(frozen=True)
class Preview:
    """What a draft would change. ``listed`` are the stopped passes the actor may view, first to end first;
    ``issuers`` whose passes they are and how many, most first.
    """

    gains: Crossing
    loses: Crossing
    effect: Effect
    listed: Sequence[Stop]
    viewable: int
    issuers: Sequence[tuple[str, int]]

    @property
    def not_listed(self) -> int:
        """Return how many stopped passes of those counted are not listed."""
        return len(self.effect.stops) - len(self.listed)


@dataclass(frozen=True)
class Outlook:
    """One person under one policy. ``findings`` say it of his pass, None where the actor may not see passes of his."""

    is_in: bool
    scope: Scope
    case: Case
    findings: Sequence[Finding] | None

    @property
    def first_stop(self) -> Finding | None:
        """Return what stops his pass first, None where it works or is not to be seen."""
        return next((finding for finding in self.findings or () if finding.stops), None)


@dataclass(frozen=True)
class PersonPreview:
    """One person as things are, and as the draft would have them."""

    reached: Reached
    before: Outlook
    after: Outlook


def preview_of(actor: Actor, draft: Draft, *, now: datetime) -> Preview:
    """Return whom and which passes a draft reaches: one statement for the people, two for the passes."""
    gains, loses = crossing(
        draft.before.tenant_id,
        draft.lists if draft.before.is_enabled else (),
        draft.proposed if draft.after.is_enabled else (),
    )
    effect = effect_of(draft.before, draft.after, lists=draft.lists, proposed=draft.proposed, now=now)
    viewable = [stop for stop in effect.stops if _standing(actor, stop) in reach_of(actor, Act.PASS_VIEW)]
    issuers = Counter((stop.issued.issuer_id, str(stop.issued.issuer_name)) for stop in viewable)
    named = [(name, number) for (_, name), number in issuers.most_common(ISSUERS)]
    return Preview(gains, loses, effect, viewable[:LISTED], len(viewable), named)


def person_preview(actor: Actor, draft: Draft, user_id: UUID | str, *, now: datetime) -> PersonPreview:
    """Return what a draft changes for one person. Raises NotFound, Refused."""
    reached = reach(actor, user_id, Act.POLICY_VIEW, people=holders())
    groups = groups_of([reached.user.id])[reached.user.id]

    def outlook(policy: TapPolicy, lists: Collection[Target]) -> Outlook:
        scope = scope_of(reached.user.id, lists, groups)
        case = replace(standing, policy=policy, scope=scope)
        findings = diagnose(case, now=now) if reached.may(Act.PASS_VIEW) else None
        return Outlook(policy.is_enabled and scope.is_in, scope, case, findings)

    holding = holding_of(reached.user, now=now, roles=reached.roles, scope=Scope())
    # Whether attempts wait is left out: no policy changes that.
    standing = Case(reached.user, holding.policy, Scope(), holding.issued, holding.issuer_may, wait=None)
    return PersonPreview(
        reached,
        before=outlook(draft.before, draft.lists),
        after=outlook(draft.after, draft.proposed),
    )


def _standing(actor: Actor, stop: Stop) -> Standing:
    if stop.issued.user_id == actor.user_id:
        return Standing.SELF
    return Standing.ADMIN if stop.is_of_administrator else Standing.MEMBER
