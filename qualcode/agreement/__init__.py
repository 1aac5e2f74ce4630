"""How far coders agree, how sure that number is, and why it is what it is.

Names are loaded when they are first used, so that the command line can list the coefficients without numpy.
"""

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

_HOMES = {
    "estimates": ("Estimate", "estimate", "estimate_spans"),
    "measuring": ("compare_ratings", "measure_agreement"),
    "passages": ("compare_spans", "measure_passages"),
    "planning": ("Expectation", "Plan", "plan_agreement"),
    "ratings": ("Ratings", "rate", "rate_counts", "rate_table"),
    "reading": ("Dialect", "parse_ratings", "parse_spans", "read_ratings", "read_spans"),
    "reasons": ("confuse_codes", "explain_agreement", "list_disagreements"),
    "registry": (
        "COEFFICIENTS",
        "METRICS",
        "SPAN_COEFFICIENTS",
        "Coefficient",
        "find_coefficient",
        "list_coefficients",
    ),
    "reliability": ("ReliabilityData", "compare_coders"),
    "results": ("AgreementResult", "has_content", "in_percent", "laid_out", "shown"),
    "stability": ("StabilityTable", "compare_with_earlier"),
    "tracking": ("AgreementCourse", "CoderTable", "compare_pairs", "leave_out_coders", "track_agreement"),
    "unitizing": ("Continuum",),
    "wording": ("format_value",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  # built from the table above

if TYPE_CHECKING:
    from qualcode.agreement.estimates import Estimate as Estimate
    from qualcode.agreement.estimates import estimate as estimate
    from qualcode.agreement.estimates import estimate_spans as estimate_spans
    from qualcode.agreement.measuring import compare_ratings as compare_ratings
    from qualcode.agreement.measuring import measure_agreement as measure_agreement
    from qualcode.agreement.passages import compare_spans as compare_spans
    from qualcode.agreement.passages import measure_passages as measure_passages
    from qualcode.agreement.planning import Expectation as Expectation
    from qualcode.agreement.planning import Plan as Plan
    from qualcode.agreement.planning import plan_agreement as plan_agreement
    from qualcode.agreement.ratings import Ratings as Ratings
    from qualcode.agreement.ratings import rate as rate
    from qualcode.agreement.ratings import rate_counts as rate_counts
    from qualcode.agreement.ratings import rate_table as rate_table
    from qualcode.agreement.reading import Dialect as Dialect
    from qualcode.agreement.reading import parse_ratings as parse_ratings
    from qualcode.agreement.reading import parse_spans as parse_spans
    from qualcode.agreement.reading import read_ratings as read_ratings
    from qualcode.agreement.reading import read_spans as read_spans
    from qualcode.agreement.reasons import confuse_codes as confuse_codes
    from qualcode.agreement.reasons import explain_agreement as explain_agreement
    from qualcode.agreement.reasons import list_disagreements as list_disagreements
    from qualcode.agreement.registry import COEFFICIENTS as COEFFICIENTS
    from qualcode.agreement.registry import METRICS as METRICS
    from qualcode.agreement.registry import SPAN_COEFFICIENTS as SPAN_COEFFICIENTS
    from qualcode.agreement.registry import Coefficient as Coefficient
    from qualcode.agreement.registry import find_coefficient as find_coefficient
    from qualcode.agreement.registry import list_coefficients as list_coefficients
    from qualcode.agreement.reliability import ReliabilityData as ReliabilityData
    from qualcode.agreement.reliability import compare_coders as compare_coders
    from qualcode.agreement.results import AgreementResult as AgreementResult
    from qualcode.agreement.results import has_content as has_content
    from qualcode.agreement.results import in_percent as in_percent
    from qualcode.agreement.results import laid_out as laid_out
    from qualcode.agreement.results import shown as shown
    from qualcode.agreement.stability import StabilityTable as StabilityTable
    from qualcode.agreement.stability import compare_with_earlier as compare_with_earlier
    from qualcode.agreement.tracking import AgreementCourse as AgreementCourse
    from qualcode.agreement.tracking import CoderTable as CoderTable
    from qualcode.agreement.tracking import compare_pairs as compare_pairs
    from qualcode.agreement.tracking import leave_out_coders as leave_out_coders
    from qualcode.agreement.tracking import track_agreement as track_agreement
    from qualcode.agreement.unitizing import Continuum as Continuum
    from qualcode.agreement.wording import format_value as format_value


__getattr__ = open_lazily(__name__, _HOME_OF)


def __dir__() -> list[str]:
    return list(__all__)
