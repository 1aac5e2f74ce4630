"""How far coders agree, how sure that number is, and why it is what it is."""

from qualcode.agreement.comparison import Comparison, compare_coders
from qualcode.agreement.estimates import COEFFICIENTS, SPAN_COEFFICIENTS, Estimate, estimate, estimate_spans
from qualcode.agreement.measuring import measure_agreement
from qualcode.agreement.passages import measure_passages
from qualcode.agreement.planning import Expectation, Plan, plan_agreement
from qualcode.agreement.ratings import METRICS, Ratings, rate, rate_counts, rate_table
from qualcode.agreement.reading import Dialect, parse_ratings, parse_spans, read_ratings, read_spans
from qualcode.agreement.reasons import confuse_codes, explain_agreement, list_disagreements, track_agreement
from qualcode.agreement.results import AgreementResult, compare_ratings, compare_spans, has_content, laid_out
from qualcode.agreement.unitizing import Continuum

__all__ = [
    "COEFFICIENTS",
    "METRICS",
    "SPAN_COEFFICIENTS",
    "AgreementResult",
    "Comparison",
    "Continuum",
    "Dialect",
    "Estimate",
    "Expectation",
    "Plan",
    "Ratings",
    "compare_coders",
    "compare_ratings",
    "compare_spans",
    "confuse_codes",
    "estimate",
    "estimate_spans",
    "explain_agreement",
    "has_content",
    "laid_out",
    "list_disagreements",
    "measure_agreement",
    "measure_passages",
    "parse_ratings",
    "parse_spans",
    "plan_agreement",
    "rate",
    "rate_counts",
    "rate_table",
    "read_ratings",
    "read_spans",
    "track_agreement",
]
