"""Several requests in one."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from graph.shapes.base import Sent

MOST_REQUESTS = 20


class SentRequest(Sent):
    """One of them. Older clients spell the list of what it waits for depends_on."""

    id: str = Field(min_length=1, max_length=64)
    method: Literal["GET", "POST", "PATCH", "DELETE", "PUT"]
    url: str = Field(min_length=1, max_length=8000)
    headers: dict[str, str] | None = None
    body: Any = None
    depends_on: list[str] = Field(default_factory=list, max_length=MOST_REQUESTS)

    @model_validator(mode="before")
    @classmethod
    def _either_spelling(cls, sent: object) -> object:
        if not isinstance(sent, Mapping):
            return sent
        renamed = {("dependsOn" if name == "depends_on" else name): value for name, value in sent.items()}
        if isinstance(renamed.get("method"), str):
            renamed["method"] = renamed["method"].upper()
        return renamed if renamed.get("dependsOn", "") is not None else renamed | {"dependsOn": []}


class SentBatch(Sent):
    """All of them."""

    requests: list[SentRequest] = Field(min_length=1, max_length=MOST_REQUESTS)


class Answered(BaseModel):
    """What one of them was answered."""

    id: str
    status: int
    headers: dict[str, str]
    body: Any = None


class BatchAnswer(BaseModel):
    """What they were answered."""

    responses: list[Answered]
