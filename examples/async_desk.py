"""The same desk in an event loop: requests and a worker side by side."""

from __future__ import annotations

import asyncio
import json

from incidentkit import AsyncDesk, Message

paged = asyncio.Event()


async def page(message: Message) -> None:
    await asyncio.sleep(0.01)  # a service that takes its time
    print("  page ->", message.to, "|", message.text)
    paged.set()


async def main() -> None:
    async with await AsyncDesk.open("memory:", channels={"pager": page}) as desk:
        stop = asyncio.Event()
        worker = asyncio.create_task(desk.serve(stop, workers=2, poll=0.05))

        print("Fifty alerts at once, and a worker that runs beside:")
        bodies = [
            json.dumps(
                {
                    "title": "Search is slow",
                    "key": f"host-{number}",
                    "group": "search",
                    "severity": "critical",
                    "service": "search",
                }
            )
            for number in range(50)
        ]
        answers = await asyncio.gather(*(desk.receive("generic", body) for body in bodies))
        await asyncio.wait_for(paged.wait(), 5)
        opened = [ref for answer in answers for ref in answer.opened]
        inc = await desk.incident(opened[0])
        print(
            f"  {len(bodies)} alerts, {len(opened)} incident: {inc.ref} ({inc.ties.firing} firing)"
        )

        await desk.accept(inc, by="ana")
        await desk.acknowledge(inc, by="ana")
        print("Ten people write a note in the same moment:")
        await asyncio.gather(*(desk.note(inc, f"note {n}", by=f"person-{n}") for n in range(10)))
        notes = [line for line in await desk.timeline(inc) if line.kind == "noted"]
        print(f"  {len(notes)} notes, none lost")

        # Its alerts still fire, so resolving needs a word about that.
        inc = await desk.resolve(
            inc, by="ana", code="fixed", remedy="more shards", override="alerts clear by themselves"
        )
        print(f"now: {inc.status}")
        print(await desk.explain(inc, "paging"))

        stop.set()
        await worker


if __name__ == "__main__":
    asyncio.run(main())
