// The panel at the bottom: what is in hand, and every question, docked so that it never lies over the text.
import { button, cutShort, el, instead, refill } from "./dom.js";
import { filterCodes, findAlike } from "./filter.js";
import { isUndecided } from "./state.js";
import { applyCode, applyPerTurn, giveCode, perform, recode, saveNote, send, tellPick } from "./acts.js";

/** @typedef {any} App */
/** @typedef {{start: number, end: number}} Span */

const VERDICT_WORDS = {
  s: "suggested by the rules",
  a: "accepted by you",
  h: "given by you",
  r: "refused by you",
  l: "suggested by your own coding",
};

/** A button for an act, with its key. @param {App} app @param {string} act @param {string} text */
function actButton(app, act, text) {
  const key = app.keyOf(act);
  return button(text, () => perform(app, act), { key, class: "act", "data-act": act });
}

/** Show what is in hand, unless a question is open. @param {App} app */
export function drawPanel(app) {
  drawUndo(app);
  app.drawTree?.();
  if (app.question) return;
  const mark = app.markInHand();
  const code = mark ? app.book.byId.get(mark.code) : app.book.byId.get(app.shownCode());
  const parts = [
    mark ? tellMark(app, mark) : null,
    code ? tellCode(app, code) : null,
    app.pick ? tellPicked(app) : null,
    ...(app.turn?.memos ?? []).map((/** @type {any} */ one) => tellMemo(app, one)),
  ].filter(Boolean);
  refill(
    app.panel,
    app.book.trouble ? el("p", { class: "trouble" }, app.book.trouble) : null,
    el("div", { class: "inhand", tabindex: "0" }, parts.length ? parts : tellNothing(app)),
    el("div", { class: "acts", role: "group", "aria-label": "Acts" }, listActs(app, mark)),
  );
}

/** @param {App} app @param {any} mark */
function listActs(app, mark) {
  if (!app.t) return [];
  const acts = [];
  if (mark && (isUndecided(mark) || mark.verdict === "r")) acts.push(["accept", "Accept"]);
  if (mark && mark.verdict !== "r") acts.push(["reject", mark.verdict === "h" ? "Remove" : "Refuse"]);
  const isLearned = mark?.verdict === "l";
  if (mark && !isLearned) acts.push(["recode", "Other code"]);
  if (app.pick) acts.push(["palette", "Code"], ["again", "Again"], ["new-code", "New code"]);
  if (mark && app.pick && !isLearned) acts.push(["move", "Move here"], ["cut", "Cut out"], ["extend", "Add"]);
  if (mark && !isUndecided(mark)) acts.push(["note", "Note"], ["example", "As example"]);
  acts.push(["memo", "Memo"], ["flag", "Come back"]);
  if (app.player) acts.push(["play", "Play"]);
  if (app.turn && app.turn.seen !== 2) acts.push(["read", "Read"]);
  else acts.push(["skip", "On"]);
  if (mark || app.shownCode()) acts.push(["focus", app.alone ? "All codes" : "Only this code"]);
  if (!app.pick) acts.push(["sentence-next", "Pick sentence"]);
  return acts.filter(([act]) => app.can(act)).map(([act, text]) => actButton(app, act, text));
}

/** @param {App} app @param {any} mark */
function tellMark(app, mark) {
  const rules = mark.evidence.map((/** @type {any[]} */ one) => one[0]);
  const words = mark.evidence.flatMap((/** @type {any} */ [, ...places]) => {
    const found = [];
    for (let at = 0; at + 1 < places.length; at += 2)
      found.push(app.textOf({ start: mark.start + places[at], end: mark.start + places[at + 1] }));
    return found;
  });
  return el(
    "div",
    { class: "what" },
    el(
      "h2",
      {},
      el("span", { class: `swatch h${app.book.byId.get(mark.code)?.hue ?? 0}`, "aria-hidden": "true" }),
      app.nameOf(mark.code),
      el("small", {}, ` ${VERDICT_WORDS[/** @type {"s"} */ (mark.verdict)]}${mark.word ? `, ${mark.word}` : ""}`),
    ),
    el("blockquote", {}, `“${cutShort(app.textOf(mark), 160)}”`),
    words.length
      ? el(
          "p",
          { class: "why" },
          mark.verdict === "l" ? "Carried by: " : "Why: ",
          words.map((/** @type {string} */ one, /** @type {number} */ at) => [
            at ? ", " : "",
            el("b", {}, cutShort(one, 40)),
          ]),
          mark.verdict === "l" ? "" : ` (${rules.length === 1 ? "rule" : "rules"} ${rules.join(", ")})`,
        )
      : null,
    mark.note ? el("p", { class: "note" }, "Note: ", mark.note) : null,
  );
}

/** @param {App} app @param {any} code */
function tellCode(app, code) {
  const line = (/** @type {string} */ name, /** @type {string | undefined} */ text) =>
    text ? el("p", {}, el("b", {}, `${name}: `), text) : null;
  return el(
    "div",
    { class: "definition" },
    app.markInHand()
      ? null
      : el("h2", {}, el("span", { class: `swatch h${code.hue}`, "aria-hidden": "true" }), code.name),
    el("p", {}, code.definition || el("em", {}, "No definition yet.")),
    line("Include", code.include?.join("; ")),
    line("Exclude", code.exclude?.join("; ")),
  );
}

/** @param {App} app */
function tellPicked(app) {
  const several = app.turnsOn(app.pick).length > 1;
  return el(
    "div",
    { class: "picked" },
    el("h2", {}, `Picked: ${tellPick(app, app.pick)}`),
    el("blockquote", {}, `“${cutShort(app.textOf(app.pick), 160)}”`),
    several && app.recent.length
      ? button(
          `${app.nameOf(app.recent[0])}, one coding per turn`,
          () => app.queue(() => applyPerTurn(app, app.recent[0], app.pick)),
          { class: "act" },
        )
      : null,
  );
}

/** A memo on the turn, or that one wants to come back to it. @param {App} app @param {any} memo */
function tellMemo(app, memo) {
  const act = memo.flag
    ? button("Settled", () => app.queue(() => settleFlag(app, memo)), { class: "act" })
    : button("Change", () => editMemo(app, memo.about, memo), { class: "act" });
  return el(
    "div",
    { class: "memotext" },
    el("h2", {}, memo.flag ? "⚑ Come back" : "✎ Memo", el("small", {}, ` ${memo.author}`)),
    el("p", { class: "written" }, memo.text.trim()),
    act,
  );
}

/** @param {App} app */
function tellNothing(app) {
  return el(
    "p",
    { class: "hint" },
    app.t
      ? "Pick words with the mouse, or v for the next sentence; then click a code, type its digit, or c. ? shows all keys."
      : "There is no transcript in the study yet. Bring some in: qualcode import FILES",
  );
}

/** @param {App} app */
function drawUndo(app) {
  for (const [way, trail, word] of [
    ["undo", app.undoing, "Undo"],
    ["redo", app.redoing, "Redo"],
  ]) {
    const made = app.shell.querySelector(`[data-way="${way}"]`);
    const last = trail[trail.length - 1];
    made.disabled = !last;
    const name = last ? `${word}: ${last.name}` : `${word}: nothing`;
    made.setAttribute("aria-label", name);
    made.title = name;
  }
}

// -- questions --------------------------------------------------------------------------------------------------------

/** Put a question into the panel; Escape leaves it. @param {App} app @param {HTMLElement} form @param {HTMLElement} first */
function ask(app, form, first) {
  app.question = form;
  refill(app.panel, form);
  app.shell.classList.add("asking");
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      closeQuestion(app);
    }
  });
  first.focus({ preventScroll: true });
}

/** @param {App} app */
export function closeQuestion(app) {
  if (!app.question) return;
  app.question = null;
  app.shell.classList.remove("asking");
  app.drawPanel();
  app.focusTurn();
}

/**
 * A text to be written: Ctrl+Enter saves, Escape keeps a draft, and a draft outlives the page.
 * @param {App} app @param {{title: string, key: string, text: string, save: (text: string) => Promise<any>, words?: string, extra?: any[]}} told
 */
function askText(app, told) {
  const draft = app.memory.getDraft(told.key);
  const area = /** @type {HTMLTextAreaElement} */ (
    el("textarea", { rows: "4", "aria-label": told.title, name: "text" })
  );
  area.value = draft ?? told.text;
  area.addEventListener("input", () => app.memory.putDraft(told.key, area.value));
  const save = async () => {
    const answer = await app.queue(() => told.save(area.value));
    if (!answer) return;
    app.memory.putDraft(told.key, null);
    closeQuestion(app);
  };
  const form = el(
    "form",
    { class: "question", onsubmit: instead(save) },
    el("h2", {}, told.title),
    area,
    told.extra ?? [],
    el(
      "div",
      { class: "acts" },
      el(
        "button",
        { type: "submit", class: "act main" },
        told.words ?? "Save",
        el("kbd", { "aria-hidden": "true" }, "Ctrl+Enter"),
      ),
      button("Close, keep the draft", () => closeQuestion(app), { key: "Esc", class: "act" }),
      draft !== null && draft !== told.text ? el("small", {}, "Your draft of before.") : null,
    ),
  );
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      save();
    }
  });
  ask(app, form, area);
}

/** @param {App} app @param {any} mark */
export function askNote(app, mark) {
  const title = `Note on ${app.nameOf(mark.code)}`;
  askText(app, {
    title,
    key: `note/${app.t.id}/${mark.key}`,
    text: mark.note,
    save: (text) => saveNote(app, mark, text),
  });
}

/** A memo on what is picked, else on the turn. @param {App} app @param {Span | null} pick */
export function askMemo(app, pick) {
  if (!app.t || !app.turn) return;
  const about = pick ? `${app.t.id}:${pick.start}-${pick.end}` : `${app.t.id}:${app.turn.id}`;
  const before = app.t.turns
    .flatMap((/** @type {any} */ turn) => turn.memos)
    .find((/** @type {any} */ one) => one.about === about && !one.flag);
  editMemo(app, about, before, pick ? `Memo on “${cutShort(app.textOf(pick), 40)}”` : `Memo on ${app.turn.id}`);
}

/** Write a memo, or change one that is there. @param {App} app @param {string} about @param {any} before @param {string} [title] */
export function editMemo(app, about, before, title) {
  askText(app, {
    title: title ?? `Memo on ${about}`,
    key: `memo/${about}`,
    text: before?.text ?? "",
    save: (text) =>
      send(app, "memo", { about, text, replaces: before?.digest ?? "", id: before?.id ?? "" }, { route: "memo" }),
  });
}

/** @param {App} app @param {any} memo */
function settleFlag(app, memo) {
  return send(app, "settle-flag", { id: memo.id, digest: memo.digest }, { route: "flag" });
}

/** Come back to this, with a word why. @param {App} app @param {Span | null} pick */
export function askFlag(app, pick) {
  if (!app.t || !app.turn) return;
  const about = pick ? `${app.t.id}:${pick.start}-${pick.end}` : `${app.t.id}:${app.turn.id}`;
  const there = app.turn.memos.find((/** @type {any} */ one) => one.flag && (one.about === about || !pick));
  if (there) {
    app.queue(() => settleFlag(app, there));
    return;
  }
  const title = pick ? `Come back to “${cutShort(app.textOf(pick), 40)}”: why?` : `Come back to ${app.turn.id}: why?`;
  askText(app, {
    title,
    key: `flag/${about}`,
    text: "",
    save: (text) => send(app, "flag", { about, text }, { route: "flag" }),
  });
}

/** @param {App} app @param {string} code */
export function askDefinition(app, code) {
  const known = app.book.byId.get(code);
  if (!known) return;
  askText(app, {
    title: `Definition of ${known.name}`,
    key: `definition/${code}`,
    text: known.definition ?? "",
    save: (text) => send(app, "edit", { code, definition: text, saw: known.definition ?? "" }, { route: "code-edit" }),
  });
}

/** The same code on words that overlap: one passage, or two. @param {App} app @param {string} code @param {any} met @param {Span} pick */
export function askExtend(app, code, met, pick) {
  const name = app.nameOf(code);
  const grow = async () => {
    closeQuestion(app);
    app.hand = met.key;
    const answer = await app.queue(() =>
      send(app, "extend", { code, span: [met.start, met.end], saw: met.version, to: [pick.start, pick.end] }),
    );
    if (answer) app.takeNear(code, pick);
    app.rememberCode(code);
  };
  const keep = () => {
    closeQuestion(app);
    app.queue(() => applyCode(app, code, [pick]));
  };
  const first = button("Grow the first", grow, { class: "act main", key: "Enter" });
  const form = el(
    "div",
    { class: "question", role: "group", "aria-label": "Same code" },
    el("h2", {}, `${name} is on some of these words already: “${cutShort(app.textOf(met), 60)}”`),
    el(
      "div",
      { class: "acts" },
      first,
      button("Keep two", keep, { class: "act" }),
      button("Leave it", () => closeQuestion(app), { class: "act", key: "Esc" }),
    ),
  );
  ask(app, form, first);
  app.say(`${name} is on some of these words already. Grow the first, or keep two?`);
}

// -- the palette ------------------------------------------------------------------------------------------------------

/** Choose a code by typing. @param {App} app @param {"apply" | "recode"} purpose @param {Span | null} pick */
export function openPalette(app, purpose, pick) {
  const id = `${app.prefix}palette`;
  const input = /** @type {HTMLInputElement} */ (
    el("input", {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      "aria-expanded": "true",
      "aria-controls": id,
      "aria-autocomplete": "list",
      "aria-label": purpose === "apply" ? "Code for the picked words" : "Other code",
      placeholder: "Type a name, path or definition",
    })
  );
  const list = el("ul", { id, role: "listbox", class: "palette", "aria-label": "Codes" });
  /** @type {any[]} */
  let found = [];
  let at = 0;
  const choose = (/** @type {any} */ one) => {
    closeQuestion(app);
    if (!one) askNewCode(app, { name: input.value.trim(), pick, purpose });
    else if (purpose === "recode") app.queue(() => recode(app, one.id));
    else app.queue(() => giveCode(app, one.id, pick));
  };
  const draw = () => {
    const words = input.value.trim();
    found = filterCodes(app.book.codes, words, app.recent).slice(0, 60);
    const isNew =
      app.can("new-code") &&
      words &&
      !app.book.codes.some((/** @type {any} */ one) => one.name.toLowerCase() === words.toLowerCase());
    const rows = [...found, ...(isNew || (!words && app.can("new-code")) ? [null] : [])];
    at = Math.min(at, rows.length - 1);
    refill(
      list,
      rows.map((one, number) =>
        el(
          "li",
          {
            role: "option",
            id: `${id}-${number}`,
            class: number === at ? "here" : "",
            "aria-selected": number === at ? "true" : "false",
            onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
            onclick: () => choose(one),
          },
          one
            ? [
                el("span", { class: `swatch h${one.hue}`, "aria-hidden": "true" }),
                el("span", { class: "name" }, one.name),
                el(
                  "small",
                  {},
                  one.path.includes("/") ? ` ${one.path.slice(0, one.path.lastIndexOf("/"))}` : "",
                  one.definition ? ` — ${cutShort(one.definition, 80)}` : "",
                ),
              ]
            : el("em", {}, words ? `New code “${words}” …` : "New code …"),
        ),
      ),
    );
    input.setAttribute("aria-activedescendant", `${id}-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => {
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.max(0, Math.min(list.children.length - 1, at + step));
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const row = list.children[at];
      if (row) choose(at < found.length ? found[at] : null);
    }
  });
  ask(app, el("div", { class: "question" }, input, list), input);
  draw();
}

/**
 * A new code while reading; it is given to the picked words at once, or to what `give` says.
 * @param {App} app @param {{name: string, pick: Span | null, purpose?: string, under?: string, give?: (id: string) => any}} told
 */
export function askNewCode(app, told) {
  const name = /** @type {HTMLInputElement} */ (
    el("input", {
      type: "text",
      name: "name",
      autocomplete: "off",
      required: true,
      "aria-describedby": `${app.prefix}alike`,
    })
  );
  name.value = told.name;
  const under = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { name: "under" },
      el("option", { value: "" }, "at the top"),
      app.book.codes
        .filter((/** @type {any} */ one) => !one.retired)
        .map((/** @type {any} */ one) => el("option", { value: one.id }, `${"  ".repeat(one.level)}${one.name}`)),
    )
  );
  under.value = told.under ?? app.lastParent ?? "";
  const definition = /** @type {HTMLTextAreaElement} */ (el("textarea", { name: "definition", rows: "2" }));
  const alike = el("p", { id: `${app.prefix}alike`, class: "alike", "aria-live": "off" });
  const mark = told.purpose === "recode" ? app.markInHand() : null;
  const give = (/** @type {string} */ id) => {
    closeQuestion(app);
    if (told.give) told.give(id);
    else app.queue(() => (mark ? recode(app, id) : giveCode(app, id, told.pick)));
  };
  const draw = () => {
    const found = findAlike(app.book.codes, name.value).slice(0, 3);
    refill(
      alike,
      found.length
        ? ["There is: ", found.map((/** @type {any} */ one) => button(one.name, () => give(one.id), { class: "act" }))]
        : null,
    );
  };
  name.addEventListener("input", draw);
  const save = async () => {
    app.lastParent = under.value;
    const data = {
      name: name.value.trim(),
      under: under.value,
      definition: definition.value.trim(),
      at: app.turn?.id ?? "",
      ...(told.pick && !mark ? { spans: [{ span: [told.pick.start, told.pick.end], saw: "" }] } : {}),
      ...(mark ? { recode: { code: mark.code, span: [mark.start, mark.end], saw: mark.version } } : {}),
    };
    const answer = await app.queue(() => send(app, "add", data, { route: "code-add" }));
    if (!answer) return;
    closeQuestion(app);
    app.rememberCode(answer.code);
    if (told.give) return told.give(answer.code);
    if (told.pick || mark) app.takeNear(answer.code, mark ?? told.pick);
    app.showCode(answer.code);
  };
  const form = el(
    "form",
    { class: "question", onsubmit: instead(save) },
    el("h2", {}, told.pick ? `New code for “${cutShort(app.textOf(told.pick), 50)}”` : "New code"),
    el(
      "div",
      { class: "fields" },
      el("label", {}, "Name", name),
      el("label", {}, "Under", under),
      el("label", { class: "wide" }, "Definition", definition),
    ),
    alike,
    el(
      "div",
      { class: "acts" },
      el("button", { type: "submit", class: "act main" }, told.pick || mark || told.give ? "Add and give it" : "Add"),
      button("Leave it", () => closeQuestion(app), { class: "act", key: "Esc" }),
    ),
  );
  definition.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    }
  });
  ask(app, form, name);
  name.select();
  draw();
}

/** The keys, and whether single letters work. @param {App} app */
export function askHelp(app) {
  const box = /** @type {HTMLInputElement} */ (
    el("input", { type: "checkbox", onchange: () => app.switchKeys(box.checked) })
  );
  box.checked = app.hasKeys;
  const close = button("Close", () => closeQuestion(app), { class: "act", key: "Esc" });
  ask(
    app,
    el(
      "div",
      { class: "question help" },
      el("h2", {}, "Keys"),
      el(
        "p",
        {},
        "Drag, double click or triple click picks words; with Alt held, exactly these letters. Ctrl+Z and Shift+Ctrl+Z undo and redo as well.",
      ),
      el(
        "dl",
        {},
        app.data.keys.map((/** @type {any[]} */ [, , shown, words]) =>
          el("div", {}, el("dt", {}, el("kbd", {}, shown)), el("dd", {}, words)),
        ),
      ),
      el("label", { class: "check" }, box, "Single keys do something while the focus is in this page"),
      el("div", { class: "acts" }, close),
    ),
    close,
  );
}
