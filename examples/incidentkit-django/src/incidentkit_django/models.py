"""One model for each table that incidentkit keeps; see `tables`.

They are for the store and for looking. Whoever changes a row by other means than a desk raises no
version and writes no journal: `desk().verify()` will say that it was tampered with.
"""

from __future__ import annotations

from incidentkit.codec.kinds import SPECS
from incidentkit_django.tables import model_name, model_of, tables

for _table in tables(SPECS):
    globals()[model_name(_table.name)] = model_of(_table, "incidentkit_django", __name__)
