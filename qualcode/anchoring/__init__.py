"""A corrected transcript: every coding is found again, or a person is asked; none is dropped or moved in silence.

Old and new text are aligned word by word. A passage goes where its words went, without a question only when they were
found beyond doubt: all of them, or most with their edges certain, and with no twin nearby that the same correction
might have struck instead.
"""

from __future__ import annotations

from qualcode.anchoring.codings import Doubt, Reanchoring, reanchor
from qualcode.anchoring.placing import Alignment, Placement
from qualcode.anchoring.segments import carry_ids, trace_segments

__all__ = ["Alignment", "Doubt", "Placement", "Reanchoring", "carry_ids", "reanchor", "trace_segments"]
