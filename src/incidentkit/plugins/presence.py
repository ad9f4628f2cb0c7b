"""Whether any installed package offers a plugin: a look at its files, before the slow import.

importlib.metadata brings the e-mail package with it and takes as long to import as the rest of a
desk; most processes have no plugin installed. Where a place cannot be looked at as a directory, or
something other than files may answer, the answer is yes and the slow way decides.
"""

from __future__ import annotations

import os
import sys

_FILES = "entry_points.txt"


def perhaps(group: str) -> bool:
    """False only when no package on the path names the group in its entry points."""
    if any(_foreign(finder) for finder in sys.meta_path):
        return True
    wanted = f"[{group}]".encode()
    return any(_names(place or os.curdir, wanted) for place in dict.fromkeys(sys.path))


def _foreign(finder: object) -> bool:
    """Whether a finder may know distributions of its own."""
    home = getattr(finder, "__module__", "")
    return hasattr(finder, "find_distributions") and "importlib" not in home


def _names(place: str, wanted: bytes) -> bool:
    try:
        with os.scandir(place) as entries:
            folders = [x.path for x in entries if x.name.endswith((".dist-info", ".egg-info"))]
    except FileNotFoundError:
        return False
    except OSError:  # a zip file, or one that may not be read
        return True
    for folder in folders:
        try:
            with open(os.path.join(folder, _FILES), "rb") as file:  # noqa: PTH118, PTH123
                if wanted in file.read():
                    return True
        except FileNotFoundError:
            continue
        except OSError:
            return True
    return False
