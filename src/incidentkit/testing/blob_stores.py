"""The blob store contract as cases: what was put in comes out, or is missed, or is damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import BlobDamaged, BlobMissing
from incidentkit.ids import MAIN_TENANT, TenantName
from incidentkit.ports.blobs import Blob, SupportsBlobListing
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type, refused
from incidentkit.testing.report import Report
from incidentkit.testing.threads import together
from incidentkit.testing.trial import PluginTrial, check_plugin

OTHER = TenantName("ACME/../x")
"""A tenant whose name is no path, whatever it looks like."""

CONTENTS: dict[str, tuple[bytes, ...]] = {
    "nothing": (),
    "empty-pieces": (b"", b"a", b"", b"b", b""),
    "all-bytes": (bytes(range(256)),),
    "many-pieces": (b"piece ",) * 5_000,
    "megabytes": (b"x" * 1_000_000,) * 3,
}

REFERENCES = {
    "empty": "",
    "no-hash": "sha256:",
    "path": "sha256:../../etc/passwd",
    "parent": "../x",
    "large-letters": "sha256:" + "0A" * 32,
    "other-hash": "md5:" + "00" * 32,
}


@attrs.frozen
class BlobHarness:
    """How blob stores of yours are made, each empty.

    `damage` changes content behind the store's back; without it a case is skipped.
    """

    make: Callable[[], Any]
    damage: Callable[[Any, TenantName, str], object] | None = None


Trial: TypeAlias = PluginTrial[BlobHarness]


def content(blobs: Any, reference: str, tenant: TenantName = MAIN_TENANT) -> bytes:
    """The whole content."""
    return b"".join(blobs.get(tenant, reference))


def comes_out(pieces: tuple[bytes, ...], trial: Trial) -> None:
    """What is put in comes out, under the SHA-256 and the size of the whole."""
    blobs, whole = trial.plugin, b"".join(pieces)
    blob = of_type(blobs.put(MAIN_TENANT, iter(pieces)), Blob)
    equal((blob.hash, blob.size), (sha256(whole).hexdigest(), len(whole)))
    equal(content(blobs, blob.reference) == whole, True, "whether the content is the same")
    equal(blobs.exists(MAIN_TENANT, blob.reference), True)


def same_reference(trial: Trial) -> None:
    """The same content has the same reference, in whatever pieces it comes."""
    blobs = trial.plugin
    first = blobs.put(MAIN_TENANT, [b"two ", b"pieces"])
    equal(blobs.put(MAIN_TENANT, [b"two pieces"]), first)
    equal(blobs.put(MAIN_TENANT, [b"two other pieces"]).reference != first.reference, True)
    equal(content(blobs, first.reference), b"two pieces")


def tenants_apart(trial: Trial) -> None:
    """Content of one tenant is never found, listed or deleted by another."""
    blobs = trial.plugin
    blob = blobs.put(OTHER, [b"x"])
    equal(blobs.exists(MAIN_TENANT, blob.reference), False)
    with refused(BlobMissing):
        content(blobs, blob.reference)
    equal(blobs.delete(MAIN_TENANT, blob.reference), False)
    equal(content(blobs, blob.reference, OTHER), b"x")


def deleted(trial: Trial) -> None:
    """Deleted content is gone, and deleting it again says that there was none."""
    blobs = trial.plugin
    blob = blobs.put(MAIN_TENANT, [b"x"])
    equal(blobs.delete(MAIN_TENANT, blob.reference), True)
    equal(blobs.delete(MAIN_TENANT, blob.reference), False)
    equal(blobs.exists(MAIN_TENANT, blob.reference), False)
    with refused(BlobMissing, blob.reference):
        content(blobs, blob.reference)
    equal(blobs.put(MAIN_TENANT, [b"x"]), blob)
    equal(content(blobs, blob.reference), b"x")


def names_nothing_else(reference: str, trial: Trial) -> None:
    """A reference that the store never gave names nothing, least of all a file."""
    blobs = trial.plugin
    with refused(BlobMissing):
        content(blobs, reference)
    equal(blobs.exists(MAIN_TENANT, reference), False)
    equal(blobs.delete(MAIN_TENANT, reference), False)


def half_a_content(trial: Trial) -> None:
    """When reading the content breaks off, the error is passed on and nothing is kept."""
    blobs = trial.plugin
    with refused(RuntimeError, "broke off"):
        blobs.put(MAIN_TENANT, _broken())
    half = "sha256:" + sha256(b"half").hexdigest()
    equal(blobs.exists(MAIN_TENANT, half), False)


def half_is_not_listed(trial: Trial) -> None:
    """Content that broke off is not listed."""
    blobs = trial.plugin
    with refused(RuntimeError, "broke off"):
        blobs.put(MAIN_TENANT, _broken())
    equal(list(blobs.listed(MAIN_TENANT)), [])


def listed(trial: Trial) -> None:
    """Everything of a tenant is listed once, with its size and an aware instant."""
    blobs = trial.plugin
    equal(list(blobs.listed(MAIN_TENANT)), [])
    kept = [blobs.put(MAIN_TENANT, [data]) for data in (b"a", b"bb", b"a")]
    blobs.put(OTHER, [b"ccc"])
    found = list(blobs.listed(MAIN_TENANT))
    wanted = sorted({(blob.reference, blob.size) for blob in kept})
    equal(sorted((each.reference, each.size) for each in found), wanted)
    equal([each.stored_at.utcoffset() is None for each in found], [False, False])
    equal([each.size for each in blobs.listed(OTHER)], [3])


def damage_is_told(trial: Trial) -> None:
    """Content that is not what was stored raises BlobDamaged at the latest after the last piece."""
    blobs, damage = trial.plugin, trial.harness.damage
    if damage is None:
        raise TypeError("the harness has no `damage`; the case must require it")
    blob = blobs.put(MAIN_TENANT, [b"evidence"])
    damage(blobs, MAIN_TENANT, blob.reference)
    with refused(BlobDamaged):
        content(blobs, blob.reference)
    equal(blobs.put(MAIN_TENANT, [b"evidence"]), blob)
    equal(content(blobs, blob.reference), b"evidence", "the content after it was stored again")


def many_threads(trial: Trial) -> None:
    """Eight threads store and read at once, the same content and their own."""
    blobs = trial.plugin

    def work(number: int) -> None:
        for n in range(4):
            for data in (b"the same", b"%d/%d" % (number, n)):
                blob = blobs.put(MAIN_TENANT, [data])
                equal(content(blobs, blob.reference), data)

    together(8, work)


def _broken() -> Iterator[bytes]:
    yield b"half"
    raise RuntimeError("the upload broke off")


_CASES: tuple[Case[Trial], ...] = (
    *(
        Case(f"blobs.comes-out.{name}", partial(comes_out, pieces))
        for name, pieces in CONTENTS.items()
    ),
    Case("blobs.same-reference", same_reference),
    Case("blobs.tenants-apart", tenants_apart),
    Case("blobs.deleted", deleted),
    *(
        Case(f"blobs.names-nothing-else.{name}", partial(names_nothing_else, reference))
        for name, reference in REFERENCES.items()
    ),
    Case("blobs.half-a-content", half_a_content),
    Case("blobs.half-is-not-listed", half_is_not_listed, ("listing",)),
    Case("blobs.listed", listed, ("listing",)),
    Case("blobs.damage-is-told", damage_is_told, ("damage",)),
    Case("blobs.many-threads", many_threads),
)


def blob_cases() -> tuple[Case[Trial], ...]:
    """Every case of the blob store contract; ids are public and stay."""
    return _CASES


def blob_capabilities(harness: BlobHarness) -> tuple[str, ...]:
    """What blob stores of this harness can do, as cases name it."""
    able = {
        "damage": harness.damage is not None,
        "listing": isinstance(harness.make(), SupportsBlobListing),
    }
    return tuple(name for name, has in able.items() if has)


def check_blobs(
    made: BlobHarness | Callable[[], Any], cases: Iterable[Case[Trial]] = _CASES
) -> Report:
    """Run the cases on blob stores of yours; `made` is a harness, or a function that makes one."""
    harness = made if isinstance(made, BlobHarness) else BlobHarness(made)
    return check_plugin("blobs", harness, blob_capabilities, cases)
