"""Corpora: millions of answers or turns in a table, tagged in batches, on one machine or on many.

:func:`tag_corpus` is the same matcher as everywhere over batches of whole transcripts. Its result does not depend on
how the batches are cut, who works on them, or how often the run was interrupted. :func:`read_codings` gives it back as
a table that counts like any other.
"""

from __future__ import annotations

from qualcode.corpus.files import read_codings
from qualcode.corpus.running import CorpusReport, tag_corpus

__all__ = ["CorpusReport", "read_codings", "tag_corpus"]
