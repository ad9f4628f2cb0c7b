"""A worker that cron starts once a minute: `* * * * * python by_cron.py`.

Two that overlap do no harm: no task is given to both.
"""

from __future__ import annotations

import os

from incidentkit import Desk
from incidentkit.channels.file import FileChannel

with Desk.open(
    os.environ["INCIDENTS_URL"],
    channels={"sms": FileChannel(os.environ["INCIDENTS_OUTBOX"], "sms")},
) as desk:
    desk.run_due()
