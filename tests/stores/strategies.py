"""Values of the kit's random commands as Hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

from incidentkit.ports.query import Filter
from incidentkit.testing import commands

filters: st.SearchStrategy[Filter] = st.randoms(use_true_random=False).map(commands.a_filter)
