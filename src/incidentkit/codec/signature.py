"""The signature that rows carry is the model's own; see `incidentkit.model.signature`."""

from __future__ import annotations

from incidentkit.model.signature import beat_signature, signature

__all__ = ["beat_signature", "signature"]
