"""Learning from one coder's own work: what that coder may have missed, what is doubtful, what to read next.

Pure: segments and what they carry come in, numbers go out. Words, word pairs and the turn before are the features, one
logistic regression per code tells them apart, and all of it is small enough to be checked by hand. numpy is loaded when
a name that needs it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily
from qualcode.learning.bounding import (
    CONFIDENCE,
    Bound,
    allowed_misses,
    bound_carriers,
    bound_recall,
    price,
    share_error,
)
from qualcode.learning.speaking import find_roles

if TYPE_CHECKING:
    from qualcode.learning.calibrating import (
        FEWEST_TO_CALIBRATE,
        MANY_CODED,
        MANY_WITH_CODE,
        Calibration,
        Word,
        calibrate,
        measure_error,
        say_chance,
    )
    from qualcode.learning.features import Text, Vocabulary
    from qualcode.learning.fitting import balance, fit_logistic, sigmoid
    from qualcode.learning.ranking import (
        COST,
        FEWEST,
        FOLDS,
        CodeFacts,
        Crossed,
        Model,
        cross,
        deal_folds,
        tell_codebook,
    )
    from qualcode.learning.rows import Floats, Rows, pack
    from qualcode.learning.showing import Carrier, find_carriers, find_nearest
    from qualcode.learning.vectors import INSTALL, Encoder, Vectors, find_encoder

__all__ = [
    "CONFIDENCE", "COST", "FEWEST", "FEWEST_TO_CALIBRATE", "FOLDS", "INSTALL", "MANY_CODED", "MANY_WITH_CODE",
    "Bound", "Calibration", "Carrier", "CodeFacts", "Crossed", "Encoder", "Floats", "Model", "Rows", "Text",
    "Vectors", "Vocabulary", "Word", "allowed_misses", "balance", "bound_carriers", "bound_recall", "calibrate",
    "cross", "deal_folds", "find_carriers", "find_encoder", "find_nearest", "find_roles", "fit_logistic",
    "measure_error", "pack", "price", "say_chance", "share_error", "sigmoid", "tell_codebook",
]  # fmt: skip

__getattr__ = open_lazily(
    __name__,
    {
        **dict.fromkeys(
            ("FEWEST_TO_CALIBRATE", "MANY_CODED", "MANY_WITH_CODE", "Calibration", "Word", "calibrate",
             "measure_error", "say_chance"), "calibrating"),
        **dict.fromkeys(("Text", "Vocabulary"), "features"),
        **dict.fromkeys(("balance", "fit_logistic", "sigmoid"), "fitting"),
        **dict.fromkeys(("COST", "FEWEST", "FOLDS", "CodeFacts", "Crossed", "Model", "cross", "deal_folds",
             "tell_codebook"), "ranking"),
        **dict.fromkeys(("Floats", "Rows", "pack"), "rows"),
        **dict.fromkeys(("Carrier", "find_carriers", "find_nearest"), "showing"),
        **dict.fromkeys(("INSTALL", "Encoder", "Vectors", "find_encoder"), "vectors"),
    },
)  # fmt: skip
