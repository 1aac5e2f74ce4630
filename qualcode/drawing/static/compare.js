// Two coders on the same text: what both gave is folded, differences are settled in turn.
import { button, cutShort, el, plural, refill } from "./dom.js";
import { countPoints, toUnits } from "./points.js";
import { readMark } from "./state.js";
import { writeText } from "./text.js";
import { codeSelect } from "./lists.js";
import { askNewCode } from "./panel.js";

const NEW = "+"; // no code has such an id

/** @typedef {any} App */

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawCompare(app, box, told) {
  const others = app.data.others.filter((/** @type {string} */ one) => one !== "consensus");
  const other = told.other ?? others[0];
  if (!other) {
    refill(
      box,
      el("h1", {}, "Compare"),
      el(
        "p",
        { class: "hint" },
        "Nobody else has coded yet. A part for several to code is drawn with: qualcode assign",
      ),
    );
    return;
  }
  const select = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "Compare with", onchange: () => app.openView("compare", { other: select.value }) },
      others.map((/** @type {string} */ one) => el("option", { value: one }, one)),
    )
  );
  select.value = other;
  const bar = el("div", { class: "bar" }, el("span", {}, `${app.data.coder} and`), select);
  refill(box, el("h1", {}, "Compare"), bar, "…");
  const answer = await app.ask("compare", { other });
  if (!box.isConnected) return;
  if (!answer) {
    refill(box, el("h1", {}, "Compare"), bar, el("p", { class: "hint" }, app.said.textContent));
    return;
  }
  const progress = el("p", { class: "progress" });
  const state = { settled: answer.settled, open: answer.open };
  const tell = () =>
    refill(
      progress,
      `${plural(answer.segments, "segment")} read by both; ${plural(answer.agreed, "coding")} agreed; ${state.settled} of ${plural(state.settled + state.open, "difference")} settled, ${state.open} open.`,
      answer.waiting ? el("span", { class: "waiting" }, ` ${answer.waiting}`) : null,
    );
  tell();
  const write = async () => {
    const said = await app.ask("agree", { other }, "act");
    if (!said) return;
    takeTrail(app, said);
    agree.remove();
  };
  const agree = button(`Write the ${answer.unwritten} agreed into the consensus`, () => app.queue(write), {
    class: "main",
  });
  if (answer.unwritten) bar.append(agree);
  const all = answer.rows.flatMap((/** @type {any} */ row) =>
    row.differences.map((/** @type {any} */ one) => ({ row, one })),
  );
  const list = el(
    "div",
    { class: "differences" },
    answer.rows.map((/** @type {any} */ row) => drawSegment(app, row, other, (/** @type {any} */ one) => settled(one))),
  );
  const settled = (/** @type {any} */ one) => {
    state.settled += 1;
    state.open -= 1;
    one.done = true;
    tell();
    const at = all.findIndex((/** @type {any} */ each) => each.one === one);
    const next = [...all.slice(at), ...all.slice(0, at)].find((/** @type {any} */ each) => !each.one.done);
    /** @type {HTMLElement | null} */ (next?.one.element)?.focus();
  };
  refill(
    box,
    el("h1", {}, "Compare"),
    bar,
    progress,
    el(
      "p",
      { class: "hint" },
      "j and k go through the differences; a takes a code over, r does not, c gives another code instead. The consensus keeps who and why; both originals stay.",
    ),
    list,
  );
  list.addEventListener("keydown", (event) => walkDifferences(app, event, all));
  /** @type {HTMLElement | null} */ (list.querySelector(".difference"))?.focus();
}

/** @param {App} app @param {any} said */
function takeTrail(app, said) {
  app.say(said.said);
  if (!said.undo?.length) return;
  app.undoing.push({ name: said.name, steps: said.undo });
  app.redoing = [];
  app.keepTrail();
  app.drawPanel();
}

/** @param {App} app @param {any} row @param {string} other @param {(one: any) => void} settled */
function drawSegment(app, row, other, settled) {
  const side = (/** @type {string} */ coder) =>
    el(
      "div",
      { class: "side" },
      el("h2", {}, coder),
      row.differences
        .filter((/** @type {any} */ one) => one.coder === coder)
        .map((/** @type {any} */ one) => drawDifference(app, row, one, settled)),
    );
  const agreed = row.agreed.length
    ? el(
        "details",
        { class: "agreed" },
        el("summary", {}, `${plural(row.agreed.length, "code")} agreed`),
        el(
          "ul",
          {},
          row.agreed.map((/** @type {string} */ code) =>
            el("li", {}, el("span", { class: `swatch h${app.book.byId.get(code)?.hue ?? 0}` }), app.nameOf(code)),
          ),
        ),
      )
    : null;
  return el(
    "section",
    { class: "segment", "aria-label": `${row.t} ${row.segment}` },
    side(app.data.coder),
    el(
      "div",
      { class: "middle" },
      el(
        "div",
        { class: "place" },
        button(`${row.t} ${row.segment}`, () => app.load(row.t, { start: row.start }), { class: "link" }),
        el("span", {}, row.who),
      ),
      el("p", { class: "talk", dir: "auto" }, drawWords(app, row)),
      agreed,
    ),
    side(other),
  );
}

/** The words of a segment with the passages of both. @param {App} app @param {any} row */
function drawWords(app, row) {
  const marks = row.differences.flatMap((/** @type {any} */ one) =>
    one.passages.map((/** @type {any} */ [start, end]) => readMark([start, end, one.code, "h"])),
  );
  return writeText(app, { text: row.text, start: row.start, end: row.start + countPoints(row.text) }, marks);
}

/** @param {App} app @param {any} row @param {any} one @param {(one: any) => void} settled */
function drawDifference(app, row, one, settled) {
  const code = app.book.byId.get(one.code);
  const text = (/** @type {[number, number]} */ [start, end]) =>
    row.text.slice(toUnits(row.text, Math.max(start - row.start, 0)), toUnits(row.text, Math.max(end - row.start, 0)));
  const why = /** @type {HTMLInputElement} */ (
    el("input", { type: "text", placeholder: "why (optional)", "aria-label": "Why" })
  );
  const answer = async (/** @type {string} */ verdict, /** @type {any} */ more = {}) => {
    const said = await app.queue(() =>
      app.ask(
        "verdict",
        {
          name: row.t,
          segment: row.segment,
          code: one.code,
          coder: one.coder,
          versions: one.passages.map((/** @type {any} */ each) => each[2]),
          saw: one.saw,
          verdict,
          why: why.value,
          ...more,
        },
        "act",
      ),
    );
    if (!said) return;
    takeTrail(app, said);
    made.classList.add("done");
    refill(
      made,
      el("h3", {}, el("span", { class: `swatch h${code?.hue ?? 0}` }), app.nameOf(one.code)),
      el("p", {}, said.said),
    );
    settled(one);
  };
  const instead = (/** @type {string} */ id) => answer("instead", { instead: id });
  const other = codeSelect(app, "Neither, but", "", "neither, but …", (id) => {
    if (id === NEW) {
      other.value = "";
      askNewCode(app, { name: "", pick: null, give: instead });
    } else if (id) instead(id);
  });
  other.append(el("option", { value: NEW }, "new code …"));
  const made = el(
    "div",
    {
      class: "difference",
      tabindex: "0",
      role: "group",
      "aria-label": `${app.nameOf(one.code)}, given by ${one.coder} only`,
    },
    el("h3", {}, el("span", { class: `swatch h${code?.hue ?? 0}`, "aria-hidden": "true" }), app.nameOf(one.code)),
    one.passages.map((/** @type {any} */ each) => [
      el("blockquote", {}, text(each) === row.text ? "on all of it" : `“${cutShort(text(each), 70)}”`),
      each[3] ? el("p", { class: "note" }, `Note: ${each[3]}`) : null,
    ]),
    el(
      "div",
      { class: "acts" },
      button("Take over", () => answer("yes"), { key: "a" }),
      button("Not", () => answer("no"), { key: "r" }),
      other,
      why,
    ),
  );
  one.element = made;
  one.answer = answer;
  one.other = other;
  return made;
}

/** @param {App} app @param {KeyboardEvent} event @param {any[]} all */
function walkDifferences(app, event, all) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (
    !app.hasKeys ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.isComposing ||
    /^(INPUT|SELECT)$/.test(target.tagName)
  )
    return;
  const at = all.findIndex((each) => each.one.element.contains(target));
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const one = all[at]?.one;
  if (step) all[Math.max(0, Math.min(all.length - 1, at + step))]?.one.element.focus();
  else if (event.key === "a" && one && !one.done) one.answer("yes");
  else if (event.key === "r" && one && !one.done) one.answer("no");
  else if (event.key === "c" && one && !one.done) one.other.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
