"""The examples of documents are tests: they run, elsewhere, one namespace a document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.meta import source

PAGE = """\
# A page

```python
value = 41
open("left.txt", "w").close()
```

It goes on:

```python
>>> value + 1
{answer}
```
"""


def test_pages_are_run_each_in_a_place_of_its_own(tmp_path: Path) -> None:
    tests, docs = tmp_path / "tests", tmp_path / "docs"
    tests.mkdir()
    docs.mkdir()
    for name in ("conftest.py", "permitted_skips.txt"):
        (tests / name).write_bytes((source.TESTS / name).read_bytes())
    (docs / "right.md").write_text(PAGE.format(answer=42), encoding="utf-8")
    (docs / "wrong.md").write_text(PAGE.format(answer=43), encoding="utf-8")
    (docs / "other.md").write_text("```python\nassert 'value' not in globals()\n```\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests docs\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        text=True,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "1 failed, 4 passed" in done.stdout, done.stdout
    assert "FAILED docs/wrong.md" in done.stdout
    assert not list(tmp_path.rglob("left.txt"))
