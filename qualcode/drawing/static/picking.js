// Picking words: by mouse, by touch, and by keys.
import { toPoints, toUnits } from "./points.js";
import { moveEdge, snap, trimBlanks } from "./words.js";
import { rangesOf } from "./text.js";

/** @typedef {any} App */

const PAUSE = 120;

/** Listen to what is selected in the text. @param {App} app */
export function listenToSelection(app) {
  let timer = 0;
  app.listen(document, "selectionchange", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => readSelection(app), PAUSE);
  });
  app.listen(app.reading, "pointerdown", (/** @type {PointerEvent} */ event) => {
    app.isExact = event.altKey;
    app.pressed = [event.clientX, event.clientY];
  });
  app.listen(app.reading, "pointerup", (/** @type {PointerEvent} */ event) => {
    app.isExact = event.altKey;
  });
}

/** @param {App} app @returns {Selection | null} */
function selectionOf(app) {
  const root = app.root.getRootNode();
  return root.getSelection ? root.getSelection() : document.getSelection();
}

/** Take what is selected as the pick, unless it was taken already. @param {App} app */
export function readSelection(app) {
  const selection = selectionOf(app);
  if (!selection || selection.isCollapsed || !selection.rangeCount) {
    app.lastSelection = [];
    return;
  }
  if (!app.reading.contains(selection.anchorNode) || !app.reading.contains(selection.focusNode)) return;
  const last = app.lastSelection;
  const now = [selection.anchorNode, selection.anchorOffset, selection.focusNode, selection.focusOffset];
  if (now.every((one, at) => one === last[at])) return;
  app.lastSelection = now;
  const range = selection.getRangeAt(0);
  const start = findStart(app, range.startContainer, range.startOffset);
  const end = findEnd(app, range.endContainer, range.endOffset);
  const span = start && end ? toSpan(app, start, end) : null;
  if (span) app.setPick(span, { isFromMouse: true });
}

/** @typedef {{at: number, unit: number}} Place the number of a turn, and a UTF-16 offset in its text */

/** @param {App} app @param {number} at @param {Node} node @param {number} offset */
function comparePlace(app, at, node, offset) {
  const range = document.createRange();
  range.selectNodeContents(app.articles[at].querySelector(".talk"));
  return range.comparePoint(node, offset);
}

/** @param {App} app @param {number} at @param {Node} node @param {number} offset */
function measure(app, at, node, offset) {
  const range = document.createRange();
  range.setStart(app.articles[at].querySelector(".talk"), 0);
  range.setEnd(node, offset);
  return range.toString().length;
}

/** The first place in talk at or behind a point. @param {App} app @param {Node} node @param {number} offset @returns {Place | null} */
function findStart(app, node, offset) {
  let [low, high] = [0, app.articles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePlace(app, middle, node, offset) <= 0) high = middle;
    else low = middle + 1;
  }
  if (low === app.articles.length) return null;
  const unit = comparePlace(app, low, node, offset) === 0 ? measure(app, low, node, offset) : 0;
  return unit >= app.t.turns[low].text.length && low + 1 < app.articles.length
    ? { at: low + 1, unit: 0 }
    : { at: low, unit };
}

/** The last place in talk at or before a point. @param {App} app @param {Node} node @param {number} offset @returns {Place | null} */
function findEnd(app, node, offset) {
  let [low, high] = [-1, app.articles.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (comparePlace(app, middle, node, offset) >= 0) low = middle;
    else high = middle - 1;
  }
  if (low < 0) return null;
  const isInside = comparePlace(app, low, node, offset) === 0;
  const unit = isInside ? measure(app, low, node, offset) : app.t.turns[low].text.length;
  return unit === 0 && low > 0 ? { at: low - 1, unit: app.t.turns[low - 1].text.length } : { at: low, unit };
}

/** The passage between two places: whole words, unless somebody wants it exact. @param {App} app @param {Place} start @param {Place} end */
function toSpan(app, start, end) {
  if (start.at > end.at || (start.at === end.at && start.unit >= end.unit)) return null;
  const trim = app.isExact ? trimBlanks : snap;
  const [first, last] = [app.t.turns[start.at], app.t.turns[end.at]];
  if (first === last) {
    const found = trim(first.text, start.unit, end.unit);
    return found && pointsOf(first, found.start, found.end);
  }
  const head = trim(first.text, start.unit, first.text.length);
  const tail = trim(last.text, 0, end.unit);
  if (!head) return toSpan(app, { at: start.at + 1, unit: 0 }, end);
  if (!tail) return toSpan(app, start, { at: end.at - 1, unit: app.t.turns[end.at - 1].text.length });
  return { start: pointsOf(first, head.start, head.end).start, end: pointsOf(last, tail.start, tail.end).end };
}

/** @param {import("./state.js").Turn} turn @param {number} start @param {number} end */
function pointsOf(turn, start, end) {
  return { start: turn.start + toPoints(turn.text, start), end: turn.start + toPoints(turn.text, end) };
}

/** Pick the next sentence of the turn, or the one before. @param {App} app @param {1 | -1} step */
export function pickSentence(app, step) {
  const turn = app.turn;
  if (!turn) return;
  const inside = app.t.sentences.filter((/** @type {number[]} */ one) => one[0] >= turn.start && one[1] <= turn.end);
  const sentences = inside.length ? inside : [[turn.start, turn.end]];
  const pick = app.pick && app.pick.start < turn.end && app.pick.end > turn.start ? app.pick : null;
  const following =
    step > 0
      ? sentences.find((/** @type {number[]} */ one) => !pick || one[0] >= pick.end)
      : sentences.filter((/** @type {number[]} */ one) => !pick || one[1] <= pick.start).pop();
  const [start, end] = following ?? (step > 0 ? sentences[0] : sentences[sentences.length - 1]);
  app.setPick({ start, end });
}

/** Move an edge of the pick by a word. @param {App} app @param {"start" | "end"} edge @param {1 | -1} step */
export function movePick(app, edge, step) {
  const pick = app.pick;
  const turn = pick ? app.turnAt(edge === "start" ? pick.start : pick.end - 1) : app.turn;
  if (!turn) return;
  const from = pick ? toUnits(turn.text, Math.max(pick.start - turn.start, 0)) : 0;
  const to = pick ? toUnits(turn.text, Math.min(pick.end, turn.end) - turn.start) : 0;
  const limit = { start: 0, end: turn.text.length };
  if (!pick) {
    const first = moveEdge(turn.text, { start: 0, end: 0 }, "end", 1, limit);
    if (first.end > 0) app.setPick(pointsOf(turn, 0, first.end));
    return;
  }
  const moved = moveEdge(turn.text, { start: from, end: to }, edge, step, limit);
  const { start, end } = pointsOf(turn, moved.start, moved.end);
  app.setPick({ start: edge === "start" ? start : pick.start, end: edge === "end" ? end : pick.end });
}

/** Highlight ranges for a component beside those of others: a document has one list of highlights for all of them. @param {App} app @param {string} name @param {Range[]} ranges */
function highlight(app, name, ranges) {
  const registry = /** @type {any} */ (CSS).highlights;
  if (!registry) return;
  if (!registry.has(name)) registry.set(name, new /** @type {any} */ (window).Highlight());
  const all = registry.get(name);
  for (const one of app.highlighted.get(name) ?? []) all.delete(one);
  for (const one of ranges) all.add(one);
  app.highlighted.set(name, ranges);
}

/** Draw the pick, the words that made a rule fire, and hits. @param {App} app */
export function drawHighlights(app) {
  highlight(app, "qc-pick", app.pick ? rangesOf(app, app.pick) : []);
  const mark = app.markInHand();
  const words = mark ? evidenceOf(mark) : [];
  highlight(
    app,
    "qc-evidence",
    words.flatMap((span) => rangesOf(app, span)),
  );
  const hits = app.hits.filter((/** @type {any} */ hit) => hit.t === app.t.id && app.isNear(hit.span[0]));
  highlight(
    app,
    "qc-hit",
    hits.flatMap((/** @type {any} */ hit) => rangesOf(app, { start: hit.span[0], end: hit.span[1] })),
  );
}

/** Take all that a component highlights away. @param {App} app */
export function dropHighlights(app) {
  for (const name of app.highlighted.keys()) highlight(app, name, []);
}

/** The words that made rules fire. @param {import("./state.js").Mark} mark */
export function evidenceOf(mark) {
  return mark.evidence.flatMap(([, ...places]) => {
    const found = [];
    for (let at = 0; at + 1 < places.length; at += 2)
      found.push({ start: mark.start + places[at], end: mark.start + places[at + 1] });
    return found;
  });
}
