"""Questions to codings: which passages, segments or cases stand in a relation, and the words behind each answer.

A *passage* is a stretch of text that carries a code: what several coders, or several codes, put on one stretch is one
passage. Passages are half-open, and relate only within one transcript. Operators follow ATLAS.ti, MAXQDA and NUD*IST,
with the difference that touching is not overlapping: passages that share no character are apart.
"""

from __future__ import annotations

from qualcode.queries.asking import explain_query, find
from qualcode.queries.findings import Answer, Extent, Findings
from qualcode.queries.saved import count_questions

__all__ = ["Answer", "Extent", "Findings", "count_questions", "explain_query", "find"]
