"""AsyncDesk is Desk with `await` in it: written by this file, so that the two cannot drift apart.

Run `python -m tests.meta.twins` after changing `desk.py` or one of its parts in
`incidentkit.desk`; a test fails while the written files differ from what this would write.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.meta.source import PACKAGE

ROOM = PACKAGE / "desk"

_PLAIN = {
    "as_",
    "tenant",
    "using",
    "at",
    "flow_of",
    "claim_args",
    "next_time",
    "later",
    "actor",
    "_told",
    "_set_aside",
    "_spool_trouble",
    "_nothing_waits",
    "ports",
    "joint",
    "tenant_name",
    "tenant_of",
}
_OWN = (
    "run|_policy|_tell|setting|get|execute|incident|problem|policy|journal|_take|disconnect|observed|"
    "reindex|audit|paged_elsewhere|reconcile|_audit_in_turn|_note_audit|_mark_restored|_feed|_feed_one|_receive|"
    "_spooled|_page_emergency|"
    "_incident|brief|_run|_read"
)
_AWAITED = (
    rf"self\.(?:{_OWN})\(",
    r"desk\.(?:observed)\(",
    r"here\.(?:run|setting|observed|audit|policy|_receive)\(",
    r"\bcalled\(",
)
_PARTS = (
    "Guarding",
    "Everyday",
    "Asking",
    "Evidence",
    "Upkeep",
    "Sharing",
    "Safeguards",
    "Access",
    "Hosting",
)
"""What `Desk` is put together from, each in a module of its name."""
_WORDS = (
    ("\nclass Desk(", "\nclass AsyncDesk("),
    *((f"\n    {name},\n", f"\n    Async{name},\n") for name in _PARTS),
    *((f"class {name}(Part):", f"class Async{name}(AsyncPart):") for name in _PARTS),
    *(
        (
            f"incidentkit.desk.{name.lower()} import {name}",
            f"incidentkit.desk.async_{name.lower()} import Async{name}",
        )
        for name in _PARTS
    ),
    ("class Part:", "class AsyncPart:"),
    ("-> Part:", "-> AsyncPart:"),
    ("incidentkit.desk.part import Part", "incidentkit.desk.async_part import AsyncPart"),
    ("-> Desk", "-> AsyncDesk"),
    ("return Desk(", "return AsyncDesk("),
    ("desk.driving import called", "desk.async_driving import called"),
    (
        "desk.driving import answered, called, drive",
        "desk.async_driving import aanswered, adrive, called",
    ),
    ("return answered(", "return await aanswered("),
    ("drive(session, make())", "await adrive(session, make())"),
    ("plugins.observe import notify", "plugins.observe import anotify"),
    ("        notify(ports", "        await anotify(ports"),
    ("asynchronous=False", "asynchronous=True"),
    ("time.sleep(", "await asyncio.sleep("),
    ("import time\n", "import asyncio\n"),
    ("from incidentkit.desk import due\n", "from incidentkit.desk import async_due\n"),
    ("due.run_due(self, executor)", "await async_due.run_due(self)"),
    ("due.serve(self, stop, workers, poll)", "await async_due.serve(self, stop, workers, poll)"),
    ("def run_due(self, executor: Any = None)", "def run_due(self)"),
    ("with Desk.open(", "async with await AsyncDesk.open("),
    ("desk.declare(", "await desk.declare("),
    ("__enter__", "__aenter__"),
    ("__exit__", "__aexit__"),
    ("store.close()", "store.close)"),
    ("self._shared.ports.store.close)", "await called(self._shared.ports.store.close)"),
    ("ports.guard.call(\n", "await ports.guard.acall(\n"),
    ("ports.guard.call(anchor", "await ports.guard.acall(anchor"),
)


def make_async(text: str) -> str:
    """The asynchronous twin of a module of the desk."""
    for was, becomes in _WORDS:
        text = text.replace(was, becomes)
    text = re.sub(
        r"^(    )def (?!__init__)(\w+)",
        lambda m: m[0] if m[2] in _PLAIN else f"{m[1]}async def {m[2]}",
        text,
        flags=re.MULTILINE,
    )
    for pattern in _AWAITED:
        text = re.sub(rf"(?<!def )(?<!await )({pattern})", r"await \1", text)
    return text


def written() -> dict[Path, str]:
    """Every twin as it should be written."""
    desk = make_async((ROOM / "desk.py").read_text("utf-8"))
    _, _, rest = desk.partition('"""\n\nfrom __future__')
    head = '"""AsyncDesk: the same desk in an event loop. Written from `desk.py`; see ADR 4."""'
    desk = (head + "\n\nfrom __future__" + rest).replace("threading.Event", "asyncio.Event")
    desk = desk.replace("    Safe to use from many threads. `as_`", "    For one event loop. `as_`")
    desk = re.sub(r"\n    >>> async with.*?INC-1 P3 new\n", "\n", desk, flags=re.DOTALL)
    return {ROOM / "async_desk.py": desk, **dict(map(_mixin, MIXINS))}


MIXINS = {
    "everyday": "The everyday methods",
    "asking": "The questions",
    "evidence": "The attachments",
    "part": "What a part rests on,",
    "upkeep": "The upkeep",
    "sharing": "Commits",
    "safeguards": "The safeguards",
    "guarding": "The boundary",
    "access": "Who may see what",
    "hosting": "The tickets of a host",
}
"""The modules that `Desk` is put together from, and what each holds."""


def _mixin(name: str) -> tuple[Path, str]:
    text = make_async((ROOM / f"{name}.py").read_text("utf-8"))
    _, _, rest = text.partition('"""\n\nfrom __future__')
    head = f'"""{MIXINS[name]} with `await`. Written from `{name}.py`; see ADR 4."""'
    text = (head + "\n\nfrom __future__" + rest).replace("of `Desk`", "of `AsyncDesk`")
    text = text.replace("by `Desk`", "by `AsyncDesk`")
    return ROOM / f"async_{name}.py", text.replace("to `Desk`", "to `AsyncDesk`")


if __name__ == "__main__":
    import subprocess
    import sys

    for path, text in written().items():
        path.write_text(text, "utf-8")
        for call in (["format", "-q"], ["check", "--fix", "-q"], ["format", "-q"]):
            subprocess.run([sys.executable, "-m", "ruff", *call, str(path)], check=True)
