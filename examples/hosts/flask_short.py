"""Flask in ten lines: a webhook that takes alerts in, what is open, and acknowledging."""

from __future__ import annotations

from flask import Flask, request

from incidentkit import Desk, IncidentKitError, http_status, problem_details

app, desk = Flask(__name__), Desk.open("sqlite:///flask.db")
app.register_error_handler(IncidentKitError, lambda e: (problem_details(e), http_status(e)))
app.get("/incidents")(lambda: [f"{x.ref} {x.title}" for x in desk.find(active=True).items])


@app.post("/alerts/<source>")
def alerts(source: str) -> tuple[dict[str, object], int]:
    taken = desk.receive(source, request.get_data(), headers=dict(request.headers))
    return {"opened": taken.opened}, 422 if taken.rejected else 202


@app.post("/incidents/<ref>/acknowledge")
def acknowledge(ref: str) -> dict[str, str]:
    return {"acknowledged": desk.acknowledge(ref, by=request.form["by"]).ref}
