"""A shared secret of sender and source, compared in constant time.

For webhooks that cannot sign: the sender sets `Authorization: Bearer <token>`, or HTTP basic
authentication with the token as its password (or as `user:password` in one).
"""

from __future__ import annotations

import base64
import binascii
import hmac

from incidentkit.errors import InvalidValue
from incidentkit.model.checks import check_text
from incidentkit.model.signals import Rejected, SourceRequest


def check_token(token: str | None) -> str | None:
    """The token, or InvalidValue when it is blank: an empty secret would let everybody in."""
    if token is not None and not check_text(token, "token", 1_000).strip():
        raise InvalidValue("token", "is blank; give a secret, or None to ask for none")
    return token


def refusal(request: SourceRequest, token: str | None) -> Rejected | None:
    """What to answer a request that does not carry the token; None where all is well."""
    if token is None:
        return None
    header = request.headers.get("authorization", "")
    if _carries(header, token):
        return None
    problem = "does not carry the shared secret" if header else "is missing"
    return Rejected("headers.authorization", f"{problem}; nothing of the request was read")


def _carries(header: str, token: str) -> bool:
    scheme, _, given = header.strip().partition(" ")
    offered = [given.strip().encode("utf-8", "surrogatepass")]
    match scheme.lower():
        case "bearer":
            pass
        case "basic":
            try:
                whole = base64.b64decode(offered[0], validate=True)
            except binascii.Error:
                return False
            offered = [whole, whole.partition(b":")[2]]
        case _:
            return False
    secret = token.encode()
    found = False
    for each in offered:
        found |= hmac.compare_digest(each, secret)
    return found
