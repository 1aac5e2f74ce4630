"""The forest plot, told by what it draws and says, and the section of reports."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from test_agreement_study import ANA, BEN, BOTH, by, table_of

from qualcode.agreement import measure_agreement, measure_passages
from qualcode.figures import plot_agreement
from qualcode.reports.agreement import tabulate_agreement
from qualcode.running import write_agreement_report

if TYPE_CHECKING:
    from pathlib import Path

RESULT = measure_agreement(BOTH, draws=200, drawn="chosen by lot", resolved="We talked")


def test_a_row_per_code_with_its_interval() -> None:
    chart = plot_agreement(RESULT)
    assert chart.data["code"].tolist() == ["", "time", "time/late", "time/early", "money", "never"]
    assert chart.data["name"].tolist()[:3] == ["All codes together", "Time", "Being late"]
    expected = [one.value for one in RESULT.estimates if one.coefficient == "alpha"]
    assert chart.data["value"].tolist() == pytest.approx(expected, nan_ok=True)
    assert "Never used not defined" in chart.alt
    assert "1 at or above .80" in chart.alt
    texts = [artist.get_text() for artist in chart.figure.get_children() if hasattr(artist, "get_text")]
    assert {".667", ".80", "not defined", "1.00 [–]"} <= set(texts)


def test_points_stand_at_their_values_and_lines_at_their_limits() -> None:
    chart = plot_agreement(RESULT, coefficient="ac1", width="one")
    [axes] = chart.figure.axes
    [points] = axes.lines
    assert list(points.get_xdata()) == pytest.approx(chart.data["value"].tolist(), nan_ok=True)
    assert chart.data["code"].tolist()[0] == "time"
    assert chart.figure.get_size_inches()[0] * 25.4 == pytest.approx(85)


@pytest.mark.parametrize("coefficient", ["alpha", "ac1"])
def test_the_scale_names_the_places_where_its_marks_stand(coefficient: str) -> None:
    [axes] = plot_agreement(RESULT, coefficient=coefficient).figure.axes
    axes.figure.draw_without_rendering()
    named = [float(label.get_text().replace("\u2212", "-")) for label in axes.get_xticklabels()]
    assert named == pytest.approx(list(axes.get_xticks()))
    assert max(named) == 1
    assert 0 in named


def test_the_same_bytes_every_time() -> None:
    assert plot_agreement(RESULT).render("svg") == plot_agreement(RESULT).render("svg")


def test_passages_can_be_drawn() -> None:
    chart = plot_agreement(measure_passages(BOTH, draws=0))
    assert chart.data["code"].tolist()[-1] == "never"
    assert chart.data["name"].tolist()[-1] == "Never used"


def test_table_of_the_report() -> None:
    table = tabulate_agreement(RESULT)
    heads = [column.head for column in table.columns]
    assert heads == ["Code", "Sentences", "Prevalence", "Agreement", "Alpha", "Kappa", "AC1", "95% CI of alpha"]
    cells = {row[0].text: row[1:] for row in table.rows}
    assert cells["Money"] == (8, "25% (25, 25)", "100%", "1.00", "1.00", "1.00", "–")
    assert cells["Being late"][1] == "19% (12, 25)"  # 1 and 2 of 8
    assert "(in brackets: of ana, ben)" in table.note
    assert cells["Never used"][3:] == ("–", "–", "–", "–")
    assert "Never used: no coder used the code" in table.note


def test_every_format_has_the_section(tmp_path: Path) -> None:
    texts = {}
    for ending in ("docx", "html", "xlsx", "tex", "md"):
        path, _ = write_agreement_report(BOTH, RESULT, tmp_path / f"report.{ending}")
        if ending in {"docx", "xlsx"}:
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
                names = [name for name in package.namelist() if name.endswith((".xml", ".rels"))]
                texts[ending] = "".join(package.read(name).decode() for name in names)
        else:
            texts[ending] = path.read_text("utf-8")
    assert all("chosen by lot" in text for text in texts.values())
    assert all("We talked." in text for text in texts.values())
    assert 'name="Agreement"' in texts["xlsx"]
    assert 'name="Disagreements"' in texts["xlsx"]
    assert "share of ana" in texts["xlsx"]
    assert "Late again." in texts["xlsx"]
    assert r"\label{tab:agreement}" in texts["tex"]


def test_hostile_coder_names_stay_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    table = table_of(*ANA, *(by(evil, one_transcript, ("money", "Money")) for one_transcript in _transcripts()))
    result = measure_agreement(table, draws=0)
    path, _ = write_agreement_report(table, result, tmp_path / "r.html")
    html = path.read_text("utf-8")
    assert evil not in html
    assert evil not in result._repr_html_()


def _transcripts() -> list:
    return list(table_of(*ANA, *BEN).transcripts)
