"""The component in a notebook: the script that a browser is given, the messages, and what a saved notebook holds."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from browsing import browser, find_axe, find_node, list_violations
from nbclient import NotebookClient
from studies import begin_study

import qualcode
from qualcode.drawing import join_modules
from qualcode.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from qualcode.study import Study

__all__ = ["browser"]

HARNESS = """<!doctype html><meta charset="utf-8"><div id="cell" class="notebook" tabindex="-1"></div>
<script>
  window.outside = [];
  document.addEventListener("keydown", (event) => {
    // JupyterLab looks at keys on their way down, and leaves those of an element that says so.
    if (!event.target.closest("[data-lm-suppress-shortcuts=true]") || !event.target.dataset.lmSuppressShortcuts)
      window.outside.push(event.key);
  }, true);
  document.addEventListener("keydown", (event) => window.outside.push(`bubbled ${event.key}`));
  window.begin = async (esm, css, id = "cell") => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
    const module = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
    const listeners = new Set();
    window.listeners = listeners;
    const model = {
      get: (name) => ({ height: 500 })[name],
      on: (_, act) => listeners.add(act),
      off: (_, act) => listeners.delete(act),
      send: async (told) => {
        for (const one of await window.sendToKernel(told)) for (const act of listeners) act(one, []);
      },
    };
    window.end = module.default.render({ model, el: document.getElementById(id) });
  };
</script>"""


PAGE_RULES = {"document-title", "html-has-lang", "page-has-heading-one"}
"""What axe says of the notebook around the cell."""

SHOW = """\
import qualcode
study = qualcode.open_study({root!r})
widget = qualcode.code(study, "ana")
widget
"""
ACT = """\
sent = []
widget.send = lambda told, buffers=None: sent.append(told)
act = {"op": "apply", "t": "P07", "code": "praise", "spans": [{"span": [95, 102]}]}
for told in ({"id": "1", "op": "open", "data": {}}, {"id": "2", "op": "act", "data": act}):
    widget._handle_custom_msg(told, [])
assert sent[0]["answer"]["transcript"]["turns"]
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def answer(widget: Any, told: object) -> list[Any]:
    """Give a message to a widget as a kernel does, and return what it sends."""
    sent: list[Any] = []
    widget.send = lambda content, buffers=None: sent.append(json.loads(json.dumps(content)))
    widget._handle_custom_msg(told, [])
    return sent


class TestMessages:
    def test_an_act_is_seen_in_the_next_cell(self, study: Study) -> None:
        widget = qualcode.code(study, "ana", "P08")
        (opened,) = answer(widget, {"id": "x-1", "op": "open", "data": {}})
        assert (opened["id"], opened["answer"]["transcript"]["id"]) == ("x-1", "P08")
        act = {"op": "apply", "t": "P08", "code": "praise", "spans": [{"span": [95, 102]}]}
        (done,) = answer(widget, {"id": "x-2", "op": "act", "data": act})
        assert done["answer"]["said"].startswith("Coded")
        sheet = study.sheet("ana", "P08")
        assert sheet is not None
        assert [(one.code, one.span.start, one.span.end) for one in sheet.codings] == [("praise", 95, 102)]
        widget.close()

    @pytest.mark.parametrize(
        "told", [{"id": "1"}, {"id": "1", "op": "open"}, {"id": "1", "op": 7, "data": {}}, {"op": "no", "data": {}}]
    )
    def test_what_cannot_be_read_is_answered(self, study: Study, told: dict[str, object]) -> None:
        widget = qualcode.code(study, "ana")
        (found,) = answer(widget, told)
        assert found["id"] == told.get("id")
        assert found["answer"]["error"]["kind"] == "refused"
        widget.close()

    def test_a_failure_of_ours_is_an_answer(self, study: Study) -> None:
        widget = qualcode.code(study, "ana")
        widget._surface._room = None
        (found,) = answer(widget, {"id": "1", "op": "open", "data": {}})
        assert found["answer"]["error"]["message"].startswith("qualcode failed: AttributeError")
        widget.close()

    def test_what_cannot_be_shown_is_refused_in_the_cell(self, study: Study) -> None:
        with pytest.raises(StudyError, match="P70"):
            qualcode.code(study, "ana", "P70")
        with pytest.raises(StudyError, match="height"):
            qualcode.code(study, "ana", height=0)

    def test_traits_hold_no_word_of_the_study(self, study: Study) -> None:
        widget = qualcode.code(study, "ana", "P07")
        answer(widget, {"id": "1", "op": "open", "data": {}})
        saved = json.dumps(widget.get_state(), default=str, ensure_ascii=False)
        assert {word for word in ("clashed", "P07", "Scheduling", "scheduling") if word in saved} == set()
        widget.close()


def test_studies_and_sheets_show_themselves(study: Study) -> None:
    study.decide("ana", "P07:t002", "praise", "apply", note="<b>loud</b> & clear")
    sheet = study.sheet("ana", "P07")
    assert sheet is not None
    shown = sheet._repr_html_()
    assert "<td>praise</td><td>applied</td>" in shown
    assert "&lt;b&gt;loud&lt;/b&gt; &amp; clear" in shown
    assert "<b>" not in shown
    assert "<tr><td>ana</td><td>1</td><td>1</td><td>1</td></tr>" in study._repr_html_()
    assert "2 transcripts" in study._repr_html_()


def test_without_anywidget_the_cell_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['anywidget'] = None\nimport qualcode\n"
        "try:\n    qualcode.code(None, 'ana')\n"
        "except qualcode.QualcodeError as error:\n    print(error.message, error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == (
        'Coding in a notebook needs anywidget, which is not installed. pip install "qualcode[notebook]"'
    )


def test_a_saved_notebook_holds_no_word(study: Study) -> None:
    study.close()
    cells = [
        SHOW.format(root=str(study.root)),
        ACT,
        "print(len(study.sheet('ana', 'P07').codings))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    NotebookClient(notebook, timeout=60, store_widget_state=True).execute()
    assert notebook.cells[2].outputs[0]["text"] == "1\n"
    assert "application/vnd.jupyter.widget-view+json" in notebook.cells[0].outputs[0]["data"]
    saved = nbformat.writes(notebook)
    assert "application/vnd.jupyter.widget-state+json" in saved
    assert {word for word in ("clashed", "lovely", "大家都好忙", "Scheduling") if word in saved} == set()


def test_the_modules_of_the_widget_join_to_one(tmp_path: Path) -> None:
    script = tmp_path / "widget.mjs"
    text = join_modules("widget")
    script.write_text(text, "utf-8")
    done = subprocess.run(
        [find_node(), "--check", str(script)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in text.splitlines() if line.startswith(("import ", "export "))] == [
        "export default { render };"
    ]


class TestInABrowser:
    @pytest.fixture
    def cell(self, study: Study, browser: Browser, tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
        """Give a page whose model is a real widget, and what went wrong in it."""
        widget = qualcode.code(study, "ana", "P07")
        harness = tmp_path / "harness.html"
        harness.write_text(HARNESS, "utf-8")
        context = browser.new_context(viewport={"width": 1200, "height": 800})
        context.set_default_timeout(5000)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.expose_function("sendToKernel", lambda told: answer(widget, told))
        page.goto(harness.as_uri())
        page.evaluate("([esm, css]) => begin(esm, css)", [widget._esm, widget._css])
        page.wait_for_selector("[role=article] mark")
        yield page, errors
        context.close()
        widget.close()
        assert errors == []

    def test_one_codes_and_the_study_has_it(self, cell: tuple[Page, list[str]], study: Study) -> None:
        page, _ = cell
        page.locator("[data-segment=t004]").click(position={"x": 5, "y": 5})
        page.keyboard.press("v")
        page.keyboard.press("c")
        page.keyboard.type("prai")
        page.keyboard.press("Enter")
        page.locator("[role=status]", has_text="Coded").wait_for()
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.code, one.quote) for one in sheet.codings] == [("praise", "People leave.")]

    def test_what_the_next_cell_does_is_shown(self, cell: tuple[Page, list[str]], study: Study) -> None:
        page, _ = cell
        study.decide("ana", "P07:t002", "praise", "apply")
        page.locator("[data-segment=t002] mark[data-code=praise]").first.wait_for()

    def test_keys_stay_in_the_component(self, cell: tuple[Page, list[str]]) -> None:
        page, _ = cell
        page.locator("[data-segment=t002]").focus()
        for key in ("d", "j", "k", "Escape"):
            page.keyboard.press(key)
        page.locator("[role=treeitem]").first.focus()
        page.keyboard.press("ArrowDown")
        page.locator("button", has_text="?").first.focus()
        page.keyboard.press("x")
        assert page.evaluate("window.outside") == []
        page.locator("#cell").focus()
        page.keyboard.press("d")
        assert page.evaluate("window.outside") == ["d", "bubbled d"]

    def test_axe_finds_nothing(self, cell: tuple[Page, list[str]]) -> None:
        page, _ = cell
        page.add_script_tag(path=find_axe())
        found = [one for one in list_violations(page) if one[0] not in PAGE_RULES]
        assert found == []

    def test_two_of_them_do_not_meddle(self, cell: tuple[Page, list[str]], study: Study) -> None:
        """Each keeps its pick, its ids and its colours, though a notebook loads the modules for each anew."""
        page, _ = cell
        page.evaluate("document.body.append(Object.assign(document.createElement('div'), { id: 'other' }))")
        widget = qualcode.code(study, "ana", "P07")
        page.evaluate("([esm]) => { window.endFirst = end; return begin(esm, '', 'other'); }", [widget._esm])
        page.locator("#other [role=article] mark").first.wait_for()
        for home, segment in (("#cell", "t002"), ("#other", "t004")):
            page.locator(f"{home} [data-segment={segment}]").focus()
            page.keyboard.press("v")
        picked = "[...CSS.highlights.get('qc-pick')].map(one => one.toString())"
        assert page.evaluate(picked) == ["The dates clashed.", "People leave."]
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
        assert len(ids) == len(set(ids))
        page.evaluate("window.endFirst()")
        assert page.evaluate(picked) == ["People leave."]
        widget.close()

    def test_it_looks_as_the_notebook_does(self, cell: tuple[Page, list[str]]) -> None:
        """A notebook's theme is not the computer's; where it tells none, the computer's counts."""
        page, _ = cell
        ground = "getComputedStyle(document.querySelector('.qc')).backgroundColor"
        scheme = "getComputedStyle(document.querySelector('.qc input')).colorScheme"
        light, dark = "rgb(255, 255, 255)", "rgb(27, 29, 31)"
        assert page.evaluate(ground) == light
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(ground) == dark
        for told, expected in (("true", light), ("false", dark), ("true", light)):
            page.evaluate("(told) => { document.body.dataset.jpThemeLight = told; }", told)
            page.wait_for_function(f"(ground) => {ground} === ground", arg=expected)
        assert page.evaluate(scheme) == "light"
        page.emulate_media(color_scheme="light")
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        page.wait_for_function(f"(ground) => {ground} === ground", arg=dark)
        assert page.evaluate(scheme) == "dark"

    def test_ending_it_leaves_nothing_behind(self, cell: tuple[Page, list[str]]) -> None:
        page, _ = cell
        page.evaluate("window.end()")
        assert page.evaluate(
            "[document.getElementById('cell').childNodes.length, document.adoptedStyleSheets.length, listeners.size]"
        ) == [0, 0, 0]
