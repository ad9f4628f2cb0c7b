"""A shared secret of sender and source, compared in constant time.

For webhooks that cannot sign: the sender sets `Authorization: Bearer <token>`, or HTTP basic
authentication with the token as its password (or as `user:password` in one).
"""

from __future__ import annotations

import base64
import binascii

from incidentkit.errors import InvalidValue
from incidentkit.model.signals import Rejected, SourceRequest
from incidentkit.ports.secret import Secret


def check_token(token: Secret | str | None) -> Secret | None:
    """The token as a secret, from its text, `env:NAME` or `file:PATH`.

    Raises InvalidValue when it is blank: an empty secret would let everybody in.
    """
    if token is None:
        return None
    try:
        return Secret.of(token, "token")
    except InvalidValue as error:
        raise InvalidValue("token", f"{error.problem}; None asks for none") from None


def refusal(request: SourceRequest, token: Secret | None) -> Rejected | None:
    """What to answer a request that does not carry the token; None where all is well."""
    if token is None or _carries(request, token):
        return None
    given = request.headers.get("authorization", "")
    problem = "does not carry the shared secret" if given else "is missing"
    said = f"{problem}; nothing of the request was read"
    return Rejected("headers.authorization", said, unproven=True)


def _carries(request: SourceRequest, token: Secret) -> bool:
    return sum([token.matches(each) for each in _offered(request)]) > 0


def _offered(request: SourceRequest) -> list[bytes]:
    """What the request offers for a secret; every one of them is compared."""
    scheme, _, given = request.headers.get("authorization", "").strip().partition(" ")
    offered = given.strip().encode("utf-8", "surrogatepass")
    match scheme.lower():
        case "bearer":
            return [offered]
        case "basic":
            try:
                whole = base64.b64decode(offered, validate=True)
            except binascii.Error:
                return []
            return [whole, whole.partition(b":")[2]]
        case _:
            return []
