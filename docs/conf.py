"""Sphinx's settings: `sphinx-build -n -W --keep-going docs docs/_build/html`."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "incidentkit"
author = "The incidentkit contributors"
copyright = "The incidentkit contributors, Apache-2.0"
release = version_of("incidentkit")
version = release
language = "en_GB"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "generated",  # docs/_ext: life-cycles, interface and errors, written from the code
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist", "substitution"]
myst_heading_anchors = 3

autodoc_class_signature = "separated"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

# Every reference to our own names must resolve. Those of others (the standard library, attrs) are
# not looked up, because a build needs no network; nor are unqualified names in annotations.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!incidentkit\.).*"),
    (r"py:.*", r"incidentkit\..*\b_?[A-Z][A-Z0-9]?(_co|_contra)?"),  # type variables
]

html_theme = "furo"
html_title = f"incidentkit {release}"
html_show_sourcelink = False
_LOOK = {"code-font-size": "75%"}  # a hundred columns without scrolling
html_theme_options = {"light_css_variables": _LOOK, "dark_css_variables": _LOOK}
