"""incidentkit in FastAPI: the same with an AsyncDesk, which lives as long as the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from incidentkit import AsyncDesk
from incidentkit.errors import Blame, IncidentKitError

STATUS = {Blame.CALLER: 400, Blame.STORE: 503}


def create_app(url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await AsyncDesk.open(url) as app.state.desk:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/alerts/{source}")
    async def alerts(source: str, request: Request) -> Response:
        body, desk = await request.body(), app.state.desk
        taken = await desk.receive(source, body, headers=request.headers)
        return JSONResponse({"opened": taken.opened}, 422 if taken.rejected else 202)

    @app.exception_handler(IncidentKitError)
    async def refused(request: Request, error: IncidentKitError) -> Response:
        return JSONResponse({"error": str(error)}, STATUS.get(error.blame, 500))

    @app.get("/incidents")
    async def incidents() -> Response:
        found = (await app.state.desk.find(active=True)).items
        return HTMLResponse("".join(f"<li>{escape(f'{x.ref} {x.title}')}</li>" for x in found))

    return app
