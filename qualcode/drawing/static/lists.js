// Lists of passages: suggestions, hits of a search, passages of a code, and what one wants to come back to.
import { button, el, instead, plural, refill } from "./dom.js";
import { toUnits } from "./points.js";
import { nameMark, send } from "./acts.js";
import { readMark } from "./state.js";

/** @typedef {any} App */

/** A passage with the words around it; a click goes to the place. @param {App} app @param {any} row @param {...any} more */
export function passageRow(app, row, ...more) {
  const mark = row.mark ? readMark(row.mark) : null;
  const code = app.book.byId.get(mark?.code ?? row.code);
  const go = () => goToRow(app, row);
  return el(
    "li",
    { class: "passage", "data-place": `${row.t}:${row.span.join("-")}` },
    el(
      "div",
      { class: "place" },
      button(`${row.t} ${row.turn}`.trim(), go, { class: "link", "aria-label": `Go to ${row.t} ${row.turn}` }),
      row.who ? el("span", {}, row.who) : null,
      code
        ? el(
            "span",
            { class: "codename" },
            el("span", { class: `swatch h${code.hue}`, "aria-hidden": "true" }),
            code.name,
          )
        : null,
    ),
    el(
      "p",
      { class: "words", dir: "auto" },
      row.before,
      el("b", {}, mark ? withEvidence(row, mark) : row.quote),
      row.behind,
    ),
    mark?.evidence.length ? el("p", { class: "why" }, "Rule: ", mark.evidence.map((one) => one[0]).join(", ")) : null,
    mark?.note ? el("p", { class: "note" }, "Note: ", mark.note) : null,
    ...more,
  );
}

/** The words of a suggestion with those marked that made the rule fire. @param {any} row @param {import("./state.js").Mark} mark */
function withEvidence(row, mark) {
  return markWords(
    row.quote,
    mark.evidence.flatMap(([, ...all]) => all),
  );
}

/** A text with some of its words marked. @param {string} text @param {number[]} points where each begins and ends, in code points */
export function markWords(text, points) {
  const places = points.map((one) => toUnits(text, one));
  const parts = [];
  let at = 0;
  for (let n = 0; n + 1 < places.length; n += 2) {
    if (places[n] < at) continue;
    parts.push(text.slice(at, places[n]), el("i", { class: "evidence" }, text.slice(places[n], places[n + 1])));
    at = places[n + 1];
  }
  return [...parts, text.slice(at)];
}

/** @param {App} app @param {any} row */
export async function goToRow(app, row) {
  await app.load(row.t, { start: row.span[0] });
  const mark = row.mark ? readMark(row.mark) : null;
  if (mark) app.take(mark.key);
  else app.setPick({ start: row.span[0], end: row.span[1] });
}

/** A choice of codes. @param {App} app @param {string} label @param {string} value @param {string} none @param {(id: string) => void} act @param {Record<string, number>} [counts] */
export function codeSelect(app, label, value, none, act, counts) {
  const codes = app.book.codes.filter(
    (/** @type {any} */ one) =>
      (!counts && (!one.retired || one.id === value)) ||
      counts?.[one.id] ||
      app.book.codes.some((/** @type {any} */ other) => other.path.startsWith(`${one.path}/`) && counts?.[other.id]),
  );
  const made = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": label, onchange: () => act(made.value) },
      el("option", { value: "" }, none),
      codes.map((/** @type {any} */ one) =>
        el(
          "option",
          { value: one.id },
          `${"  ".repeat(one.level)}${one.name}${counts?.[one.id] ? ` (${counts[one.id]})` : ""}`,
        ),
      ),
    )
  );
  made.value = value;
  return made;
}

/** @param {any} answer */
function tellMore(answer) {
  return answer.total > answer.rows.length
    ? el("p", { class: "hint" }, `The first ${answer.rows.length} of ${answer.total} are shown.`)
    : null;
}

/** Whose suggestions are listed: those of the rules, or what was learned. @param {App} app @param {"rules" | "learned"} source */
export function sourceBar(app, source) {
  const one = (/** @type {string} */ id, /** @type {string} */ text) =>
    button(text, () => app.openView("suggestions", { source: id }), { "aria-pressed": String(id === source) });
  return el(
    "div",
    { class: "bar sources", role: "group", "aria-label": "Whose suggestions" },
    one("rules", "? Rules"),
    one("learned", "~ Your own coding"),
  );
}

// -- suggestions ------------------------------------------------------------------------------------------------------

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawSuggestions(app, box, told) {
  refill(box, el("h1", {}, "Suggestions of the rules"), el("p", { class: "hint" }, "…"));
  const answer = await app.ask("suggestions", { code: told.code ?? "", name: told.name ?? "", talk: told.talk ?? "" });
  if (!answer || !box.isConnected) return;
  const again = (/** @type {any} */ more) => app.openView("suggestions", { ...told, ...more });
  const names = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "Transcripts", onchange: () => again({ name: names.value }) },
      el("option", { value: "" }, "all transcripts"),
      app.data.names.map((/** @type {string} */ one) => el("option", { value: one }, one)),
    )
  );
  names.value = told.name ?? "";
  const talk = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "Whose talk", onchange: () => again({ talk: talk.value }) },
      el("option", { value: "" }, "interviewees"),
      el("option", { value: "all" }, "everybody's talk"),
    )
  );
  talk.value = told.talk ?? "";
  const list = el("ul", { class: "passages" });
  const leave = (/** @type {any} */ one) => {
    rest.delete(one);
    drawAll();
  };
  const rest = new Map(
    answer.rows.map((/** @type {any} */ row) => [row, passageRow(app, row, answerButtons(app, row, leave))]),
  );
  const head = el("div", { class: "bar" });
  const drawAll = () => {
    const n = rest.size;
    refill(list, [...rest.values()]);
    refill(
      head,
      codeSelect(app, "Code", told.code ?? "", "all codes", (code) => again({ code }), answer.counts),
      names,
      talk,
      n ? button(`Accept all ${n} shown`, () => answerAll(app, "accept", [...rest.keys()]), { class: "main" }) : null,
      n ? button(`Refuse all ${n} shown`, () => answerAll(app, "reject", [...rest.keys()])) : null,
    );
  };
  drawAll();
  refill(
    box,
    el("h1", {}, "Suggestions of the rules"),
    sourceBar(app, "rules"),
    el(
      "p",
      { class: "hint" },
      answer.total
        ? `${plural(answer.total, "suggestion")} undecided. Read them, then answer one by one, or all that are shown in one act, which can be undone.`
        : "None is undecided here. What you code blind has none to show.",
    ),
    head,
    tellMore(answer),
    list,
  );
}

/** @param {any} row */
function nameRow(row) {
  const mark = readMark(row.mark);
  return { t: row.t, code: mark.code, span: [mark.start, mark.end] };
}

/** @param {App} app @param {any} row @param {(row: any) => void} done */
function answerButtons(app, row, done) {
  const answer = async (/** @type {string} */ word) => {
    const told = await app.queue(() => send(app, "answer-all", { answer: word, rows: [nameRow(row)] }));
    if (told) done(row);
  };
  return el(
    "div",
    { class: "acts" },
    button("Accept", () => answer("accept")),
    button("Refuse", () => answer("reject")),
  );
}

/** @param {App} app @param {"accept" | "reject"} word @param {any[]} rows */
async function answerAll(app, word, rows) {
  const told = await app.queue(() => send(app, "answer-all", { answer: word, rows: rows.map(nameRow) }));
  if (told) {
    app.say(
      `${word === "accept" ? "Accepted" : "Refused"} ${plural(rows.length, "suggestion")}. Undo takes all of them back.`,
    );
    app.openView("suggestions", app.viewTold);
  }
}

// -- search -----------------------------------------------------------------------------------------------------------

/** @param {App} app */
export function openSearch(app) {
  app.openView("search", app.searchTold ?? {});
}

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawSearch(app, box, told) {
  const input = /** @type {HTMLInputElement} */ (
    el("input", {
      type: "search",
      "aria-label": "Search",
      placeholder: app.can("forms") ? "mentor*, drop ... out, exact:CLAP" : "mentor*, drop ... out",
      value: told.term ?? "",
    })
  );
  const all = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "Where" },
      el("option", { value: app.t?.id ?? "" }, `in ${app.t?.id ?? ""}`),
      el("option", { value: "" }, "in all transcripts"),
    )
  );
  all.value = told.name ?? app.t?.id ?? "";
  const form = el(
    "form",
    {
      class: "bar",
      role: "search",
      onsubmit: instead(() => app.openView("search", { term: input.value, name: all.value })),
    },
    input,
    all,
    el("button", { type: "submit", class: "main" }, "Search"),
  );
  const list = el("div", { class: "results" });
  refill(
    box,
    el("h1", {}, "Search"),
    form,
    el(
      "p",
      { class: "hint" },
      app.can("forms")
        ? "Words as in a rule of the codebook: all forms of a word, mentor* for what begins so, drop ... out with words between."
        : "Words as they are written, in any case: mentor* for what begins so, drop ... out with words between.",
    ),
    list,
  );
  if (!told.term) {
    input.focus();
    return;
  }
  app.searchTold = { term: told.term, name: told.name };
  refill(list, "…");
  const answer = await app.ask("search", { term: told.term, name: told.name });
  if (!box.isConnected) return;
  if (!answer) {
    refill(list);
    return;
  }
  app.hits = answer.rows;
  app.hitAt = -1;
  const boxes = new Map();
  const rows = answer.rows.map((/** @type {any} */ row) => {
    const check = /** @type {HTMLInputElement} */ (
      el("input", { type: "checkbox", "aria-label": `Choose the hit in ${row.t} ${row.turn}` })
    );
    check.checked = true;
    boxes.set(row, check);
    return passageRow(app, row, el("label", { class: "check" }, check, "chosen"));
  });
  refill(
    list,
    el(
      "p",
      { class: "hint" },
      answer.total ? `${plural(answer.total, "hit")}. g and G walk them in the text.` : "No hits.",
    ),
    rows.length ? codeHits(app, () => answer.rows.filter((/** @type {any} */ row) => boxes.get(row).checked)) : null,
    tellMore(answer),
    el("ul", { class: "passages" }, rows),
  );
  if (!told.isQuiet) app.say(answer.total ? `${plural(answer.total, "hit")}.` : "No hits.");
  if (rows.length) /** @type {HTMLElement} */ (list.querySelector(".link")).focus();
}

/** Code all chosen hits, their sentences, in one act. @param {App} app @param {() => any[]} chosen */
function codeHits(app, chosen) {
  const select = codeSelect(app, "Code for the chosen hits", app.recent[0] ?? "", "choose a code", () => {});
  const wide = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "What to code" },
      el("option", { value: "sentence" }, "their sentences"),
      el("option", { value: "words" }, "the words alone"),
    )
  );
  const act = async () => {
    const rows = chosen();
    if (!select.value || !rows.length) {
      app.say(rows.length ? "Choose a code first." : "Choose some hits first.");
      return;
    }
    const answer = await app.queue(() =>
      send(app, "apply", {
        code: select.value,
        grow: wide.value,
        spans: rows.map((row) => ({ t: row.t, span: row.span })),
      }),
    );
    if (answer && !answer.stands)
      app.say(`Coded ${plural(rows.length, "hit")} with ${app.nameOf(select.value)}. Undo takes all of them back.`);
  };
  return el("div", { class: "bar" }, select, wide, button("Code the chosen", act, { class: "main" }));
}

/** Go to the next hit, or of the code that is alone shown, the next passage. @param {App} app @param {1 | -1} step */
export async function walkHits(app, step) {
  if (app.alone && app.t) {
    const starts = [
      ...new Map(
        app.t.turns
          .flatMap((/** @type {any} */ turn) => turn.marks)
          .filter((/** @type {any} */ one) => one.code === app.alone && one.verdict !== "r")
          .map((/** @type {any} */ one) => [one.key, one]),
      ).values(),
    ];
    const here = app.markInHand()?.start ?? app.turn?.start ?? 0;
    const next =
      step > 0
        ? starts.find((/** @type {any} */ one) => one.start > here)
        : starts.filter((/** @type {any} */ one) => one.start < here).pop();
    if (!next) return app.say(step > 0 ? "There is no further passage here." : "There is none before.");
    app.goTo(next.start, { keepHand: true });
    return app.take(next.key);
  }
  if (!app.hits.length) return app.say("Nothing was searched yet: / searches.");
  app.hitAt = (app.hitAt + step + app.hits.length) % app.hits.length;
  const hit = app.hits[app.hitAt];
  if (hit.t === app.t?.id) app.goTo(hit.span[0]);
  else await app.load(hit.t, { start: hit.span[0] });
  app.setPick({ start: hit.span[0], end: hit.span[1] });
  app.say(`Hit ${app.hitAt + 1} of ${app.hits.length}.`);
}

// -- passages of a code, and what one wants to come back to -----------------------------------------------------------

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawPassages(app, box, told) {
  const title = told.title ?? `Passages with ${app.nameOf(told.code)}`;
  const back = button("Back", () => app.openView(told.from ?? "codes", told.back), { class: "link" });
  refill(box, back, el("h1", {}, title), "…");
  const answer = await app.ask(told.op ?? "passages", told.asked ?? { code: told.code });
  if (!answer || !box.isConnected) return;
  const old = told.old ? answer.rows.filter((/** @type {any} */ row) => row.old) : answer.rows;
  refill(
    box,
    back,
    el("h1", {}, title),
    el(
      "p",
      { class: "hint" },
      plural(told.old ? old.length : answer.total, "passage"),
      answer.old && !told.old
        ? [
            " · ",
            button(
              `Look again: ${answer.old} from before the definition changed`,
              () => app.openView("passages", { ...told, old: true }),
              { class: "link" },
            ),
          ]
        : "",
      told.old
        ? " coded before the definition was changed. Keep what still holds; go to the others, and change them."
        : "",
    ),
    told.old ? null : tellMore(answer),
    el(
      "ul",
      { class: "passages" },
      old.map((/** @type {any} */ row) => passageRow(app, row, told.old ? keepButton(app, row) : null)),
    ),
  );
}

/** Say that a coding still holds; it leaves the list. @param {App} app @param {any} row */
function keepButton(app, row) {
  const mark = readMark(row.mark);
  const keep = async () => {
    const data = { t: row.t, base: row.t === app.t?.id ? app.t.mark : "", ...nameMark(mark) };
    if (await app.queue(() => send(app, "keep", data))) await redrawList(app);
  };
  return el(
    "div",
    { class: "acts" },
    button("Keep", keep, { "aria-label": `Keep: ${app.nameOf(mark.code)} still holds` }),
    button("Go there", () => goToRow(app, row), { class: "link" }),
  );
}

/** Draw the open list anew, with the focus where it was. @param {App} app */
async function redrawList(app) {
  const buttons = () => /** @type {HTMLElement[]} */ ([...app.other.querySelectorAll(".passages .acts button")]);
  const at = buttons().indexOf(/** @type {any} */ (document.activeElement));
  await app.afterBack();
  const after = buttons();
  (after[Math.min(Math.max(at, 0), after.length - 1)] ?? app.other).focus({ preventScroll: true });
}

/** @param {App} app @param {HTMLElement} box */
export async function drawFlags(app, box) {
  refill(box, el("h1", {}, "Come back to"), "…");
  const [flags, moved] = [await app.ask("flags", {}), await app.ask("unsettled", {})];
  if (!flags || !moved || !box.isConnected) return;
  const settle = async (/** @type {any} */ row) => {
    const answer = await app.queue(() => send(app, "settle-flag", { id: row.id }, { route: "flag" }));
    if (answer) app.openView("flags");
  };
  refill(
    box,
    el("h1", {}, "Come back to"),
    flags.rows.length
      ? null
      : el("p", { class: "hint" }, "Nothing is marked. b marks a passage or a turn to come back to."),
    el(
      "ul",
      { class: "passages" },
      flags.rows.map((/** @type {any} */ row) =>
        passageRow(
          app,
          { ...row, before: "", behind: "", who: row.author },
          el("p", { class: "note" }, row.why),
          el(
            "div",
            { class: "acts" },
            button("Settled", () => settle(row)),
          ),
        ),
      ),
    ),
    moved.rows.length ? el("h2", {}, "Corrected transcripts: where do these belong?") : null,
    el(
      "ul",
      { class: "passages" },
      moved.rows.map((/** @type {any} */ row) => unsettledRow(app, row)),
    ),
  );
}

/** A coding whose words are others now. @param {App} app @param {any} row */
function unsettledRow(app, row) {
  const settle = async (/** @type {string} */ act, /** @type {any} */ more = {}) => {
    const answer = await app.queue(() =>
      send(app, "", { name: row.t, number: row.number, act, ...more }, { route: "settle" }),
    );
    if (answer) app.openView("flags");
  };
  const pick = app.pick && app.t?.id === row.t ? app.pick : null;
  return el(
    "li",
    {},
    el(
      "div",
      { class: "place" },
      row.t,
      el("span", { class: "codename" }, app.nameOf(row.code)),
      el("span", {}, row.reason),
    ),
    el("p", { class: "words" }, "Was: ", row.before, el("b", {}, row.quote), row.behind),
    row.now ? el("p", { class: "words" }, "Now: ", row.now.before, el("b", {}, row.now.quote), row.now.behind) : null,
    el(
      "div",
      { class: "acts" },
      row.now ? button("Keep it there", () => settle("keep")) : null,
      pick ? button("Move to the picked words", () => settle("move", { to: [pick.start, pick.end] })) : null,
      button("Remove it", () => settle("drop")),
      row.now ? button("Go there", () => goToRow(app, row.now), { class: "link" }) : null,
    ),
  );
}
