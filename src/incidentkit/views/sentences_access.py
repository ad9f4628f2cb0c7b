"""One sentence for each event about access: privacy, broken glass, and who read."""

from __future__ import annotations

from incidentkit.model import admission as a
from incidentkit.model import privacy_changes as p
from incidentkit.model.journal import Event
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, listing, name, plain


def _private(v: p.PrivacySet, t: Teller) -> str:
    admits = f" and admitted {listing(tuple(map(name, v.admits)))}" if v.admits else ""
    return followed(f"{t.who} made it private{admits}", v.why)


def _lifted(v: p.PrivacyLifted, t: Teller) -> str:
    return followed(f"{t.who} lifted its privacy", v.why)


def _broken(v: p.GlassBroken, t: Teller) -> str:
    whose = t.who if t.is_actor(v.party) else name(v.party)
    return followed(f"{whose} broke the glass and may see it until {t.near(v.until)}", v.why)


def _admitted(v: a.Admitted, _: Teller) -> str:
    return f"{name(v.party)} came to have to do with it"


def _read(v: a.RecordRead, t: Teller) -> str:
    return f"{t.who} read it under {plain(v.label)} ({plain(v.what)})"


ACCESS: dict[type[Event], Sentence] = {
    p.PrivacySet: _private,
    p.PrivacyLifted: _lifted,
    p.GlassBroken: _broken,
    a.Admitted: _admitted,
    a.RecordRead: _read,
}
