// The page of `qualcode pseudonyms decide --browser`: what may be a name, one by one or many at once.
// Nothing is kept in the browser: names are in what the server answers, and in what is drawn of it.
import { readPage } from "./calling.js";
import { button, el, instead, plural, refill } from "./dom.js";

/**
 * @typedef {"open" | "replace" | "keep"} State
 * @typedef {{n: number, real: string, kind: string, why: string, count: number, state: State, proposal: string,
 *   replacement: string, like: number | null}} Row
 * @typedef {{n: number, act: State, replacement?: string, kind?: string, base: {state: State, replacement: string}}} Decision
 */

/** @type {[State | "all", string][]} */
const STATES = [
  ["open", "Undecided"],
  ["replace", "Replaced"],
  ["keep", "Kept"],
  ["all", "All"],
];
const KINDS = ["person", "place", "school", "company", "organisation", "name"];
const LIST_KEYS = new Set("ArrowDown ArrowUp PageDown PageUp Home End Enter k o s e u /".split(" "));
const SIGNS = { open: "", replace: "→", keep: "=" };
const SAID = { open: "undecided", replace: "replaced", keep: "kept" };

class NameApp {
  /** @param {HTMLElement} root @param {import("./app.js").Call} call @param {any} told */
  constructor(root, call, told) {
    this.call = call;
    /** @type {Map<number, Row>} */
    this.rows = new Map();
    /** @type {State | "all"} */
    this.state = "open";
    this.kind = "";
    this.words = "";
    this.here = -1;
    this.isBusy = false;
    /** @type {string[]} keys pressed while an act was being written: they are meant for what comes after it */
    this.waiting = [];
    /** @type {Decision[][]} what takes back each act, the last one at the end */
    this.past = [];
    /** @type {any} */
    this.places = null;
    this.study = told.study;
    this.views = el("div", { class: "views", role: "group", "aria-label": "Which names" });
    this.kinds = /** @type {HTMLSelectElement} */ (
      el("select", { "aria-label": "Kind", onchange: () => this.narrow({ kind: this.kinds.value }) })
    );
    this.filter = /** @type {HTMLInputElement} */ (
      el("input", {
        type: "search",
        "aria-label": "Filter names",
        placeholder: "Filter",
        autocomplete: "off",
        spellcheck: "false",
        oninput: () => this.narrow({ words: this.filter.value }),
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter" && !event.isComposing) instead(() => this.list.focus())(event);
        },
      })
    );
    this.many = el("div", { class: "acts many" });
    this.list = el("ul", {
      class: "namelist",
      role: "listbox",
      tabindex: "0",
      "aria-label": "Names",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    });
    this.empty = el("p", { class: "hint empty", hidden: true });
    this.detail = el("section", { class: "detail", "aria-label": "The name in hand", tabindex: "0" });
    this.said = el("div", { class: "said", role: "status", "aria-live": "polite" });
    this.troubles = el("div", { class: "notes trouble" });
    this.build(root, told);
    this.take(told.rows);
    this.note(told.notes);
    this.draw();
    this.list.focus();
  }

  // -- the frame ---------------------------------------------------------------------------------------------------

  /** @param {HTMLElement} root @param {any} told */
  build(root, told) {
    root.classList.add("qc", "names", "notranslate");
    root.setAttribute("translate", "no");
    refill(
      root,
      el(
        "header",
        { class: "head" },
        el("h1", {}, `Names in ${told.study}`),
        this.views,
        this.kinds,
        this.filter,
        button("Look again", () => this.look(), { title: "What was decided may bring up names that resemble it" }),
        this.troubles,
      ),
      el("main", { class: "body" }, el("div", { class: "side" }, this.many, this.empty, this.list), this.detail),
      el(
        "footer",
        { class: "foot" },
        this.said,
        el("span", { class: "where", title: told.key }, `Saved in ${nameOf(told.key)}`),
      ),
    );
  }

  /** @param {string[]} notes what a person should know about the key */
  note(notes) {
    refill(this.troubles, ...notes.map((one) => el("p", {}, one)));
  }

  /** Take in rows as they are now. @param {Row[]} rows */
  take(rows) {
    for (const row of rows) this.rows.set(row.n, row);
  }

  // -- which are shown ---------------------------------------------------------------------------------------------

  /** @returns {Row[]} */
  shown() {
    const words = foldName(this.words);
    return [...this.rows.values()].filter(
      (row) =>
        (this.state === "all" || row.state === this.state) &&
        (!this.kind || row.kind === this.kind) &&
        (!words || foldName(`${row.real} ${row.replacement || row.proposal}`).includes(words)),
    );
  }

  /** @param {{state?: State | "all", kind?: string, words?: string}} told */
  narrow(told) {
    this.state = told.state ?? this.state;
    this.kind = told.kind ?? this.kind;
    this.words = told.words ?? this.words;
    this.draw();
  }

  draw() {
    const rows = this.shown();
    if (!rows.some((row) => row.n === this.here)) this.here = rows[0]?.n ?? -1;
    this.drawViews();
    refill(this.list, ...rows.map((row) => this.drawRow(row)));
    this.list.hidden = !rows.length;
    this.empty.hidden = rows.length > 0;
    this.empty.textContent = this.sayEmpty();
    const open = rows.filter((row) => row.state === "open");
    refill(
      this.many,
      el("span", { class: "count" }, plural(rows.length, "name")),
      open.length > 1 ? button(`Keep all ${open.length}`, () => this.decideAll(open, "keep")) : null,
      open.length > 1 ? button(`Replace all ${open.length}`, () => this.decideAll(open, "replace")) : null,
    );
    this.mark();
    this.drawDetail();
  }

  sayEmpty() {
    if (this.words || this.kind) return "No name is like that. Empty the filter to see all.";
    if (this.state !== "open") return "None yet.";
    return "All names are decided. Look again: names that resemble them may come up. Then, in the terminal: qualcode pseudonyms apply.";
  }

  drawViews() {
    const rows = [...this.rows.values()];
    const count = (/** @type {State | "all"} */ state) =>
      state === "all" ? rows.length : rows.filter((row) => row.state === state).length;
    refill(
      this.views,
      ...STATES.map(([state, word]) =>
        button(`${word} ${count(state)}`, () => this.narrow({ state }), {
          "aria-pressed": String(state === this.state),
          "data-state": state,
        }),
      ),
    );
    const kinds = [...new Set(rows.map((row) => row.kind))].sort();
    if (this.kind && !kinds.includes(this.kind)) kinds.push(this.kind);
    refill(
      this.kinds,
      el("option", { value: "" }, "All kinds"),
      ...kinds.map((one) => el("option", { value: one, selected: one === this.kind }, one)),
    );
  }

  /** @param {Row} row */
  drawRow(row) {
    return el(
      "li",
      {
        role: "option",
        id: `name${row.n}`,
        "data-n": row.n,
        class: row.state,
        onclick: () => this.go(row.n),
      },
      el("span", { class: "real" }, row.real),
      el(
        "span",
        { class: "as" },
        row.state === "open" ? null : el("span", { class: "hidden" }, SAID[row.state]),
        asWhat(row),
      ),
      el("small", {}, `${row.kind} · ${row.count}`),
    );
  }

  /** Show which name is in hand. */
  mark() {
    for (const one of this.list.children)
      one.setAttribute("aria-selected", String(Number(/** @type {HTMLElement} */ (one).dataset.n) === this.here));
    const now = this.list.querySelector("[aria-selected=true]");
    if (now) {
      this.list.setAttribute("aria-activedescendant", now.id);
      now.scrollIntoView({ block: "nearest" });
    } else this.list.removeAttribute("aria-activedescendant");
  }

  /** @param {number} n */
  go(n) {
    if (n === this.here) return;
    this.here = n;
    this.mark();
    this.drawDetail();
  }

  /** @param {number} by */
  step(by) {
    const rows = this.shown();
    const at = rows.findIndex((row) => row.n === this.here);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (next) this.go(next.n);
  }

  // -- the name in hand --------------------------------------------------------------------------------------------

  drawDetail() {
    const row = this.rows.get(this.here);
    if (!row) {
      refill(this.detail);
      return;
    }
    this.field = /** @type {HTMLInputElement} */ (
      el("input", {
        autocomplete: "off",
        spellcheck: "false",
        value: row.replacement || row.proposal,
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.onFieldKey(event),
        oninput: () => this.drawAlso(row),
      })
    );
    this.kindField = /** @type {HTMLSelectElement} */ (
      el(
        "select",
        { onchange: () => (row.kind = this.kindField?.value ?? row.kind) },
        ...[...new Set([...KINDS, row.kind])].map((one) =>
          el("option", { value: one, selected: one === row.kind }, one),
        ),
      )
    );
    this.also = el("p", { class: "hint" });
    this.spots = el("div", { class: "spots" });
    refill(
      this.detail,
      el("h2", {}, row.real),
      el("p", { class: "hint" }, this.sayWhat(row), this.linkLike(row)),
      el(
        "div",
        { class: "fields" },
        el("label", {}, "Replacement", this.field),
        el("label", {}, "Kind", this.kindField),
      ),
      this.also,
      el(
        "div",
        { class: "acts" },
        button("Replace", () => this.decide(row, "replace"), { class: "main", key: "Enter" }),
        button("Keep", () => this.decide(row, "keep"), { key: "k" }),
        row.state === "open" ? button("Later", () => this.step(1), { key: "s" }) : null,
        row.state === "open" ? null : button("Undecided", () => this.decide(row, "open"), { key: "o" }),
        button("Change", () => this.edit(), { key: "e" }),
        button("Undo", () => this.undo(), { key: "u", disabled: !this.past.length }),
      ),
      this.spots,
    );
    this.drawAlso(row);
    this.showPlaces(row.n, false);
  }

  /** @param {Row} row */
  sayWhat(row) {
    const state = row.state === "open" ? "" : `${SAID[row.state]} · `;
    return `${state}${row.count ? plural(row.count, "place") : "in no text"}${row.why ? ` · ${row.why}` : ""}`;
  }

  /** @param {Row} row */
  linkLike(row) {
    const like = row.like === null ? null : this.rows.get(row.like);
    if (!like) return null;
    return [" · see ", button(like.real, () => this.jump(like.n))];
  }

  /** Show a name whatever is filtered. @param {number} n */
  jump(n) {
    this.filter.value = "";
    this.here = n;
    this.narrow({ state: "all", kind: "", words: "" });
    this.list.focus();
  }

  /** Say which other names get the same replacement: one person's, or a mistake. @param {Row} row */
  drawAlso(row) {
    const wanted = this.field?.value.trim();
    const others = [...this.rows.values()].filter(
      (one) => one.n !== row.n && one.state !== "keep" && (one.replacement || one.proposal) === wanted,
    );
    const names = others.slice(0, 5).map((one) => (one.state === "open" ? `${one.real} (proposed)` : one.real));
    const more = others.length > 5 ? ` and ${others.length - 5} more` : "";
    if (this.also) this.also.textContent = others.length ? `The same as for ${names.join(", ")}${more}` : "";
  }

  /** @param {number} n @param {boolean} all */
  async showPlaces(n, all) {
    let told = this.places?.n === n && this.places.all >= Number(all) ? this.places : null;
    if (!told) {
      try {
        told = { ...(await this.call("places", { n, all }, "read")), all: Number(all) };
      } catch (error) {
        this.tellTrouble(error);
        return;
      }
    }
    if (n !== this.here || !this.spots) return; // one went on meanwhile
    this.places = told;
    const rest = told.count - told.places.length;
    refill(
      this.spots,
      told.count ? null : el("p", { class: "hint" }, "It is in no text: a label, a case, or the name of a file."),
      el("ul", {}, ...told.places.map(drawPlace)),
      rest > 0 && !all ? button(`Show ${plural(rest, "more place")}`, () => this.showPlaces(n, true)) : null,
      rest > 0 && all ? el("p", { class: "hint" }, `And ${plural(rest, "more place")}.`) : null,
    );
  }

  edit() {
    this.field?.focus();
    this.field?.select();
  }

  // -- acts --------------------------------------------------------------------------------------------------------

  /** @param {Row} row @param {State} act */
  decide(row, act) {
    const replacement = act === "replace" ? this.field?.value : undefined;
    this.send([{ n: row.n, act, replacement, kind: this.kindField?.value, base: baseOf(row) }]);
  }

  /** @param {Row[]} rows @param {State} act */
  decideAll(rows, act) {
    this.send(rows.map((row) => ({ n: row.n, act, replacement: row.proposal, kind: row.kind, base: baseOf(row) })));
  }

  undo() {
    const last = this.past.at(-1);
    if (!last) {
      this.say("There is nothing to take back.");
      return;
    }
    this.send(
      last.map((one) => ({ ...one, base: baseOf(/** @type {Row} */ (this.rows.get(one.n))) })),
      "undo",
    );
  }

  /** Have decisions written; the page changes when they are on the disk. @param {Decision[]} rows @param {"do" | "undo"} [way] */
  async send(rows, way = "do") {
    if (this.isBusy) return;
    this.isBusy = true;
    this.say("…");
    const before = rows.map(({ n }) => /** @type {Row} */ (this.rows.get(n)));
    const back = before.map((row) => ({
      n: row.n,
      act: row.state,
      replacement: row.replacement,
      kind: row.kind,
      base: baseOf(row),
    }));
    const inHand = this.here;
    const next = this.nextBehind(rows.map(({ n }) => n));
    try {
      const told = await this.call("decide", { rows }, "act");
      this.take(told.rows);
      if (way === "undo") this.past.pop();
      else this.past.push(back);
      if (this.here === inHand) this.here = way === "undo" ? rows[0].n : next;
      if (way === "undo" && !this.shown().some((row) => row.n === rows[0].n)) this.state = "all";
      this.draw();
      this.list.focus({ preventScroll: true });
      this.say(way === "undo" ? `Taken back. ${told.said}` : told.said);
    } catch (error) {
      await this.tellTrouble(error);
    } finally {
      this.isBusy = false;
      while (this.waiting.length && !this.isBusy) this.press(/** @type {string} */ (this.waiting.shift()));
    }
  }

  /** The name after those that are being decided. @param {number[]} numbers */
  nextBehind(numbers) {
    const rows = this.shown();
    const at = rows.findIndex((row) => row.n === this.here);
    const rest = [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at)).reverse()];
    return rest.find((row) => !numbers.includes(row.n))?.n ?? this.here;
  }

  async look() {
    this.say("…");
    try {
      const told = await this.call("look", {}, "read");
      const known = this.rows.size;
      const before = new Set(this.rows.keys());
      this.rows.clear();
      this.take(told.rows);
      this.note(told.notes);
      this.draw();
      const n = known ? [...this.rows.keys()].filter((one) => !before.has(one)).length : 0;
      this.say(n ? `${plural(n, "new name")}.` : "No new name.");
    } catch (error) {
      await this.tellTrouble(error);
    }
  }

  /** @param {any} error */
  async tellTrouble(error) {
    if (error?.kind === "gone") {
      this.say("Not saved: qualcode does not answer. Start it again with: qualcode pseudonyms decide --browser");
      return;
    }
    if (!error?.kind) throw error;
    if (error.kind === "conflict") await this.look();
    this.say([error.message, error.hint].filter(Boolean).join(" "));
  }

  /** @param {string} text */
  say(text) {
    this.said.textContent = text;
  }

  // -- keys: on the list alone, so that none is in the way of typing or of a screen reader -----------------------------

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !LIST_KEYS.has(event.key)) return;
    event.preventDefault();
    if (this.isBusy) this.waiting.push(event.key);
    else this.press(event.key);
  }

  /** Do what a key stands for. @param {string} key */
  press(key) {
    const row = this.rows.get(this.here);
    /** @type {Record<string, () => any>} */
    const acts = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      PageDown: () => this.step(10),
      PageUp: () => this.step(-10),
      Home: () => this.step(-this.rows.size),
      End: () => this.step(this.rows.size),
      s: () => this.step(1),
      e: () => this.edit(),
      u: () => this.undo(),
      "/": () => this.filter.focus(),
    };
    if (row)
      Object.assign(acts, {
        Enter: () => this.decide(row, "replace"),
        k: () => this.decide(row, "keep"),
        o: () => this.decide(row, "open"),
      });
    acts[key]?.();
  }

  /** @param {KeyboardEvent} event */
  onFieldKey(event) {
    const row = this.rows.get(this.here);
    if (!row || event.isComposing) return;
    if (event.key === "Enter") instead(() => this.decide(row, "replace"))(event);
    if (event.key === "Escape")
      instead(() => {
        this.drawDetail();
        this.list.focus();
      })(event);
  }
}

/** @param {Row} row */
function asWhat(row) {
  if (row.state === "keep") return `${SIGNS.keep} kept`;
  return row.state === "replace" ? `${SIGNS.replace} ${row.replacement}` : row.proposal;
}

/** @param {Row} row */
function baseOf(row) {
  return { state: row.state, replacement: row.replacement };
}

/** @param {[string, string, string, string]} place */
function drawPlace([where, before, name, behind]) {
  return el("li", {}, el("small", {}, where), el("p", {}, before, el("mark", {}, name), behind));
}

/** @param {string} text */
function foldName(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/** The last part of a path. @param {string} path */
function nameOf(path) {
  return path.split(/[\\/]/).at(-1) ?? path;
}

const { root, told, call } = readPage();
if (root) new NameApp(root, call, told);
