// The codebook beside the text: a tree with one tab stop, counts of this transcript, and pinned digits.
import { breakable, button, el, refill } from "./dom.js";
import { giveCode } from "./acts.js";
import { readSelection } from "./picking.js";
import { askNewCode } from "./panel.js";

/** @typedef {any} App */

/** How often each code stands in the transcript: what stands, and what is only suggested. @param {App} app */
function countCodes(app) {
  /** @type {Map<string, [number, number]>} */
  const counts = new Map();
  const met = new Set();
  for (const turn of app.t?.turns ?? []) {
    for (const one of turn.marks) {
      if (one.verdict === "r" || one.verdict === "l" || met.has(one.key)) continue;
      met.add(one.key);
      const found = counts.get(one.code) ?? [0, 0];
      found[one.verdict === "s" ? 1 : 0] += 1;
      counts.set(one.code, found);
    }
  }
  return counts;
}

/** Make the panel of codes. @param {App} app */
export function makeTree(app) {
  const search = (/** @type {string} */ words) => {
    app.codeFilter = words.trim().toLowerCase();
    drawTree(app);
  };
  const filter = /** @type {HTMLInputElement} */ (
    el("input", {
      type: "search",
      placeholder: "Filter codes",
      "aria-label": "Filter codes",
      oninput: () => search(filter.value),
    })
  );
  const tree = el("ul", { role: "tree", "aria-label": "Codes", class: "tree" });
  tree.addEventListener("mousedown", (event) => event.preventDefault());
  tree.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const row = target.closest("[role=treeitem]");
    const id = row?.getAttribute("data-id");
    if (!id) return;
    if (target.closest(".fold")) toggle(app, id);
    else if (target.closest(".pin")) pin(app, id);
    else useCode(app, id);
  });
  tree.addEventListener("keydown", (event) => walkTree(app, event));
  app.treeRoot = tree;
  app.treeHint = el("p", { class: "hint" }, "There is no code yet. Pick words, and press i, or make one with New.");
  return el(
    "section",
    { class: "codes", "aria-label": "Codebook" },
    el(
      "div",
      { class: "codeshead" },
      filter,
      app.can("new-code")
        ? button("New", () => askNewCode(app, { name: "", pick: app.pick }), { class: "small", title: "New code" })
        : null,
    ),
    app.treeHint,
    tree,
  );
}

/** Give the code to what is picked; without a pick, show what it stands for. @param {App} app @param {string} id */
function useCode(app, id) {
  readSelection(app);
  const pick = app.pick;
  app.treeCode = id;
  if (pick) app.queue(() => giveCode(app, id, pick));
  else {
    app.hand = "";
    app.drawHand();
    app.say("Pick some words first.");
    app.drawPanel();
  }
}

/** Pin a code to the first free digit, or take its pin away. @param {App} app @param {string} id */
async function pin(app, id) {
  const at = app.pins.indexOf(id);
  const digit = (at >= 0 ? at : app.pins.indexOf("")) + 1;
  if (!digit) return app.say("All nine digits are pinned. Take one away first.");
  const answer = await app.queue(() => app.ask("pin", { digit, code: at >= 0 ? "" : id }, "act"));
  if (!answer) return;
  app.pins = answer.pins;
  app.say(at >= 0 ? `${digit} is free.` : `${app.nameOf(id)} is on ${digit}.`);
  drawTree(app);
}

/** @param {App} app @param {string} id */
function toggle(app, id) {
  if (app.folded.has(id)) app.folded.delete(id);
  else app.folded.add(id);
  drawTree(app);
}

/** @param {App} app */
function visibleCodes(app) {
  const wanted = app.codeFilter;
  if (wanted) {
    const hits = app.book.codes.filter((/** @type {any} */ one) =>
      `${one.name} ${one.path} ${one.definition ?? ""}`.toLowerCase().includes(wanted),
    );
    const kept = new Set(hits.map((/** @type {any} */ one) => one.path));
    return app.book.codes.filter((/** @type {any} */ one) =>
      [...kept].some((path) => path === one.path || path.startsWith(`${one.path}/`)),
    );
  }
  return app.book.codes.filter(
    (/** @type {any} */ one) => !above(one).some((/** @type {string} */ id) => app.folded.has(id)),
  );
}

/** Ids of the codes above. @param {any} code */
function above(code) {
  return code.path.split("/").slice(0, -1);
}

/** Draw the codes with their counts. @param {App} app */
export function drawTree(app) {
  const tree = app.treeRoot;
  if (!tree) return;
  app.treeHint.hidden = app.book.codes.length > 0;
  const hadFocus = tree.contains(document.activeElement);
  const counts = countCodes(app);
  const codes = visibleCodes(app);
  const shown = app.shownCode();
  const stop = codes.some((/** @type {any} */ one) => one.id === app.treeCode) ? app.treeCode : codes[0]?.id;
  const parents = new Set(
    app.book.codes
      .filter((/** @type {any} */ one) => one.level)
      .map((/** @type {any} */ one) => one.path.split("/").at(-2)),
  );
  const scroll = tree.scrollTop;
  refill(
    tree,
    codes.map((/** @type {any} */ one) =>
      makeRow(app, one, counts.get(one.id), {
        isShown: one.id === shown,
        isStop: one.id === stop,
        isParent: parents.has(one.id),
      }),
    ),
  );
  tree.scrollTop = scroll;
  if (hadFocus) tree.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
}

/** Words for those who hear the page. @param {string} text */
function aside(text) {
  return el("span", { class: "hidden" }, ` ${text} `);
}

/** @param {App} app @param {any} code @param {[number, number] | undefined} count @param {{isShown: boolean, isStop: boolean, isParent: boolean}} told */
function makeRow(app, code, count, told) {
  const digit = app.pins.indexOf(code.id) + 1;
  const isFolded = app.folded.has(code.id);
  const n = count?.[0] ?? 0;
  const m = count?.[1] ?? 0;
  return el(
    "li",
    {
      role: "treeitem",
      "data-id": code.id,
      "aria-level": code.level + 1,
      "aria-selected": told.isShown ? "true" : "false",
      tabindex: told.isStop ? "0" : "-1",
      "aria-expanded": told.isParent ? String(!isFolded) : null,
      class: `${code.retired ? "retired" : ""}${told.isShown ? " shown" : ""}`,
      style: null,
    },
    el("span", { class: `indent level${Math.min(code.level, 6)}` }),
    told.isParent
      ? el("span", { class: "fold", "aria-hidden": "true" }, isFolded ? "▸" : "▾")
      : el("span", { class: "fold none", "aria-hidden": "true" }),
    el("span", { class: `swatch h${code.hue}`, "aria-hidden": "true" }),
    el("span", { class: "name" }, breakable(code.name)),
    el(
      "span",
      { class: "count" },
      n ? [String(n), aside("in this transcript")] : null,
      m ? el("span", { class: "maybe" }, ` ${m}?`, aside("suggested")) : null,
    ),
    digit
      ? el("span", { class: "pin on", title: `on ${digit}; click to free it` }, aside("on digit"), String(digit))
      : el("span", { class: "pin", "aria-hidden": "true", title: "pin to a digit (p)" }, "·"),
  );
}

/** @param {App} app @param {KeyboardEvent} event */
function walkTree(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const rows = [...app.treeRoot.querySelectorAll("[role=treeitem]")];
  const at = rows.indexOf(/** @type {Element} */ (document.activeElement));
  const id = rows[at]?.getAttribute("data-id");
  const go = (/** @type {number} */ to) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!next) return;
    app.treeCode = next.getAttribute("data-id");
    app.hand = "";
    app.drawHand();
    app.drawPanel();
    app.treeRoot.querySelector("[tabindex='0']")?.focus();
  };
  const code = id ? app.book.byId.get(id) : null;
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    ArrowRight: () => (id && app.folded.has(id) ? toggle(app, id) : go(at + 1)),
    ArrowLeft: () =>
      id && !app.folded.has(id) && rows[at].hasAttribute("aria-expanded")
        ? toggle(app, id)
        : go(rows.findIndex((one) => one.getAttribute("data-id") === code?.path.split("/").at(-2))),
    Enter: () => id && useCode(app, id),
    " ": () => id && useCode(app, id),
    p: () => id && pin(app, id),
  };
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}
