// The codebook: every change of a code tells what it touches before it happens.
import { button, el, plural, refill } from "./dom.js";
import { codeSelect } from "./lists.js";
import { send } from "./acts.js";
import { askNewCode, editMemo } from "./panel.js";

/** @typedef {any} App */

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawCodes(app, box, told) {
  const list = el(
    "ul",
    { class: "codelist" },
    app.book.codes.map((/** @type {any} */ one) => drawRow(app, one, told)),
  );
  refill(
    box,
    el("h1", {}, "Codes"),
    app.book.trouble ? el("p", { class: "trouble" }, app.book.trouble) : null,
    el(
      "div",
      { class: "bar" },
      button("New code", () => askNewCode(app, { name: "", pick: null, under: told.code ?? "" }), { class: "main" }),
    ),
    app.book.codes.length
      ? list
      : el("p", { class: "hint" }, "There is no code yet. Make the first one here, or while reading with i."),
  );
  if (told.code)
    /** @type {HTMLElement | null} */ (box.querySelector(`[data-row="${CSS.escape(told.code)}"] .link`))?.focus();
  await showCounts(app, box);
}

/** Say beside each code how many passages have it in all transcripts, and how many want a look again. @param {App} app @param {HTMLElement} box */
async function showCounts(app, box) {
  const answer = await app.ask("code-counts", {});
  if (!answer || !box.isConnected) return;
  for (const [code, [n, old]] of Object.entries(answer.counts)) {
    const place = box.querySelector(`[data-row="${CSS.escape(code)}"] .count`);
    const again = () => app.openView("passages", { code, old: true, from: "codes", back: {} });
    if (place)
      refill(place, plural(n, "passage"), old ? [" · ", button(`look again: ${old}`, again, { class: "link" })] : null);
  }
}

/** @param {App} app @param {any} code @param {any} told */
function drawRow(app, code, told) {
  const isOpen = told.code === code.id;
  const open = () => app.openView("codes", isOpen ? {} : { code: code.id });
  return el(
    "li",
    { "data-row": code.id, class: isOpen ? "open" : "" },
    el(
      "div",
      { class: "line" },
      el(
        "span",
        { class: "codename" },
        el("span", { class: `indent level${Math.min(code.level, 6)}` }),
        el("span", { class: `swatch h${code.hue}`, "aria-hidden": "true" }),
        button(code.name, open, { class: "link", "aria-expanded": String(isOpen) }),
      ),
      code.retired ? el("small", {}, " retired") : null,
      el("span", { class: "count" }),
      el("span", { class: "def" }, code.definition ?? ""),
    ),
    isOpen ? drawDetails(app, code) : null,
  );
}

/** @param {App} app @param {any} code */
function drawDetails(app, code) {
  const area = (/** @type {string} */ label, /** @type {string} */ value, rows = 3) => {
    const made = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows, "aria-label": label }));
    made.value = value;
    return made;
  };
  const name = /** @type {HTMLInputElement} */ (el("input", { type: "text", "aria-label": "Name", value: code.name }));
  const definition = area("Definition", wordsOf(code, "definition"));
  const include = area("Include, one on a line", wordsOf(code, "include"), 2);
  const exclude = area("Exclude, one on a line", wordsOf(code, "exclude"), 2);
  const colour = /** @type {HTMLInputElement} */ (
    el("input", { type: "color", "aria-label": "Colour", value: code.colour })
  );
  const under = codeSelect(
    app,
    "Under",
    code.path.includes("/") ? code.path.split("/").at(-2) : "",
    "at the top",
    () => {},
  );
  const into = codeSelect(app, "Merge into", "", "merge into …", () => {});
  const names = /** @type {HTMLInputElement} */ (
    el("input", { type: "text", placeholder: "two or more names, with commas", "aria-label": "Split into" })
  );
  const why = /** @type {HTMLInputElement} */ (
    el("input", { type: "text", placeholder: "why, for the history", "aria-label": "Why" })
  );
  const more = el("div", { class: "more" });
  const ask = (/** @type {any} */ data, /** @type {string} */ words) =>
    confirmChange(app, more, { code: code.id, ...data }, words, () => why.value);
  const line = (/** @type {any[]} */ ...parts) => el("div", { class: "bar" }, ...parts);
  return el(
    "div",
    { class: "details" },
    line(
      name,
      button("Rename", () => ask({ op: "rename", name: name.value }, `Rename to “${name.value}”`)),
    ),
    el("label", { class: "wide" }, "Definition", definition),
    el("label", { class: "wide" }, "Include", include),
    el("label", { class: "wide" }, "Exclude", exclude),
    line(
      button(
        "Save the words",
        () =>
          ask(
            {
              op: "edit",
              ...changed("definition", definition, code),
              ...changed("include", include, code),
              ...changed("exclude", exclude, code),
            },
            "Save the words",
          ),
        { class: "main" },
      ),
    ),
    line(
      colour,
      button("Colour", () => ask({ op: "colour", colour: colour.value }, "Change the colour")),
      code.own
        ? button("The program's colour", () => ask({ op: "colour", colour: "" }, "Leave the colour to the program"))
        : null,
    ),
    line(
      under,
      button("Move", () =>
        ask(
          { op: "move", under: under.value },
          `Move ${under.value ? `under ${app.nameOf(under.value)}` : "to the top"}`,
        ),
      ),
    ),
    line(
      into,
      button("Merge", () =>
        into.value
          ? ask({ op: "merge", into: into.value }, `Merge into ${app.nameOf(into.value)}`)
          : app.say("Choose the code to merge into."),
      ),
    ),
    line(
      names,
      button("Split", () => ask({ op: "split", names: names.value.split(/[,，、]/) }, "Split")),
    ),
    line(code.retired ? null : button("Retire", () => ask({ op: "retire" }, "Retire")), why),
    line(
      button("Passages", () => app.openView("passages", { code: code.id, from: "codes", back: { code: code.id } })),
      button("Memo", () => askCodeMemo(app, code)),
      button("History", () => showHistory(app, more, code.id)),
      button("New code below", () => askNewCode(app, { name: "", pick: null, under: code.id })),
    ),
    more,
  );
}

/** What a code says of itself, as it is edited: a list has each entry on a line. @param {any} code @param {"definition" | "include" | "exclude"} key */
function wordsOf(code, key) {
  const told = code[key] ?? "";
  return Array.isArray(told) ? told.map((one) => one.trim().replace(/\s+/g, " ")).join("\n") : told;
}

/** @param {"definition" | "include" | "exclude"} key @param {HTMLTextAreaElement} area @param {any} code */
function changed(key, area, code) {
  return area.value === wordsOf(code, key) ? {} : { [key]: area.value };
}

/** Tell what a change touches, and do it when that is wanted. @param {App} app @param {HTMLElement} box @param {any} data @param {string} words @param {() => string} why */
async function confirmChange(app, box, data, words, why) {
  refill(box, "…");
  const told = await app.ask("code-preview", data);
  if (!told) {
    refill(box);
    return;
  }
  const go = async () => {
    const answer = await app.queue(() => send(app, "", { ...data, why: why() }, { route: "code-change" }));
    if (answer) app.openView("codes", app.book.byId.has(data.code) ? { code: data.code } : {});
  };
  const yes = button(words, go, { class: "main" });
  refill(
    box,
    el(
      "div",
      { class: "preview", role: "group", "aria-label": words },
      el("p", {}, told.said),
      told.rows.length
        ? el(
            "ul",
            {},
            told.rows.map((/** @type {any} */ row) =>
              el(
                "li",
                {},
                `${row.coder}: ${plural(row.codings, "coding")} with ${app.nameOf(row.code)} in ${plural(row.transcripts, "transcript")}`,
              ),
            ),
          )
        : null,
      el(
        "div",
        { class: "acts" },
        yes,
        button("Leave it", () => refill(box)),
      ),
    ),
  );
  app.say(told.said);
  yes.focus();
}

/** @param {App} app @param {any} code */
async function askCodeMemo(app, code) {
  const told = await app.ask("memos", { about: `code:${code.id}` });
  if (told) editMemo(app, `code:${code.id}`, told.rows[0], `Memo on ${code.name}`);
}

/** @param {App} app @param {HTMLElement} box @param {string} code */
async function showHistory(app, box, code) {
  const told = await app.ask("history", { code });
  if (!told) return;
  refill(
    box,
    told.rows.length
      ? el(
          "ul",
          { class: "history" },
          told.rows.map((/** @type {any} */ row) =>
            el(
              "li",
              {},
              el("small", {}, `${row.at} ${row.who} `),
              row.what,
              row.why ? el("em", {}, ` ${row.why}`) : null,
            ),
          ),
        )
      : el("p", { class: "hint" }, "The study remembers no change of it."),
  );
}
