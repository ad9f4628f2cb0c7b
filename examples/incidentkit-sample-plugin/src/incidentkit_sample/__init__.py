"""What this package adds to incidentkit: a store, a source and a channel."""

from __future__ import annotations

import os
from collections.abc import Iterable

from incidentkit import StoreFactory, hookimpl
from incidentkit_sample.channel import PostChannel
from incidentkit_sample.source import Pingbot
from incidentkit_sample.store import DirStore

__all__ = ["PLUGIN", "DirStore", "Pingbot", "PostChannel", "SamplePlugin"]


class SamplePlugin:
    """The object that the entry point names."""

    @hookimpl
    def incidentkit_register_stores(self) -> Iterable[StoreFactory]:
        return [StoreFactory("dir", DirStore.from_url)]

    @hookimpl
    def incidentkit_register_sources(self) -> Iterable[Pingbot]:
        secret = os.environ.get("PINGBOT_SECRET", "")
        return [Pingbot(secret)] if secret else []

    @hookimpl
    def incidentkit_register_channels(self) -> Iterable[PostChannel]:
        url = os.environ.get("POST_URL", "")
        return [PostChannel(url)] if url else []


PLUGIN = SamplePlugin()
