"""One sentence for each event between a ticket of the host and its incident."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model import hosting_changes as h
from incidentkit.model.journal import Event
from incidentkit.model.last_good import DirectoryAnswered
from incidentkit.model.words import DeliveryState
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, listing, many, name, plain, quoted, words

_MODES = {
    "none": "the library has nothing to do with it",
    "shadow": "the library looks on and sends nothing",
    "advise": "the library drafts what a person may send",
    "enforce": "the library acts on it",
}


def fields(stated: Mapping[str, str]) -> str:
    """Fields with their values, short."""
    return listing(
        tuple(f"{words(x)} {quoted(y, 60) if y else 'empty'}" for x, y in stated.items())
    )


def kept(state: str) -> str:
    """Why a message that was decided is not sent, in two words; empty where it is."""
    known = {
        DeliveryState.SHADOWED.value: "only in shadow",
        DeliveryState.DRAFTED.value: "as a draft",
    }
    return known.get(state, "not wanted") if state else ""


def _adopted(v: h.TicketAdopted, t: Teller) -> str:
    again = " again" if v.again else ""
    past = "it was just opened" if v.live else "its past wakes nobody"
    return (
        f"{t.who} adopted ticket {name(v.key)} of {name(v.system)}{again}: {past}; {_mode(v.mode)}"
    )


def _mode(mode: str) -> str:
    return _MODES[mode]


def _mode_set(v: h.ModeSet, t: Teller) -> str:
    return followed(f"{t.who} set its mode to {words(v.mode)} (was {words(v.was)})", v.reason)


def _heard(v: h.TicketHeard, _: Teller) -> str:
    what = "changed" if v.stated else "was saved"
    return followed(f"its ticket {what} (version {v.ticket_version})", fields(v.stated))


def _disputed(v: h.FieldDisputed, _: Teller) -> str:
    told = f"both sides had a word for the {words(v.field)}: {quoted(v.ours, 60)} here"
    return f"{told}, {quoted(v.theirs, 60)} on the ticket; the {plain(v.winner)} keeps it"


def _sent(v: h.FieldsSent, _: Teller) -> str:
    return f"its ticket is told: {fields(v.fields)}"


def _detached(v: h.TicketDetached, t: Teller) -> str:
    clocks = f", {many(len(v.clocks), 'target')} cancelled" if v.clocks else ""
    return followed(f"{t.who} let go of it{clocks}; nothing is sent about it any more", v.reason)


def _enrolled(v: h.TicketEnrolled, _: Teller) -> str:
    return f"ticket {name(v.key)} of {name(v.system)}: {_mode(v.mode)}"


def _taken(_: h.TicketTaken, t: Teller) -> str:
    return f"{t.who} adopted the ticket"


def _let_go(v: h.TicketLetGo, t: Teller) -> str:
    return followed(f"{t.who} let go of the ticket", v.reason)


def _kept(v: h.DeliveryKept, _: Teller) -> str:
    return f"{v.kind} to {name(v.party)} on {plain(v.channel)} was decided, {kept(v.state)}"


def _draft_sent(v: h.DraftSent, _: Teller) -> str:
    return f"{name(v.by)} let the draft go out"


def _answered(v: DirectoryAnswered, _: Teller) -> str:
    return f"the directory knows {many(v.contacts, 'contact')} of {name(v.party)}"


HOSTING: dict[type[Event], Sentence] = {
    h.TicketAdopted: _adopted,
    h.ModeSet: _mode_set,
    h.TicketHeard: _heard,
    h.FieldDisputed: _disputed,
    h.FieldsSent: _sent,
    h.TicketDetached: _detached,
    h.TicketEnrolled: _enrolled,
    h.TicketTaken: _taken,
    h.TicketLetGo: _let_go,
    h.DeliveryKept: _kept,
    h.DraftSent: _draft_sent,
    DirectoryAnswered: _answered,
}
"""Event -> its sentence."""
