"""A pager of one's own: it sends, it is answered, and the answer acknowledges.

The service behind the pager is played by a list. What comes back from it is proved by the token
that went out with the message, never by who the sender says they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from incidentkit import (
    Answer,
    AnswerVerb,
    Desk,
    ManualTime,
    Message,
    MessageKind,
    Receipt,
    Refused,
    Rejected,
    Retry,
    Sent,
    SourceRequest,
)

Service = Callable[[str, str, str, str], tuple[int, str]]


class MyPager:
    name = "my-pager"
    kinds = frozenset({MessageKind.PAGE})

    def __init__(self, service: Service) -> None:
        self.service = service

    def send(self, message: Message) -> Sent | Retry | Refused:
        if not message.to.startswith("+"):
            return Refused(f"{message.to[:99]} is no telephone number")
        status, proof = self.service(message.to, message.text, message.answer_token, message.key)
        return Sent(proof) if status == 200 else Retry("the service is overloaded")

    def parse(self, request: SourceRequest) -> Iterator[Answer | Receipt | Rejected]:
        try:
            said = json.loads(request.body)
            if said["type"] == "receipt":
                yield Receipt(said["token"], said["arrived"], key=said["id"])
            else:
                yield Answer(said["token"], AnswerVerb(said["type"]), key=said["id"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            yield Rejected("body", str(error)[:500])


def main() -> None:
    outbox: list[tuple[str, str, str]] = []

    def service(number: str, text: str, token: str, key: str) -> tuple[int, str]:
        outbox.append((number, token, key))
        print(f"  the service is asked to call {number}: {text}")
        return (503, "") if len(outbox) == 1 else (200, f"call-{len(outbox)}")

    time = ManualTime(datetime(2026, 3, 3, 2, 30, tzinfo=UTC))
    directory = {"ana": {"my-pager": "+49 151 1"}}
    channels = {"my-pager": MyPager(service)}
    with Desk.open("memory:", channels=channels, directory=directory, time=time) as desk:
        inc = desk.declare("Checkout answers 502", impact="high", urgency="high", assign="ana")
        print("The first try meets an overloaded service:")
        desk.run_due()
        print("  delivery:", desk.deliveries(inc)[0].state, "-", desk.deliveries(inc)[0].detail)

        print("A quarter of a minute later it is asked again, under the same key:")
        time.move(seconds=15)
        desk.run_due()
        print("  delivery:", desk.deliveries(inc)[0].state, "-", desk.deliveries(inc)[0].detail)
        print("  same key:", outbox[0][2] == outbox[1][2])

        print("Ana presses the button; the service reports it:")
        _, token, _ = outbox[-1]
        pressed = json.dumps({"type": "acknowledge", "token": token, "id": "press-1"})
        headers = {"From": "somebody-else@example.org"}  # nobody looks at it
        print("  rejected:", desk.receive("my-pager", pressed, headers=headers).rejected)
        print("  response:", desk.incident(inc).life.response)

        print("The same report again changes nothing, and a guessed token is kept as rejected:")
        entries = len(desk.journal(inc))
        desk.receive("my-pager", pressed)
        print("  new entries:", len(desk.journal(inc)) - entries)
        guess = json.dumps({"type": "acknowledge", "token": "0" * 32, "id": "press-2"})
        print("  rejected:", desk.receive("my-pager", guess).rejected)

        print("\nThe timeline:")
        print(*(f"  {line}" for line in desk.timeline(inc)), sep="\n")


if __name__ == "__main__":
    main()
