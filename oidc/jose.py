"""Signed tokens as text: RS256 with a key of ours, or nothing. What a header says of keys and addresses is not read."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jwcrypto import jws
from jwcrypto.common import JWException

from core.errors import NotUsable
from oidc import keys
from oidc.enums import TokenProblem

ACCESS_TOKEN, ID_TOKEN, LOGOUT_TOKEN = "at+jwt", "JWT", "logout+jwt"  # values of typ
ALGORITHM = "RS256"
LONGEST = 8192  # characters
PARTS = 3


class TokenRefused(NotUsable):
    """A token gives no access. ``problem`` is the machine's word for why."""

    def __init__(self, problem: TokenProblem) -> None:
        super().__init__(problem.value, problem.message)
        self.problem = problem


def sign(claims: Mapping[str, Any], typ: str, *, now: datetime) -> str:
    """Return ``claims`` as a signed token of the kind ``typ``."""
    kid, key = keys.signing_key(now=now)
    made = jws.JWS(json.dumps(claims).encode())
    made.add_signature(key, alg=ALGORITHM, protected=json.dumps({"alg": ALGORITHM, "typ": typ, "kid": kid}))
    return str(made.serialize(compact=True))


def read(text: str, typ: str, *, now: datetime) -> dict[str, Any]:
    """Return the claims of a token of the kind ``typ`` that we signed, its times unjudged. Raises TokenRefused."""
    token = jws.JWS()
    try:
        if len(text) > LONGEST or text.count(".") != PARTS - 1:
            raise TokenRefused(TokenProblem.MALFORMED)
        token.deserialize(text)
        header = json.loads(token.objects["protected"])
        kid, algorithm, kind = str(header.get("kid", "")), header.get("alg"), header.get("typ")
    except (JWException, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise TokenRefused(TokenProblem.MALFORMED) from error
    if kind != typ:
        raise TokenRefused(TokenProblem.WRONG_TYPE)
    key = keys.verification_key(kid, now=now) if algorithm == ALGORITHM else None
    try:
        if key is None:
            raise TokenRefused(TokenProblem.WRONG_SIGNATURE)
        token.allowed_algs = [ALGORITHM]
        token.verify(key)
        return dict(json.loads(token.payload))
    except (JWException, ValueError, TypeError) as error:
        raise TokenRefused(TokenProblem.WRONG_SIGNATURE) from error
