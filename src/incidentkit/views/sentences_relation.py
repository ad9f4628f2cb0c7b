"""One sentence for each event between incidents, and for each event of a report."""

from __future__ import annotations

from incidentkit.model import relation_changes as r
from incidentkit.model import report_changes as rep
from incidentkit.model.alert import AlertMoved
from incidentkit.model.journal import Event
from incidentkit.model.words import CancelReason
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, listing, many, name, plain, words


def _contents(
    v: r.Absorbed | r.GivenUp | r.Released | r.ContentsMovedIn | r.ContentsMovedOut,
) -> str:
    firing = f" ({v.firing} firing)" if v.firing else ""
    links = v.links if isinstance(v, r.Absorbed | r.GivenUp) else ()
    tasks = v.tasks if isinstance(v, r.Absorbed | r.GivenUp) else ()
    watchers = v.watchers if isinstance(v, r.Absorbed | r.Released) else ()
    return listing(
        (
            f"{many(len(v.alerts), 'alert')}{firing}" if v.alerts else "",
            many(len(v.reports), "report") if v.reports else "",
            many(len(links), "link") if links else "",
            many(len(watchers), "watcher") if watchers else "",
            many(len(tasks), "task") if tasks else "",
        )
    )


def _absorbed(v: r.Absorbed, t: Teller) -> str:
    earlier = tuple(f"{words(k)} {t.near(then)}" for k, then in v.moments.items())
    said = listing((_contents(v), *earlier)) or "nothing"
    merged = v.how is CancelReason.MERGED
    what = f"{t.who} merged {plain(v.ref)} into it" if merged else f"{plain(v.ref)} is a duplicate"
    return followed(f"{what}; taken over: {said}", v.why)


def _given_up(v: r.GivenUp, t: Teller) -> str:
    merged = v.how is CancelReason.MERGED
    did = f"{t.who} merged it into {plain(v.ref)}" if merged else f"{plain(v.ref)} stands for it"
    return followed(f"{did}; handed over: {_contents(v) or 'nothing'}", v.why)


def _released(v: r.Released, t: Teller) -> str:
    back = tuple(f"{words(k)} {t.near(then)} again" for k, then in v.moments.items())
    unknown = tuple(f"{words(x)} not known again" for x in v.unknown)
    said = listing((_contents(v), *back, *unknown)) or "nothing"
    return followed(f"{t.who} gave back to {plain(v.ref)}: {said}", v.why)


def _moved_in(v: r.ContentsMovedIn, t: Teller) -> str:
    return followed(f"{t.who} moved here from {plain(v.ref)}: {_contents(v) or 'nothing'}", v.why)


def _moved_out(v: r.ContentsMovedOut, t: Teller) -> str:
    return followed(f"{t.who} moved to {plain(v.ref)}: {_contents(v) or 'nothing'}", v.why)


def _turned(v: r.ChildTurned, _: Teller) -> str:
    return f"its child {plain(v.ref)} is {'over' if v.over else 'open again'}"


def _answered(v: r.ReporterAnswered, _: Teller) -> str:
    about = f" about {plain(v.report)}" if v.report else ""
    return followed(f"{name(v.party)} answered{about}", v.text)


def _reminded(v: r.HoldReminded, t: Teller) -> str:
    if not v.to:
        return "nobody is reminded of it any more"
    again = f", and is again at {t.near(v.next_at)}" if v.next_at is not None else ""
    return f"{name(v.to)} is reminded (reminder {v.number}){again}"


def _received(v: rep.ReportReceived, _: Teller) -> str:
    behalf = f" for {name(v.on_behalf_of)}" if v.on_behalf_of else ""
    told = f'{name(v.reporter)}{behalf} reported {plain(v.ref)} "{plain(v.title)}"'
    return followed(f"{told}, which belongs to {plain(v.incident_ref)}", v.text)


def _suggested(v: rep.JoinSuggested, _: Teller) -> str:
    return f"it may belong to {plain(v.ref)}, which is open on the same service"


def _report_redacted(_: rep.ReportRedacted, t: Teller) -> str:
    return f"{t.who} redacted what it said"


def _report_moved(v: rep.ReportMoved, t: Teller) -> str:
    return followed(f"{t.who} moved it from {plain(v.was)} to {plain(v.ref)}", v.why)


def _told(v: rep.ReportTold, _: Teller) -> str:
    return f"{name(v.to)} is told that it is resolved, and asked whether it is"


def _confirmed(v: rep.ResolutionConfirmed, t: Teller) -> str:
    return followed(f"{t.who} confirmed that it is solved", v.text)


def _rejected(v: rep.ResolutionRejected, t: Teller) -> str:
    return followed(f"{t.who} said that it is not solved", v.reason)


def _alert_moved(v: AlertMoved, t: Teller) -> str:
    return followed(f"{t.who} moved it from {plain(v.was)} to {plain(v.incident)}", v.why)


RELATION: dict[type[Event], Sentence] = {
    r.Absorbed: _absorbed,
    r.GivenUp: _given_up,
    r.Released: _released,
    r.ContentsMovedIn: _moved_in,
    r.ContentsMovedOut: _moved_out,
    r.ChildTurned: _turned,
    r.ReporterAnswered: _answered,
    r.HoldReminded: _reminded,
    rep.ReportReceived: _received,
    rep.JoinSuggested: _suggested,
    rep.ReportMoved: _report_moved,
    rep.ReportRedacted: _report_redacted,
    rep.ReportTold: _told,
    rep.ResolutionConfirmed: _confirmed,
    rep.ResolutionRejected: _rejected,
    AlertMoved: _alert_moved,
}
"""Event -> its sentence."""
