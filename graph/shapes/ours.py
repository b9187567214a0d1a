"""What Graph does not have: all passes of the organisation, and why somebody can or cannot use one."""

from graph.shapes.base import Shape


class Finding(Shape):
    """One rule and its answer for one person. ``changedBy``: the request that would change it, where there is one."""

    graph_name = "passFinding"
    is_ours = True
    is_complex = True
    rule: str
    question: str
    verdict: str
    answer: str
    changed_by: str | None


class Diagnosis(Shape):
    """Whether a person can sign in with a pass now, and every rule that decides it."""

    graph_name = "passDiagnosis"
    is_ours = True
    id: str
    user_principal_name: str
    can_use: bool
    findings: list[Finding]
