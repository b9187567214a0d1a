"""What all shapes share: Graph's spelling of names, its way to write times, and how a body is read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from pydantic.alias_generators import to_camel

from graph.errors import BadQuery
from graph.odata.grammar import read_moment

TYPE_KEY = "@odata.type"
NAMESPACE = "microsoft.graph"


def write_moment(moment: datetime) -> str:
    """Return a time as the API writes it: UTC, a Z, and fractions of a second only where there are some."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if utc.microsecond else "%Y-%m-%dT%H:%M:%SZ")


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return read_moment(value)
    except BadQuery as problem:
        raise ValueError(problem.message) from problem


WRITTEN = {"type": "string", "format": "date-time"}
Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(write_moment, return_type=str)]


def _nothing_required(schema: dict[str, Any]) -> None:
    """Leave it to ``$select`` which properties an answer has."""
    schema.pop("required", None)


class Shape(BaseModel):
    """A type as it is answered. ``graph_name``: its name in Graph; ``is_ours``: Graph has no such type."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, json_schema_extra=_nothing_required)
    graph_name: ClassVar[str] = ""
    is_ours: ClassVar[bool] = False
    is_complex: ClassVar[bool] = False  # a value inside another type, with no id of its own

    @classmethod
    def properties(cls) -> tuple[str, ...]:
        """Return the names of its properties as clients write them."""
        names = (to_camel(name) if info.alias is None else info.alias for name, info in cls.model_fields.items())
        return tuple(name for name in names if "@" not in name)

    @classmethod
    def type_name(cls) -> str:
        """Return the value of ``@odata.type``."""
        return f"#{'gatepass' if cls.is_ours else NAMESPACE}.{cls.graph_name}"

    def written(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return self.model_dump(by_alias=True)


Item = TypeVar("Item")


class Collection(Shape, Generic[Item]):
    """A page of items."""

    context: str = Field(default="", alias="@odata.context")
    count: int | None = Field(default=None, alias="@odata.count")
    next_link: str | None = Field(default=None, alias="@odata.nextLink")
    value: list[Item]


class Told(BaseModel):
    """Details of a failure."""

    message: str
    date: str
    request_id: str = Field(alias="request-id")
    client_request_id: str = Field(alias="client-request-id")


class Failure(BaseModel):
    """What a failure says."""

    model_config = ConfigDict(alias_generator=to_camel)
    code: str
    message: str
    inner_error: Told


class ErrorBody(BaseModel):
    """Every failure of the API."""

    error: Failure


class Sent(BaseModel):
    """A body a client sends. Unknown names are refused (criterion E10); ``echoed`` are those of Graph's type that only
    the server sets and clients send back: they change nothing. So are names with an @, but for the type.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid", strict=True)
    graph_name: ClassVar[str] = ""
    echoed: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_echoed(cls, sent: object) -> object:
        if not isinstance(sent, Mapping):
            return sent
        kind = sent.get(TYPE_KEY)
        if cls.graph_name and kind is not None and str(kind).lstrip("#") != f"{NAMESPACE}.{cls.graph_name}":
            raise ValueError(f"the type must be #{NAMESPACE}.{cls.graph_name}")
        return {name: value for name, value in sent.items() if "@" not in str(name) and name not in cls.echoed}
