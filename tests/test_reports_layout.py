"""report.yaml, the sections of a study, the author's template, and the checklists."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

import docx
import pytest
from click.testing import CliRunner
from docx.shared import Mm

import qualcode
from qualcode.cli import cli
from qualcode.deposit import verify
from qualcode.errors import OutputError
from qualcode.reports import (
    GUIDELINES,
    SECTIONS,
    USUAL,
    Layout,
    compose,
    draft_checklist,
    fit_layout,
    localise,
    read_layout,
    restore_layout,
)
from qualcode.running import analyse_study, report_analysis
from qualcode.study import Decision

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.reports import Report
    from qualcode.study import Study

BOOK = """\
name: Water
codes:
  - id: nature
    name: Nature
    definition: What the weather does.
    codes: [{id: water, name: Water, rules: [rain]}, {id: snow, name: Snow}]
  - id: help
    name: Help
"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TALK = "I: How was it?\n\nMei: The rain came late.\n\nMei: Neighbours helped us all.\n\nMei: It rained again.\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two coders who read the same three turns and differ on one of them; ana picked a quote."""
    (tmp_path / "book.yaml").write_text(BOOK, "utf-8")
    (tmp_path / "cases.csv").write_text("case,role,town\nP1,farmer,\n", "utf-8")
    (tmp_path / "P1.txt").write_text(TALK, "utf-8")
    study = qualcode.create_study(tmp_path / "study", codebook=tmp_path / "book.yaml", cases=tmp_path / "cases.csv")
    study.import_transcripts(qualcode.read_transcripts(tmp_path / "P1.txt")[0], tmp_path / "P1.txt")
    study.tag()
    for coder, third in (("ana", "accept"), ("ben", "reject")):
        study.decide(coder, "P1:t002", "water", "accept")
        study.decide(coder, "P1:t003", "help", "apply")
        study.decide(coder, "P1:t004", "water", third)
    study.pick("ana", "P1:t003", "help")
    study.memo("study", "Late rain is *the* theme.\n\nIs it?", author="ana")
    study.memo("study", "I dislike Mei.", author="ana", memo_id="mine", visibility="private")
    study.memo("P1:t004", "Irony?", author="ben", flag="open")
    return study


def report_of(study: Study, layout: Layout = USUAL) -> Report:
    return report_analysis(analyse_study(study.root), layout=layout, figures="none")


def texts(report: Report) -> str:
    """Return all sentences of a report as Word has them."""
    document = compose(report).on("text")
    return "\n".join(
        document.say(block.text)
        for block in document.blocks
        if hasattr(block, "text") and isinstance(block.text, tuple)
    )


# -- report.yaml ------------------------------------------------------------------------------------------------------


def test_an_empty_layout_is_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "report.yaml").write_text("# nothing\n", "utf-8")
    assert read_layout(tmp_path / "report.yaml") == USUAL


def test_everything_that_a_layout_says(tmp_path: Path) -> None:
    (tmp_path / "report.yaml").write_bytes(
        b"\xef\xbb\xbftitle: Wasser\r\nsections: [themes, quotes]\r\ncodes: nature\r\nattributes: [role]\r\n"
        b"columns: [quote, cases]\r\nempty: hidden\r\nnumbers: de\r\nquotes: 5\r\n"
        b"questions:\r\n  - water not help\r\n"
        b"  - {ask: water, name: Rain, in: segment, where: {role: 7}, quotes: 0}\r\n"
        b"agreement: {coders: [ana, ben], drawn: by lot}\r\nsaturation: {base: 2, threshold: 5%}\r\n"
    )
    layout = read_layout(tmp_path / "report.yaml")
    assert (layout.title, layout.sections, layout.codes) == ("Wasser", ("themes", "quotes"), ("nature",))
    assert (layout.columns, layout.empty, layout.numbers, layout.quotes) == (("quote", "cases"), "hidden", "de", 5)
    assert [(one.ask, one.answer, dict(one.where), one.quotes) for one in layout.questions] == [
        ("water not help", "case", {}, 2),
        ("water", "segment", {"role": "7"}, 0),
    ]
    assert layout.agreement == {"coders": ("ana", "ben"), "drawn": "by lot"}
    assert layout.saturation == {"base": 2, "threshold": 0.05}
    assert restore_layout(json.loads(json.dumps(layout.plain))) == layout


def test_all_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "report.yaml").write_text(
        "sectoins: [themes]\nsections: [themes, quots, themes]\nempty: gone\nquotes: many\nquestions: water\n"
        "saturation: {base: 2, threshold: 500%, bse: 1}\ncolumns:\n  - cases\n  - [words]\n",
        "utf-8",
    )
    with pytest.raises(OutputError) as caught:
        read_layout(tmp_path / "report.yaml")
    told = [(problem.where, problem.message) for problem in caught.value.problems]
    assert [where for where, _ in told] == [
        f"report.yaml:{place}" for place in ("1:1", "2:20", "2:27", "3:8", "4:9", "5:12", "6:34", "6:40", "9:5")
    ]
    assert told[0][1] == "There is no key “sectoins”."
    assert caught.value.problems[0].hint == "Did you mean “sections”?"
    assert caught.value.problems[1].hint == "Did you mean “quotes”?"


@pytest.mark.parametrize("text", ["- a\n- b\n", "text", "title: [a]\n", "questions: [{name: x}]\n", "a: b: c\n"])
def test_what_is_no_layout_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.yaml").write_text(text, "utf-8")
    with pytest.raises(OutputError, match="layout of the report"):
        read_layout(tmp_path / "report.yaml")


def test_a_layout_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be read"):
        read_layout(tmp_path / "report.yaml")
    (tmp_path / "report.yaml").write_bytes(b"title: \xff\xfe\n")
    with pytest.raises(OutputError, match="UTF-8"):
        read_layout(tmp_path / "report.yaml")


def test_sections_stand_as_they_are_asked_for(study: Study) -> None:
    document = compose(report_of(study, Layout(sections=("quotes", "themes"))))
    assert list(document.sections) == ["quotes", "themes"]


def test_a_study_brings_its_layout(study: Study, tmp_path: Path) -> None:
    (study.root / "report.yaml").write_text("title: Late rain\nsections: [themes, methods]\n", "utf-8")
    run = CliRunner().invoke(cli, ["report", "--study", str(study.root), "--out", str(tmp_path / "out")])
    assert run.exit_code in {0, 3}, run.output
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert text.startswith("# Late rain")
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == ["Themes", "Methods"]
    assert json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["options"]["layout"] == {
        "title": "Late rain",
        "sections": ["themes", "methods"],
    }
    assert study.check() == []


def test_codes_are_chosen_and_empty_ones_left_out_by_a_word(study: Study) -> None:
    usual = compose(report_of(study)).table("table-themes")
    chosen = compose(report_of(study, Layout(codes=("nature",)))).table("table-themes")
    hidden = compose(report_of(study, Layout(empty="hidden"))).table("table-themes")
    assert usual is not None
    assert chosen is not None
    assert hidden is not None
    assert [str(row[0]) for row in usual.rows] == ["Nature", "Water", "Snow", "Help"]
    assert [str(row[0]) for row in chosen.rows] == ["Nature", "Water", "Snow"]
    assert "Only some codes of the codebook are listed." in chosen.note
    assert [str(row[0]) for row in hidden.rows] == ["Nature", "Water", "Help"]
    assert "Left out, as nothing is coded with them: Snow." in hidden.note
    assert [row[1:] for row in hidden.rows] == [row[1:] for row in usual.rows if str(row[0]) != "Snow"]


def test_attributes_are_chosen_and_empty_ones_left_out_by_a_word(study: Study) -> None:
    def heads(layout: Layout) -> list[str]:
        table = compose(report_of(study, layout)).table("table-people")
        assert table is not None
        return [column.head for column in table.columns]

    assert heads(USUAL) == ["Participant", "Role", "Town", "Turns", "Words", "Codes"]
    assert heads(Layout(attributes=("town",))) == ["Participant", "Town", "Turns", "Words", "Codes"]
    assert heads(Layout(empty="hidden")) == ["Participant", "Role", "Turns", "Words", "Codes"]


def test_columns_of_the_theme_table(study: Study) -> None:
    table = compose(report_of(study, Layout(columns=("quote", "cases", "words")))).table("table-themes")
    assert table is not None
    assert [column.head for column in table.on("text").columns] == [
        "Theme and sub-theme", "Illustrative quote", "Participants, n (%)", "Words",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("en", "1,234 of .82, 1.5%; 0.1.0; v1.2; 1, 2"),
        ("de", "1.234 of ,82, 1,5%; 0.1.0; v1.2; 1, 2"),
        ("fr", "1\u202f234 of ,82, 1,5%; 0.1.0; v1.2; 1, 2"),
    ],
)
def test_numbers_in_other_languages(numbers: str, expected: str) -> None:
    assert localise("1,234 of .82, 1.5%; 0.1.0; v1.2; 1, 2", numbers) == expected


def test_numbers_on_paper_and_nowhere_else(study: Study) -> None:
    document = compose(report_of(study, Layout(numbers="de")))
    on_paper = document.on("text").table("table-agreement")
    on_screen = document.on("screen").table("table-agreement")
    assert on_paper is not None
    assert on_screen is not None
    assert any("," in str(cell) for cell in on_paper.rows[0][4:])
    assert any("." in str(cell) for cell in on_screen.rows[0][4:])


# -- what a study tells -----------------------------------------------------------------------------------------------


def test_counts_of_what_is_agreed_and_agreement_stand_in_one_report(study: Study) -> None:
    report = report_of(study)
    document = compose(report)
    assert document.table("table-agreement") is not None
    assert report.agreement is not None
    assert report.agreement.coders == ("ana", "ben")
    text = texts(report)
    assert "All 3 turns of 1 transcript were coded by ana and ben with the" in text
    assert "Of 1 difference between coders, none has been settled, and none is counted as coded." in text
    assert report.facts.counting == {"way": "agreed", "differences": 1, "settled": 0, "open": 1}


def test_methods_say_who_coded_and_how(study: Study) -> None:
    text = texts(report_of(study))
    assert "ana read 3 of 3 turns and ben read 3 of 3 turns. 3 turns (100%) were read by two or more coders." in text
    assert "The codebook did not change after coding began." in text
    # agreed: water on t002 (a suggestion that both accepted), help on t003 (both by hand)
    assert "The 2 codings that count were given: 1 (50%) by people from scratch and 1 (50%) by people on" in text
    assert "People refused 1 suggestion of the rules. No model and no network was used." in text


def test_changes_of_the_codebook_after_coding_are_told(study: Study) -> None:
    from qualcode.codebook import rename_code

    study.recode(rename_code, code="help", new_name="Neighbours", because="Clearer")
    assert "The codebook changed once after coding began" in texts(report_of(study))


def test_memos_but_private_ones(study: Study) -> None:
    text = texts(report_of(study))
    assert "Late rain is *the* theme." in text
    assert "1 private memo left out." in text
    assert "dislike" not in text


def test_a_memo_is_private_in_either_word(study: Study) -> None:
    path = study.root / "memos" / "mine.md"
    assert "private: true\n" in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace("private: true", "private: yes"), "utf-8")
    assert study.account().n_private == 1


def test_what_is_open(study: Study) -> None:
    document = compose(report_of(study)).on("text")
    notes = [block.text for block in document.sections["open"] if hasattr(block, "text")]
    assert "1 of 1 differences between coders are not settled." in notes
    assert "1 passage to come back to, listed below." in notes
    table = document.table("table-flags")
    assert table is not None
    assert table.rows == (("P1:t004", "Irony?", "ben"),)


def test_questions_are_answered(study: Study) -> None:
    from qualcode.reports import AskedQuestion

    report = report_of(study, Layout(questions=(AskedQuestion("water not help", answer="segment"),)))
    table = compose(report).table("table-questions")
    assert table is not None
    assert table.rows[0][0] == "water not help"
    assert "1 of 3" in str(table.rows[0][1])


def test_saved_questions_are_answered_by_themselves_unless_some_are_listed(study: Study) -> None:
    study.save_question("both", "water and help")
    study.save_question("dry", "help not water")
    report = report_of(study)
    assert [(asked.name, asked.ask) for asked, _ in report.answers] == [
        ("both", "water and help"),
        ("dry", "help not water"),
    ]
    listed = report_of(study, restore_layout({"questions": ["dry", "snow"]}))
    assert [(asked.name, asked.ask) for asked, _ in listed.answers] == [("dry", "help not water"), ("", "snow")]
    nested = report_of(study, restore_layout({"questions": ["dry or water"]}))
    assert len(nested.answers) == 1
    assert not report_of(study, restore_layout({"sections": ["themes"]})).answers


def test_a_saved_question_that_can_no_longer_be_asked_is_a_warning(study: Study) -> None:
    study.save_question("both", "water and help")
    (study.root / "questions.csv").write_text("name,question,who,at\nboth,water and hlep,ana,\n", "utf-8")
    report = report_of(study)
    assert report.answers == ()
    (found,) = [problem for problem in report.facts.problems if problem.rule == "question"]
    assert (found.level, found.where) == ("warning", "questions.csv")
    assert "“both” cannot be asked" in found.message


def test_a_joint_display(study: Study) -> None:
    report = report_of(study, restore_layout({"display": {"by": "role"}}))
    assert "1 group by “role”" in texts(report)
    table = compose(report).table("table-display")
    assert table is not None
    assert [column.head for column in table.columns] == [
        "Group", "n", "Nature", "Help", "Quote", "Meta-inference (for you to write)",
    ]  # fmt: skip
    assert [tuple(map(str, row)) for row in table.rows] == [
        ("farmer", "1", "1", "1", "“Neighbours helped us all.” (P1, t003)", ""),  # the one that ana picked
    ]  # fmt: skip
    assert compose(report_of(study)).table("table-display") is None


def test_a_display_without_groups_is_a_mistake_in_the_file_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text("title: A\ndisplay: {bands: 3}\n", "utf-8")
    with pytest.raises(qualcode.QualcodeError) as caught:
        read_layout(tmp_path / "short.yaml")
    assert [(one.where, one.message) for one in caught.value.problems] == [
        ("short.yaml:2:10", "The joint display has no groups.")
    ]


def test_a_joint_display_of_many_codes_has_its_quotes_in_a_table_of_their_own(study: Study) -> None:
    more = "".join(f"  - {{id: c{number}, name: C{number}}}\n" for number in range(6))
    (study.root / "codebook.yaml").write_text(BOOK + more, "utf-8")
    for coder in ("ana", "ben"):
        study.decide_all(coder, [Decision("P1:t002", f"c{number}", "apply") for number in range(6)])
    document = compose(report_of(study, restore_layout({"display": {"by": "role"}})))
    numbers, quotes = document.table("table-display"), document.table("table-display-quotes")
    assert numbers is not None
    assert quotes is not None
    assert [column.head for column in quotes.columns] == ["Group", "Quote", "Meta-inference (for you to write)"]
    assert [column.head for column in numbers.columns] == ["", "farmer"]
    assert [row[0] for row in numbers.rows] == ["n", "Nature", "Help", *(f"C{number}" for number in range(6))]
    assert [row[1] for row in numbers.rows] == [1] * 9


def test_agreement_over_time_stands_below_agreement(study: Study) -> None:
    report = report_of(study, restore_layout({"agreement": {"blocks": 3}}))
    table = compose(report).table("table-course")
    assert table is not None
    assert [(row[0], row[2], row[3]) for row in table.rows] == [(1, 1, "100"), (2, 1, "100"), (3, 1, "0")]
    assert compose(report_of(study)).table("table-course") is None
    drawn = report_analysis(analyse_study(study.root), layout=restore_layout({"agreement": {"blocks": 3}}))
    assert "drift" in drawn.charts


def test_the_audit_trail_in_numbers_and_steps(study: Study) -> None:
    report = report_of(study, restore_layout({"trail": {"only": "decisions"}}))
    document = compose(report)
    table, steps = document.table("table-trail"), document.table("table-steps")
    assert table is not None
    assert steps is not None
    counted = {(row[1], row[2]): row[3] for row in table.rows}
    assert counted["accepted a suggestion", "ana"] == 2
    assert counted["rejected a suggestion", "ben"] == 1
    assert counted["wrote a memo", "ana"] == 1, "the private one is left out"
    assert [(row[1], row[2]) for row in steps.rows] == [
        ("ana", "accepted a suggestion"), ("ana", "accepted a suggestion"),
        ("ben", "accepted a suggestion"), ("ben", "rejected a suggestion"),
    ]  # fmt: skip
    assert "I dislike Mei" not in texts(report)
    assert compose(report_of(study)).table("table-trail") is None
    assert compose(report_of(study, restore_layout({"sections": ["trail"]}))).table("table-trail") is not None


def test_many_decisions_at_once_are_told_one_by_one(study: Study) -> None:
    study.decide_all("ana", [Decision("P1:t002", "water", "reject"), Decision("P1:t004", "snow", "apply")])
    found = qualcode.list_trail(study).frame
    assert found["what"].tolist()[-2:] == ["rejected a suggestion", "coded"]
    assert qualcode.list_trail(study, only="decisions").frame["what"].tolist()[-1] == "rejected a suggestion"


def test_a_report_with_all_of_it_is_counted_again(study: Study, tmp_path: Path) -> None:
    study.save_question("both", "water and help")
    (study.root / "report.yaml").write_text(
        "display: {by: role}\ntrail: {only: all}\nagreement: {blocks: 2}\n", "utf-8"
    )
    qualcode.report_study(study.root, tmp_path / "out")
    assert (tmp_path / "out/figures/drift.svg").is_file()
    found = verify(tmp_path / "out", study.root)
    assert found.frame.empty, found.frame


def test_a_question_that_cannot_be_asked_is_told_before_anything_is_written(study: Study, tmp_path: Path) -> None:
    (study.root / "report.yaml").write_text("questions: [waterr not help]\n", "utf-8")
    run = CliRunner().invoke(cli, ["report", "--study", str(study.root), "--out", str(tmp_path / "out")])
    assert run.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_no_claim_that_nothing_was_left_out_above_a_list(study: Study) -> None:
    text = texts(report_of(study))
    assert "Nothing in the files was left out" not in text


def test_a_reflexive_study_is_respected(study: Study) -> None:
    settings = study.root / "study.yaml"
    settings.write_text(settings.read_text("utf-8") + "approach: reflexive\n", "utf-8")
    report = report_of(qualcode.open_study(study.root))
    document = compose(report).on("text")
    assert report.agreement is None
    assert {"agreement", "pairs", "saturation"}.isdisjoint(document.sections)
    table = document.table("table-themes")
    assert table is not None
    assert [column.head for column in table.columns] == ["Theme and sub-theme", "Definition", "Illustrative quote"]
    named = fit_layout(Layout(sections=("agreement",), columns=("cases",)), "reflexive")
    assert (named.sections, named.columns) == (("agreement",), ("cases",))


def test_an_unknown_approach_is_refused(study: Study) -> None:
    settings = study.root / "study.yaml"
    settings.write_text(settings.read_text("utf-8") + "approach: reflexiv\n", "utf-8")
    with pytest.raises(qualcode.QualcodeError, match="approach cannot be"):
        qualcode.open_study(study.root)


def test_suggestions_that_were_learned_are_told_apart(study: Study) -> None:
    study.decide_all("ana", [Decision("P1:t003", "snow", "accept", by="learned")], blind="lifted")
    found = report_of(study).provenance
    assert found is not None
    text = qualcode.trace_codings(study.tabulate(coders=["ana"])).sentence
    assert "on suggestions learned from their own coding" in text
    assert "none counts without a person" in text


# -- the author's own template ----------------------------------------------------------------------------------------


def template(path: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("Old text")
    document.sections[0].page_width, document.sections[0].page_height = Mm(148), Mm(210)
    document.sections[0].header.paragraphs[0].text = "Our journal"
    heading = document.styles["Heading 1"]
    heading.element.set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}styleId", "berschrift1")
    heading.font.name = "Georgia"
    document.save(str(path))
    return path


def test_a_template_gives_styles_page_and_header(study: Study, tmp_path: Path) -> None:
    own = template(tmp_path / "ours.docx")
    qualcode.report_study(study.root, tmp_path / "out", template=own)
    document = docx.Document(str(tmp_path / "out" / "report.docx"))
    assert "Old text" not in [paragraph.text for paragraph in document.paragraphs]
    assert document.sections[0].header.paragraphs[0].text == "Our journal"
    assert {round(section.page_width.mm) for section in document.sections if section.page_width} <= {148, 210}
    heading = next(one for one in document.paragraphs if one.text == "Methods")
    assert heading.style is not None
    assert (heading.style.name, heading.style.style_id) == ("Heading 1", "berschrift1")
    first = (tmp_path / "out" / "report.docx").read_bytes()
    qualcode.report_study(study.root, tmp_path / "out", template=own)
    assert (tmp_path / "out" / "report.docx").read_bytes() == first


def test_a_template_that_names_another_leads_nowhere(study: Study, tmp_path: Path) -> None:
    own = template(tmp_path / "ours.docx")
    held = io.BytesIO()
    with zipfile.ZipFile(own) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/settings.xml":
                data = data.replace(b"<w:zoom", b'<w:attachedTemplate r:id="rId99"/><w:zoom', 1)
                if b"xmlns:r=" not in data:
                    data = data.replace(b"<w:settings ", f'<w:settings xmlns:r="{OFFICE}" '.encode(), 1)
            new.writestr(name, data)
        new.writestr(
            "word/_rels/settings.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId99" Type="{OFFICE}/attachedTemplate" Target="http://example.invalid/x.dotm" '
            'TargetMode="External"/></Relationships>',
        )
    own.write_bytes(held.getvalue())
    qualcode.report_study(study.root, tmp_path / "out", template=own)
    with zipfile.ZipFile(tmp_path / "out" / "report.docx") as package:
        assert not any(b"example.invalid" in package.read(name) for name in package.namelist())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"text"])
def test_what_is_no_template_is_refused_before_the_work(study: Study, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ours.docx").write_bytes(data)
    run = CliRunner().invoke(
        cli,
        [
            "report",
            "--study",
            str(study.root),
            "--out",
            str(tmp_path / "out"),
            "--template",
            str(tmp_path / "ours.docx"),
        ],
    )
    assert run.exit_code == 1
    assert "not a Word document" in run.stderr
    assert not (tmp_path / "out").exists()


# -- checklists -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "n_items"), [("coreq", 32), ("srqr", 21), ("rtarg", 14)])
def test_items_are_numbered_from_one(name: str, n_items: int) -> None:
    items = GUIDELINES[name].items  # type: ignore[index]  # one of the three
    assert [item.number for item in items] == [str(number) for number in range(1, n_items + 1)]


def test_coreq_is_drafted_from_the_files(study: Study) -> None:
    found = draft_checklist(report_of(study), "coreq")
    told = found.frame.set_index("item")
    assert told.loc["12", "files"] == "1 transcript with 11 words by 1 participant (section “Participants”)"
    assert told.loc["24", "files"].startswith("2 coders: ana and ben; 3 of 3 turns read by two or more")
    assert told.loc["25", "files"].startswith("4 codes on 2 levels, 2 at the top")
    assert told.index[told["answer"] == "from the files"].tolist() == ["12", "18", "24", "25", "27", "29"]
    only_people = [*map(str, range(1, 12)), "13", "14", "17", "19", "23", "28", "30"]
    assert set(told.loc[only_people, "answer"]) == {"for you to write"}
    assert told.loc["1", "files"] == "Labels of interviewers: I (transcripts)"  # reminds, and answers nothing
    assert (told["your_text_for_the_paper"] == "").all()
    assert (told["page"] == "").all()
    assert "fulfilled" in found.sentence
    assert told.loc["22", "answer"] == "for you to write"  # nobody asked for saturation


def test_a_checklist_has_agreement_of_all_codes_together_and_says_once_what_became_of_differences(study: Study) -> None:
    run = CliRunner().invoke(cli, ["checklist", "srqr", "--study", str(study.root), "--format", "json"])
    told = {row["item"]: row["files"] for row in json.loads(run.stdout)}["15"]
    assert "All 3 turns of 1 transcript were coded" in told
    assert "For all codes together, Krippendorff's alpha" in told
    assert "Per code" not in told
    assert told.count("difference") == 1
    (study.root / "report.yaml").write_text("sections: [themes]\n", "utf-8")  # whose report has no agreement
    run = CliRunner().invoke(cli, ["checklist", "srqr", "--study", str(study.root), "--format", "json"])
    told = {row["item"]: row["files"] for row in json.loads(run.stdout)}["15"]
    assert (
        told == "Settled: 0 of 1 difference between coders. Every act of coding is in a log (sheets/, history.jsonl)."
    )


def test_srqr_says_of_sampling_what_saturation_says_unless_the_study_is_reflexive(study: Study) -> None:
    def eighth(*options: str) -> str:
        start = ["checklist", "srqr", "--study", str(study.root), "--format", "json"]
        return {row["item"]: row["files"] for row in json.loads(CliRunner().invoke(cli, [*start, *options]).stdout)}[
            "8"
        ]

    assert eighth() == "Attributes: role and town (cases.csv; section “Participants”)"  # nobody asked for saturation
    (study.root / "report.yaml").write_text("saturation: {base: 1, run: 1}\n", "utf-8")
    assert "role and town (cases.csv; section “Participants”). 2 codes in 1 case, counting" in eighth()
    assert eighth().endswith("(section “Saturation”)")
    assert "aturation" not in eighth("--approach", "reflexive")


def test_coreq_asks_whether_a_second_voice_is_a_slip(tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text(BOOK, "utf-8")
    (tmp_path / "P1.txt").write_text("I: So?\n\nParticipant: Yes.\n\n" * 5 + "I: And?\n\nParticpant: Oh.\n", "utf-8")
    study = qualcode.create_study(tmp_path / "study", codebook=tmp_path / "book.yaml")
    study.import_transcripts(qualcode.read_transcripts(tmp_path / "P1.txt")[0], tmp_path / "P1.txt")
    told = draft_checklist(report_of(study), "coreq").frame.set_index("item")
    assert told.loc["15", "files"] == (
        "Several voices speak in P1: Participant and Particpant (transcripts). "
        "Is “Particpant” in P1 a slip for “Participant”?"
    )


def test_checklists_respect_a_reflexive_approach(study: Study, tmp_path: Path) -> None:
    start = ["checklist", "coreq", "--study", str(study.root), "--format", "json"]
    run = CliRunner().invoke(cli, [*start, "--approach", "reflexive"])
    assert run.exit_code == 0
    rows = {row["item"]: row for row in json.loads(run.stdout)}
    assert [rows[item]["files"] for item in ("22", "31", "32")] == ["", "", ""]
    assert "advise against this list" in run.stderr
    run = CliRunner().invoke(cli, ["checklist", "rtarg", "--study", str(study.root), "--out", str(tmp_path / "r.docx")])
    assert run.exit_code == 0
    assert "not a list to tick off" in run.stderr
    document = docx.Document(str(tmp_path / "r.docx"))
    assert len(document.sections) == 1  # and so no empty page behind the table
    widths = {cell.text: int(cell.width or 0) for cell in document.tables[0].rows[0].cells}
    assert max(widths, key=lambda head: widths[head]) in {"Asked", "Files", "Your text for the paper"}
    assert widths["Your text for the paper"] > widths["Answer"]


def test_sections_of_the_layout_are_those_of_the_report() -> None:
    assert set(fit_layout(USUAL, "reflexive").sections) < set(SECTIONS)
