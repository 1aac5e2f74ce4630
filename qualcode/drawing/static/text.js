// Turns drawn from data: text with marks, and the names of the codes beside it.
import { toUnits } from "./points.js";
import { assignLanes, nest } from "./lanes.js";
import { button, clock, el, refill } from "./dom.js";
import { isUndecided } from "./state.js";

/** @typedef {import("./state.js").Turn} Turn */
/** @typedef {import("./state.js").Mark} Mark */
/** @typedef {any} App */

const FOLD = 8;
const VERDICTS = { s: "suggested", a: "accepted", h: "", r: "refused", l: "learned" };

/** The marks of a turn that are drawn: those that stand, of the code that is alone shown if one is. @param {App} app @param {Turn} turn */
export function shownMarks(app, turn) {
  return turn.marks.filter((one) => !app.alone || one.code === app.alone);
}

/** @param {Turn} turn */
export function makeTurn(turn) {
  const article = el("article", {
    role: "article",
    class: `turn${turn.asked ? " asked" : ""}${turn.aside ? " aside" : ""}`,
    "data-segment": turn.id,
    tabindex: "-1",
    "aria-label": `${turn.id} ${turn.who}`.trim(),
  });
  article.append(
    el(
      "div",
      { class: "who" },
      el("span", { class: "id" }, turn.id),
      el("b", {}, turn.who || "—"),
      turn.time === undefined ? null : el("span", { class: "time" }, clock(turn.time)),
      el("span", { class: "state" }),
    ),
    el("p", { class: "talk", dir: "auto" }, turn.text),
    el("ul", { class: "chips", "aria-label": `Codes of ${turn.id}` }),
  );
  drawState(turn, article);
  return article;
}

/** A part of an article, which every article has. @param {Element} article @param {string} name */
function partOf(article, name) {
  return /** @type {HTMLElement} */ (article.querySelector(name));
}

/** Draw what stands on a turn. @param {App} app @param {Turn} turn */
export function drawTurn(app, turn) {
  const article = app.articleOf(turn);
  if (!article) return;
  turn.drawn = true;
  const talk = partOf(article, ".talk");
  const standing = shownMarks(app, turn).filter((one) => one.verdict !== "r");
  refill(talk, writeText(app, turn, standing));
  drawState(turn, article);
  drawChips(app, turn, article);
}

/** Text with its marks. @param {App} app @param {{text: string, start: number, end: number}} turn @param {Mark[]} marks */
export function writeText(app, turn, marks) {
  const root = document.createDocumentFragment();
  const lanes = assignLanes(marks);
  /** @type {Node[]} */
  const stack = [root];
  for (const step of nest(marks, turn.start, turn.end)) {
    const top = stack[stack.length - 1];
    if ("open" in step) {
      const one = marks[step.open];
      const made = el("mark", {
        "data-code": one.code,
        "data-key": one.key,
        class: markClass(app, one, lanes[step.open]),
      });
      top.appendChild(made);
      stack.push(made);
    } else if ("close" in step) stack.pop();
    else {
      const [start, end] = step.text.map((point) => toUnits(turn.text, point - turn.start));
      top.appendChild(document.createTextNode(turn.text.slice(start, end)));
    }
  }
  return root;
}

/** @param {App} app @param {Mark} one @param {number} lane */
function markClass(app, one, lane) {
  const hue = app.book.byId.get(one.code)?.hue ?? 0;
  return `h${hue} ${lane < 0 ? "crowded" : `lane${lane}`}${isUndecided(one) ? " suggested" : ""}${one.key === app.hand ? " hand" : ""}`;
}

/** @param {Turn} turn @param {Element} article */
function drawState(turn, article) {
  const state = partOf(article, ".state");
  const told = [];
  if (turn.seen === 2) told.push(el("span", { class: "read", title: "read" }, "✓"));
  else if (turn.seen === 1) told.push(el("span", { class: "read", title: "read in part" }, "(✓)"));
  if (turn.blind) told.push(el("span", { class: "blind" }, "blind"));
  if (turn.memos.some((one) => !one.flag)) told.push(el("span", { class: "memo", title: "memo" }, "✎"));
  if (turn.memos.some((one) => one.flag)) told.push(el("span", { class: "flag", title: "come back to this" }, "⚑"));
  refill(state, told);
  article.setAttribute("aria-label", `${turn.id} ${turn.who}${turn.seen === 2 ? ", read" : ""}`);
}

/** Tell whether so much stands on a turn that a part of it is folded, but not on paper. @param {Mark[]} marks */
export function isCrowded(marks) {
  return marks.length > FOLD + 1;
}

/** @param {App} app @param {Turn} turn @param {Element} article */
function drawChips(app, turn, article) {
  const list = partOf(article, ".chips");
  const marks = shownMarks(app, turn);
  const isOpen = app.isPrinting || app.unfolded.has(turn.id) || !isCrowded(marks);
  const inHand = marks.findIndex((one) => one.key === app.hand);
  const shown = isOpen || inHand >= FOLD ? marks : marks.slice(0, FOLD);
  const isHere = app.turn === turn;
  refill(
    list,
    shown.map((one) => el("li", {}, makeChip(app, one, isHere))),
    shown.length < marks.length
      ? el(
          "li",
          {},
          button(`+${marks.length - shown.length} more`, () => app.unfold(turn), {
            class: "more",
            tabindex: isHere ? "0" : "-1",
          }),
        )
      : null,
  );
}

/** @param {App} app @param {Mark} one @param {boolean} isHere */
function makeChip(app, one, isHere) {
  const code = app.book.byId.get(one.code);
  const name = code?.name ?? one.code;
  const verdict = VERDICTS[one.verdict];
  return el(
    "button",
    {
      type: "button",
      class: `chip h${code?.hue ?? 0} ${verdict}${one.key === app.hand ? " hand" : ""}`,
      "data-key": one.key,
      tabindex: isHere ? "0" : "-1",
      "aria-label": [name, one.word, verdict, one.note ? "with a note" : ""].filter(Boolean).join(", "),
      "aria-pressed": one.key === app.hand ? "true" : "false",
    },
    el("span", { class: "swatch", "aria-hidden": "true" }),
    el("span", { class: "name" }, [name, one.word].filter(Boolean).join(", ")),
    isUndecided(one) ? el("span", { class: "sign", "aria-hidden": "true" }, one.verdict === "s" ? "?" : "~") : null,
    one.note ? el("span", { class: "sign", "aria-hidden": "true" }, "✎") : null,
  );
}

/** The place of a code point in the drawn text of a turn. @param {Element} talk @param {number} unit */
export function findPlace(talk, unit) {
  const walker = document.createTreeWalker(talk, NodeFilter.SHOW_TEXT);
  let left = unit;
  let node = walker.nextNode();
  let last = node;
  for (; node; node = walker.nextNode()) {
    const length = node.nodeValue?.length ?? 0;
    if (left <= length) return { node, offset: left };
    left -= length;
    last = node;
  }
  return last ? { node: last, offset: last.nodeValue?.length ?? 0 } : null;
}

/** Ranges of a passage, one per turn. @param {App} app @param {{start: number, end: number}} span */
export function rangesOf(app, span) {
  const found = [];
  for (const turn of app.turnsOn(span)) {
    const talk = app.articleOf(turn)?.querySelector(".talk");
    if (!talk) continue;
    const start = findPlace(talk, toUnits(turn.text, Math.max(span.start - turn.start, 0)));
    const end = findPlace(talk, toUnits(turn.text, Math.min(span.end, turn.end) - turn.start));
    if (!start || !end) continue;
    const range = document.createRange();
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset);
    found.push(range);
  }
  return found;
}
