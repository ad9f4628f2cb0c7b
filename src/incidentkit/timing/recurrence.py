"""Calendar arithmetic, and the only place that imports dateutil.

Months and years have no fixed length, and their sums must follow one documented rule: the last
day of a shorter month stands in for the day that it lacks. dateutil's relativedelta keeps it.
The import happens on first use, since most terms are plain elapsed time.
"""

from __future__ import annotations

from datetime import datetime


def months_later(at: datetime, months: int) -> datetime:
    """The same day and time so many months on; the month's last day where that day is lacking.

    >>> from datetime import UTC
    >>> months_later(datetime(2024, 1, 31, 9, tzinfo=UTC), 1).isoformat()
    '2024-02-29T09:00:00+00:00'
    """
    from dateutil.relativedelta import relativedelta

    return at + relativedelta(months=months)
