"""FastAPI in ten lines: a webhook that takes alerts in, what is open, and acknowledging."""

from __future__ import annotations

from asyncio import to_thread

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from incidentkit import Desk, IncidentKitError, http_status, problem_details

app, desk = FastAPI(), Desk.open("sqlite:///fastapi.db")
app.get("/incidents")(lambda: [f"{x.ref} {x.title}" for x in desk.find(active=True).items])
app.exception_handler(IncidentKitError)(
    lambda _, error: JSONResponse(problem_details(error), http_status(error))
)


@app.post("/alerts/{source}")
async def alerts(source: str, request: Request) -> Response:
    taken = await to_thread(desk.receive, source, await request.body(), headers=request.headers)
    return JSONResponse({"opened": taken.opened}, 422 if taken.rejected else 202)


@app.post("/incidents/{ref}/acknowledge")
def acknowledge(ref: str, by: str) -> dict[str, str]:
    return {"acknowledged": desk.acknowledge(ref, by=by).ref}
