"""The words of the API."""

from enum import StrEnum


class Dialect(StrEnum):
    """How a part of the API spells the codes of its errors. Clients tell failures apart by them."""

    METHODS = "methods"  # authentication methods and their policies: camelCase
    DIRECTORY = "directory"  # users, groups, roles, reports: Pascal_Snake


class Version(StrEnum):
    """The two versions a path may name."""

    V1 = "v1.0"
    BETA = "beta"
