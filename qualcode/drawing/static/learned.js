// Suggestions learned from one's own coding: on request, one by one, with what carries each. They count as nothing.

import { nameMark, send } from "./acts.js";
import { button, cutShort, el, plural, refill } from "./dom.js";
import { codeSelect, goToRow, markWords, passageRow, sourceBar } from "./lists.js";
import { drawRecall } from "./recall.js";
import { readMark } from "./state.js";

/** @typedef {any} App */

/** @type {[string, string, string][]} */
const LEARNED = [
  ["missed", "read, perhaps missed", "You read these and gave them no such code; passages like them have it."],
  ["likely", "not read yet", "You have not read these. The likeliest come first."],
  ["doubtful", "coded, in doubt", "You coded these; passages like them do not have the code."],
  ["found", "how much is found", "Read a random check in its order, as carefully as the rest."],
];

/** A choice of lists. @param {string} value @param {(kind: string) => void} act */
function kindSelect(value, act) {
  const made = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "Which suggestions", onchange: () => act(made.value) },
      LEARNED.map(([id, name]) => el("option", { value: id }, name)),
    )
  );
  made.value = value;
  return made;
}

/** Show them beside the text as well, for as long as the page is open. @param {App} app */
function besideBox(app) {
  const box = /** @type {HTMLInputElement} */ (
    el("input", {
      type: "checkbox",
      onchange: () => {
        app.showsLearned = box.checked;
        app.renewLearned();
      },
    })
  );
  box.checked = app.showsLearned;
  return el("label", { class: "check" }, box, "beside the text as well");
}

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawLearned(app, box, told) {
  const kind = told.kind ?? "missed";
  const again = (/** @type {any} */ more) => app.openView("suggestions", { ...told, ...more });
  const top = [
    el("h1", {}, "Suggestions from your own coding"),
    sourceBar(app, "learned"),
    el(
      "div",
      { class: "bar" },
      kindSelect(kind, (one) => again({ kind: one })),
      codeSelect(app, "Code", told.code ?? "", needsCode(kind) ? "choose a code" : "all codes", (code) =>
        again({ code }),
      ),
      kind === "missed" || kind === "likely" ? besideBox(app) : null,
    ),
  ];
  const list = el("ul", { class: "passages learned" });
  const hint = el("p", { class: "hint" });
  const trust = el("div", { class: "trust" });
  refill(box, top, hint, trust, list);
  if (needsCode(kind) && !told.code) {
    hint.textContent =
      kind === "found"
        ? "Choose a code, to see how much of it is found."
        : "Choose a code: what you have not read is put in order for one code at a time.";
    return;
  }
  if (kind === "found") {
    const drawRow = (/** @type {any} */ row, /** @type {() => void} */ next) => drawAlone(app, row, next, "");
    const walk = (/** @type {KeyboardEvent} */ event, /** @type {any[]} */ rows) => walkHunches(app, event, rows);
    await drawRecall(app, { box, list, hint, trust, drawRow, walk }, { code: told.code });
    return;
  }
  hint.textContent = "Learning from what you coded …";
  await fillLearned(app, { box, list, hint, trust }, { kind, code: told.code ?? "" });
}

/** Whether a list is for one code. @param {string} kind */
function needsCode(kind) {
  return kind === "likely" || kind === "found";
}

/** Ask for the list, and draw it. @param {App} app @param {any} parts @param {{kind: string, code: string}} asked @param {number} [at] the row that gets the focus */
async function fillLearned(app, parts, asked, at = -1) {
  const answer = await app.ask("learned", asked);
  if (!parts.box.isConnected) return;
  if (!answer) {
    parts.hint.textContent = app.said.textContent;
    return;
  }
  if (asked.kind !== "doubtful") {
    app.learned = answer.rows;
    app.renewLearned();
  }
  const next = (/** @type {number} */ number) => fillLearned(app, parts, asked, number);
  const rows = answer.rows.map((/** @type {any} */ row, /** @type {number} */ number) =>
    row.held ? drawAlone(app, row, () => next(number)) : drawHunch(app, row, asked.kind, () => next(number)),
  );
  const [, , words] = LEARNED.find(([id]) => id === asked.kind) ?? LEARNED[0];
  const record = answer.record[asked.code];
  const sofar = record
    ? ` Of this code you accepted ${record[0]} of ${plural(record[0] + record[1], "suggestion")} so far.`
    : "";
  parts.hint.textContent = rows.length
    ? `${words}${sofar} j and k go through them; ${asked.kind === "doubtful" ? "a keeps one, r removes it. They count until you remove them." : "a accepts one, r refuses it. None counts before that."}`
    : "There is none now. Read and code on, then look again.";
  refill(parts.trust, answer.tenths ? el("p", {}, answer.tenths) : null, tellLimits(answer.limits));
  refill(
    parts.list,
    rows.map((/** @type {any} */ one) => one.element),
  );
  parts.list.onkeydown = (/** @type {KeyboardEvent} */ event) => walkHunches(app, event, rows);
  if (at >= 0) /** @type {HTMLElement} */ (rows[Math.min(at, rows.length - 1)]?.element ?? app.other).focus();
}

/** @param {string[]} limits */
function tellLimits(limits) {
  return limits.length
    ? el(
        "details",
        {},
        el("summary", {}, "How far to trust these"),
        el(
          "ul",
          {},
          limits.map((one) => el("li", {}, one)),
        ),
      )
    : null;
}

/** Where the words stand that carry it, in the order of the text. @param {any} row @returns {number[]} */
function placesOf(row) {
  return [...row.words].sort(([one], [other]) => one - other).flat();
}

/** @param {any} row */
function tellCarriers(row) {
  const points = [...row.quote];
  const words = row.words.map((/** @type {number[]} */ [start, end]) => points.slice(start, end).join(""));
  const told = [...new Set(words)].join(", ");
  if (row.spread)
    return `Carried by no few words: what speaks for it is spread over the passage${told ? ` (${told})` : ""}.`;
  return told ? `${row.word ? "Carried by" : "Speaks most for it"}: ${told}.` : "";
}

/** @param {App} app @param {any} row @param {string} kind @param {() => void} next */
function drawHunch(app, row, kind, next) {
  const isDoubt = kind === "doubtful";
  const answer = async (/** @type {"accept" | "reject"} */ word) => {
    const told = await app.queue(() => (isDoubt ? answerDoubt(app, row, word) : answerHunch(app, row, word)));
    if (told) next();
  };
  const name = app.nameOf(row.code);
  const element = passageRow(
    app,
    { ...row, mark: undefined },
    el("p", { class: "why" }, el("span", { class: "word" }, `~ ${row.word || "ranked only"}`), " ", tellCarriers(row)),
    row.near.length
      ? el(
          "div",
          { class: "near" },
          el("p", {}, "Most like it, and coded so by you:"),
          el(
            "ul",
            {},
            row.near.map((/** @type {any} */ one) =>
              el(
                "li",
                {},
                button(`${one.t} ${one.segment}`, () => goToRow(app, one), {
                  class: "link",
                  "aria-label": `Go to ${one.t} ${one.segment}`,
                }),
                ` ${cutShort(one.quote, 140)}`,
              ),
            ),
          ),
        )
      : null,
    el(
      "div",
      { class: "acts" },
      button(isDoubt ? "Keep" : "Accept", () => answer("accept"), { key: "a" }),
      button(isDoubt ? "Remove" : "Refuse", () => answer("reject"), { key: "r" }),
      button("Go there", () => goToRow(app, row), { class: "link" }),
    ),
  );
  const quote = element.querySelector(".words b");
  if (quote) refill(quote, markWords(row.quote, placesOf(row)));
  element.tabIndex = 0;
  element.setAttribute("aria-label", `${name}, ${row.word || "ranked only"}, ${row.t} ${row.segment}`);
  return { element, answer };
}

/** A segment without any suggestion: the coder decides alone. @param {App} app @param {any} row @param {() => void} next @param {string} [why] */
function drawAlone(app, row, next, why = "Every tenth comes without a suggestion: decide on your own.") {
  const answer = async (/** @type {"accept" | "reject"} */ word) => {
    if (await app.queue(() => answerHunch(app, row, word, { alone: "1" }))) next();
  };
  const name = app.nameOf(row.code);
  const element = passageRow(
    app,
    row,
    why ? el("p", { class: "why" }, why) : null,
    el(
      "div",
      { class: "acts" },
      button("It carries the code", () => answer("accept"), { key: "a" }),
      button("It does not", () => answer("reject"), { key: "r" }),
      button("Go there", () => goToRow(app, row), { class: "link" }),
    ),
  );
  element.tabIndex = 0;
  element.setAttribute("aria-label", `${name}, no suggestion, ${row.t} ${row.segment}`);
  return { element, answer };
}

/** Accept or refuse what was learned. @param {App} app @param {any} row @param {"accept" | "reject"} word @param {{alone?: string}} [more] */
export function answerHunch(app, row, word, more = {}) {
  const data = { name: row.t, segment: row.segment, code: row.code, answer: word, ...more };
  return send(app, "", data, { route: "learned-answer" });
}

/** Say that a coding in doubt holds, or remove it. @param {App} app @param {any} row @param {"accept" | "reject"} word */
function answerDoubt(app, row, word) {
  const data = { t: row.t, base: row.t === app.t?.id ? app.t.mark : "", ...nameMark(readMark(row.mark)) };
  return send(app, word === "accept" ? "keep" : "reject", data);
}

/** @param {App} app @param {KeyboardEvent} event @param {{element: HTMLElement, answer: (word: "accept" | "reject") => void}[]} rows */
function walkHunches(app, event, rows) {
  const target = /** @type {HTMLElement} */ (event.target);
  const isHeld = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (!app.hasKeys || isHeld || /^(INPUT|SELECT)$/.test(target.tagName)) return;
  const at = rows.findIndex((one) => one.element.contains(target));
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (step) rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.element.focus();
  else if (event.key === "a") rows[at]?.answer("accept");
  else if (event.key === "r") rows[at]?.answer("reject");
  else return;
  event.preventDefault();
  event.stopPropagation();
}
