"""incidentkit in Flask: a webhook that takes alerts in, and a page of what is open."""

from __future__ import annotations

from flask import Flask, render_template_string, request
from flask.typing import ResponseReturnValue

from incidentkit import Desk
from incidentkit.errors import Blame, IncidentKitError

STATUS = {Blame.CALLER: 400, Blame.STORE: 503}
PAGE = (
    "<ul>{% for x in found %}<li>{{ x.ref }} {{ x.priority }} {{ x.title }}</li>{% endfor %}</ul>"
)


def create_app(desk: Desk) -> Flask:
    app = Flask(__name__)

    @app.post("/alerts/<source>")
    def alerts(source: str) -> ResponseReturnValue:
        taken = desk.receive(source, request.get_data(), headers=dict(request.headers))
        return {"opened": taken.opened}, 422 if taken.rejected else 202

    @app.errorhandler(IncidentKitError)
    def refused(error: IncidentKitError) -> ResponseReturnValue:
        return {"error": str(error)}, STATUS.get(error.blame, 500)

    @app.get("/incidents")
    def incidents() -> ResponseReturnValue:
        return render_template_string(PAGE, found=desk.find(active=True).items)

    return app
