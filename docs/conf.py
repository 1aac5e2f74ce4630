"""How the site is built; ``python docs/build_site.py`` builds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx.search.en import SearchEnglish

import qualcode

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "qualcode"
language = "en"
author = "The qualcode founders"
project_copyright = "The qualcode founders, MIT License"
version = release = qualcode.__version__

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "docs/api/*.rst",
    "notebooks/*.ipynb",
    "transcripts_sample/README.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
]
exclude_patterns = ["docs/_site", "docs/_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
suppress_warnings = [
    "myst.xref_missing",  # links to files of the sources, which tests/test_docs.py checks
    "mystnb.unknown_mime_type",
]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autosummary_generate = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "qualcode"
html_search_language = "en-zh"
html_theme_options = {
    "navigation_with_keys": False,
    "navigation_depth": 2,
    "navbar_persistent": ["search-field"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_static_path = ["site"]
html_js_files = ["names.js"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which browsers refuse to pages from the disk


_HAN = "[\u3400-\u9fff]"


class SearchEnglishAndChinese(SearchEnglish):
    """English as usual; Chinese, which has no blanks, by pairs of characters."""

    lang = "en-zh"
    js_splitter_code = r"""
function splitQuery(query) {
  const terms = [];
  for (const run of query.match(/[\u3400-\u9fff]+|[^\s\u3400-\u9fff]+/g) || []) {
    if (!/[\u3400-\u9fff]/.test(run)) terms.push(...run.split(/[^\p{L}\p{N}_]+/gu).filter(Boolean));
    else if (run.length < 3) terms.push(run);
    else for (let at = 0; at + 2 <= run.length; at++) terms.push(run.slice(at, at + 2));
  }
  return terms;
}
"""

    def split(self, input: str) -> list[str]:  # noqa: A002  # Sphinx's name for it
        """Return the words of a text, and of Chinese each character and each pair."""
        runs = re.findall(f"{_HAN}+", input)
        pairs = [run[at : at + size] for run in runs for size in (1, 2) for at in range(len(run) - size + 1)]
        return super().split(re.sub(_HAN, " ", input)) + pairs

    def word_filter(self, word: str) -> bool:
        """Tell whether a word is worth finding."""
        return bool(re.match(_HAN, word)) or super().word_filter(word)


def setup(app: Sphinx) -> None:
    """Let the search know Chinese."""
    app.add_search_language(SearchEnglishAndChinese)
