// The component: shell, what is in hand, keys, and how it keeps in step with the study.
import { isUndecided, Memory, readCodebook, readHunch, readTranscript, readable, renewTurn } from "./state.js";
import { toUnits } from "./points.js";
import { button, el, instead, nextPrefix, refill } from "./dom.js";
import { drawTurn, isCrowded, makeTurn, shownMarks } from "./text.js";
import { drawHighlights, dropHighlights, listenToSelection, readSelection } from "./picking.js";
import { perform } from "./acts.js";
import { closeQuestion, drawPanel } from "./panel.js";
import { drawTree, makeTree } from "./tree.js";
import { VIEWS, drawView, redrawView } from "./views.js";
import { drawMap, makeMap } from "./map.js";
import { makePlayer } from "./player.js";

/**
 * @typedef {import("./state.js").Turn} Turn
 * @typedef {import("./state.js").Mark} Mark
 * @typedef {{start: number, end: number}} Span
 * @typedef {(op: string, data: any, kind: "read" | "act") => Promise<any>} Call asks the study; throws `{kind, message}`
 */

const MANY = 300; // turns beyond which those out of sight are drawn when they come near
const POLL = 1500;
const GONE = "Not saved: qualcode does not answer. Start it again with qualcode code; your pick and notes stay here.";

/** @param {string} text */
function toSentence(text) {
  return /[.?!…”)]$/.test(text) ? text : `${text}.`;
}

/** One component on a page or in a notebook. */
export class App {
  /**
   * @param {HTMLElement} root @param {Call} call @param {any} data what `open` answers
   * @param {{restart?: string, mediaOf?: (name: string) => string, onShow?: (name: string) => void}} [told]
   */
  constructor(root, call, data, told = {}) {
    this.root = root;
    this.call = call;
    this.data = data;
    this.gone = told.restart ? GONE.replace("qualcode code", told.restart) : GONE;
    this.mediaOf = told.mediaOf ?? null;
    this.onShow = told.onShow ?? null;
    this.playerBox = el("div", { class: "player", hidden: true });
    /** @type {any} */ this.player = null;
    this.prefix = nextPrefix();
    this.ending = new AbortController();
    this.memory = new Memory(`qualcode/${data.id}/${data.coder}`);
    this.book = readCodebook(data.codebook);
    /** @type {any} */ this.t = null;
    /** @type {HTMLElement[]} */ this.articles = [];
    /** @type {Span | null} */ this.pick = null;
    this.hand = "";
    this.at = 0;
    this.view = "read";
    this.alone = "";
    /** @type {any} */ this.question = null;
    this.asked = "";
    this.busy = 0;
    /** @type {(() => any)[]} */ this.waiting = [];
    this.unfolded = new Set();
    this.folded = new Set(this.memory.get("folded", []));
    this.codeFilter = "";
    this.treeCode = "";
    /** @type {string[]} */ this.pins = data.pins;
    /** @type {string[]} */ this.recent = this.memory
      .get("recent", [])
      .filter((/** @type {string} */ one) => this.book.byId.has(one));
    this.hasKeys = this.memory.get("keys", true);
    this.acts = 0;
    /** @type {Map<string, Range[]>} */ this.highlighted = new Map();
    /** @type {any[]} */ this.hits = [];
    /** @type {any[]} */ this.learned = [];
    this.showsLearned = false;
    this.hitAt = -1;
    this.isPressed = false;
    this.isStale = false;
    this.isPicking = false;
    this.isPrinting = false;
    /** @type {Set<Turn>} */ this.postponed = new Set();
    this.lastKind = "";
    this.lastParent = "";
    /** @type {any[]} */ this.lastSelection = [];
    /** @type {any} */ this.sheet = new CSSStyleSheet();
    /** @type {any} */ this.observer = null;
    this.timer = 0;
    this.shell = el("div", { class: "qc", "data-mount": this.prefix });
    this.main = el("main");
    this.reading = el("div");
    this.other = el("div");
    this.panel = el("div");
    this.tabs = el("nav");
    this.said = el("div");
    this.saved = el("span");
    this.progress = el("span");
    this.names = /** @type {HTMLSelectElement} */ (el("select"));
    /** @type {Map<string, string>} */ this.keys = new Map();
    this.readTrail();
    this.makeKeys();
    this.makeShell();
    this.paint();
    listenToSelection(/** @type {any} */ (this));
    this.listen(this.shell, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    this.listen(this.shell, "click", (/** @type {MouseEvent} */ event) => this.onClick(event));
    this.listen(this.shell, "focusin", (/** @type {FocusEvent} */ event) => this.onFocus(event));
    this.listen(this.shell, "pointerdown", (/** @type {PointerEvent} */ event) => this.onPress(event), {
      capture: true,
    });
    for (const name of ["pointerup", "pointercancel"])
      this.listen(window, name, () => setTimeout(() => this.onRelease(), 0));
    if (data.transcript) this.show(data.transcript, data.at);
    else this.drawPanel();
    this.watch();
  }

  /** Listen for as long as the component lives. @param {any} target @param {string} name @param {any} act @param {any} [how] */
  listen(target, name, act, how = {}) {
    target.addEventListener(name, act, { ...how, signal: this.ending.signal });
  }

  /** End everything that was begun. */
  end() {
    this.ending.abort();
    dropHighlights(/** @type {any} */ (this));
    this.observer?.disconnect();
    clearInterval(this.timer);
    for (const home of /** @type {any[]} */ ([this.root.getRootNode(), document])) {
      home.adoptedStyleSheets = home.adoptedStyleSheets?.filter((/** @type {any} */ one) => one !== this.sheet) ?? [];
    }
    this.root.replaceChildren();
  }

  // -- the shell ------------------------------------------------------------------------------------------------------

  makeShell() {
    const names = el(
      "select",
      {
        class: "names",
        "aria-label": "Transcript",
        onchange: (/** @type {any} */ event) => this.load(event.target.value),
        onpointerdown: () => this.countAll(),
        onfocus: () => this.countAll(),
      },
      this.data.names.map((/** @type {string} */ one) => el("option", { value: one }, one)),
    );
    this.names = /** @type {HTMLSelectElement} */ (names);
    this.tabs = el(
      "nav",
      { class: "views", "aria-label": "Views" },
      VIEWS.filter(([id]) => this.data.views?.includes(id) ?? true).map(([id, name]) =>
        button(name, () => this.goView(id), { "data-view": id, "aria-pressed": id === "read" ? "true" : "false" }),
      ),
    );
    this.tabs.hidden = !this.tabs.hasChildNodes();
    this.reading = el("div", { class: "reading", tabindex: "-1" });
    this.other = el("div", { class: "other", hidden: true, tabindex: "-1" });
    this.panel = el("div", { class: "panelbody" });
    this.said = el("div", { class: "said", role: "status", "aria-live": "polite" });
    this.saved = el("span", { class: "savedword" }, "saved");
    this.progress = el("span", { class: "progress" });
    this.main = el(
      "main",
      { class: "main", id: `${this.prefix}text`, "aria-label": "Transcript" },
      this.playerBox,
      this.reading,
      this.other,
    );
    const ways = ["undo", "redo"].map((way) =>
      button(way === "undo" ? "↶" : "↷", () => perform(/** @type {any} */ (this), way), {
        "data-way": way,
        class: "icon",
        disabled: true,
        "aria-label": way,
      }),
    );
    const help = button("?", () => perform(/** @type {any} */ (this), "help"), {
      class: "icon",
      "aria-label": "Keys and help",
    });
    const codes = button("Codes", () => this.shell.classList.toggle("opencodes"), { class: "codesbutton" });
    const frame = el(
      "div",
      { class: "frame" },
      el(
        "a",
        {
          class: "skip",
          href: `#${this.prefix}text`,
          onclick: instead(() => this.focusTurn()),
        },
        "To the text",
      ),
      el(
        "header",
        { class: "head" },
        el("strong", { class: "study" }, this.data.study),
        names,
        this.tabs,
        el("span", { class: "coder" }, this.data.coder),
        ways,
        codes,
        help,
      ),
      makeTree(/** @type {any} */ (this)),
      this.main,
      makeMap(/** @type {any} */ (this)),
      el("section", { class: "panel", "aria-label": "In hand" }, this.panel),
      el("footer", { class: "foot" }, this.said, el("span", { class: "where" }, this.saved, " · ", this.progress)),
    );
    this.shell.append(frame);
    this.root.replaceChildren(this.shell);
  }

  /** The colours of the codes as rules, which a strict policy allows. */
  paint() {
    const rules = this.book.colours.map((/** @type {any} */ hex, /** @type {number} */ at) =>
      /^#[0-9a-f]{6}$/i.test(hex)
        ? `.qc[data-mount="${this.prefix}"] .h${at}{--hue-light:${readable(hex, "light")};--hue-dark:${readable(hex, "dark")}}`
        : "",
    );
    this.sheet.replaceSync(rules.join("\n"));
    const root = /** @type {any} */ (this.root.getRootNode());
    const home = root.adoptedStyleSheets ? root : document;
    if (!home.adoptedStyleSheets.includes(this.sheet))
      home.adoptedStyleSheets = [...home.adoptedStyleSheets, this.sheet];
  }

  /** Tell in the list of transcripts how far one is in each; asked when somebody looks at the list. */
  async countAll() {
    let told = null;
    try {
      told = await this.call("counts", {}, "read");
    } catch {
      return; // the list works without
    }
    const rows = new Map((told?.rows ?? []).map((/** @type {any} */ row) => [row.t, row]));
    for (const option of this.names.options) {
      const row = rows.get(option.value);
      if (!row || row.trouble) continue;
      const open = row.undecided ? ` · ${row.undecided}?` : "";
      option.textContent = `${row.t} · ${row.seen}/${row.segments} read · ${row.coded} coded${open}`;
    }
  }

  /** Whether an act is there: a pack does without those that need the study. @param {string} act */
  can(act) {
    return !this.data.without?.includes(act);
  }

  /** Say something, once. @param {string} text */
  say(text) {
    if (!text) return;
    // The same words twice are spoken twice: a region that does not change says nothing.
    this.said.textContent = this.said.textContent === text ? `${text}\u200b` : text;
  }

  // -- asking ---------------------------------------------------------------------------------------------------------

  /** Do something after what is under way, in order. @template T @param {() => T | Promise<T>} act @returns {Promise<T>} */
  queue(act) {
    return new Promise((resolve) => {
      const run = async () => {
        this.busy += 1;
        try {
          resolve(await act());
        } finally {
          this.busy -= 1;
          const next = this.waiting.shift();
          if (next) next();
        }
      };
      if (this.busy) this.waiting.push(run);
      else run();
    });
  }

  /** Ask the study; what goes wrong is said. @param {string} op @param {any} data @param {"read" | "act"} kind @returns {Promise<any>} */
  async ask(op, data, kind = "read") {
    if (kind === "act") {
      this.saved.textContent = "…";
      this.acts += 1;
    }
    this.lastKind = "";
    for (let again = 0; ; again++) {
      try {
        const answer = await this.call(op, data, kind);
        if (kind === "act") this.saved.textContent = "saved";
        return answer ?? {};
      } catch (error) {
        const told = /** @type {any} */ (error);
        if (told?.kind === "locked" && again < 1) {
          this.say(`${told.message} Trying again …`);
          await new Promise((resolve) => setTimeout(resolve, 300));
          continue;
        }
        await this.tellTrouble(told, kind);
        return null;
      }
    }
  }

  /** @param {any} told @param {string} kind */
  async tellTrouble(told, kind) {
    this.lastKind = told?.kind ?? "gone";
    // What is refused changes nothing: all that there is is saved.
    if (kind === "act") this.saved.textContent = ["gone", "locked"].includes(this.lastKind) ? "not saved" : "saved";
    if (this.lastKind === "gone") this.say(this.gone);
    else if (this.lastKind === "locked") this.say(told.hint);
    else this.say([told.message, told.hint].filter(Boolean).map(toSentence).join(" "));
    if (this.lastKind === "conflict" || this.lastKind === "codebook") await this.refresh({ isQuiet: true });
  }

  /** Take in what an answer says of a transcript, if that is still shown. @param {any} answer @param {string} name */
  takeIn(answer, name) {
    if (answer.codebook) {
      this.book = readCodebook(answer.codebook);
      this.pins = answer.pins ?? this.pins;
      this.paint();
    }
    if (answer.transcript && answer.transcript.id === this.t?.id)
      this.show(answer.transcript, this.turn?.id, { isSame: true });
    const isShown = this.t?.id === name;
    if (answer.mark && isShown) this.t.mark = answer.mark;
    const changed = [];
    for (const [id, told] of Object.entries((isShown && answer.turns) || {})) {
      const turn = this.t?.turns[this.t.byId.get(id) ?? -1];
      if (!turn) continue;
      renewTurn(turn, told);
      this.addLearned(turn);
      changed.push(turn);
    }
    if (answer.codebook)
      for (const turn of this.t?.turns ?? []) turn.drawn && !changed.includes(turn) && changed.push(turn);
    this.redraw(changed);
  }

  /** Put what was learned beside what stands on a turn, while that is wished for. @param {Turn} turn */
  addLearned(turn) {
    if (!this.showsLearned) return;
    for (const row of this.learned) {
      if (!row.word || row.t !== this.t.id || row.turn !== turn.id) continue; // those in order only are for the list
      const made = readHunch(row);
      const isThere = (/** @type {Mark} */ one) =>
        one.code === made.code && one.start < made.end && one.end > made.start;
      if (!turn.marks.some(isThere)) turn.marks.push(made);
    }
  }

  /** Show beside the text what was learned last, and nothing older. */
  renewLearned() {
    const changed = [];
    for (const turn of this.t?.turns ?? []) {
      const before = turn.marks.length;
      turn.marks = turn.marks.filter((/** @type {Mark} */ one) => one.verdict !== "l");
      const kept = turn.marks.length;
      this.addLearned(turn);
      if ((before !== kept || turn.marks.length !== kept) && turn.drawn) changed.push(turn);
    }
    this.redraw(changed);
  }

  /** What was learned, of a mark. @param {Mark} mark */
  hunchOf(mark) {
    return { t: this.t.id, segment: mark.segment, code: mark.code };
  }

  /** @param {Turn[]} turns */
  redraw(turns) {
    if (this.isPicking) {
      for (const turn of turns) this.postponed.add(turn); // text that is drawn anew loses what is selected in it
      return;
    }
    this.postponed.clear();
    const focused = /** @type {any} */ (document.activeElement)?.closest?.(".chip")?.getAttribute("data-key");
    for (const turn of turns) drawTurn(/** @type {any} */ (this), turn);
    if (focused && !this.shell.contains(document.activeElement)) {
      const chip = this.reading.querySelector(`.chip[data-key="${CSS.escape(focused)}"]`);
      if (chip) /** @type {HTMLElement} */ (chip).focus({ preventScroll: true });
      else this.focusTurn();
    }
    drawHighlights(/** @type {any} */ (this));
    drawMap(/** @type {any} */ (this));
    this.drawProgress();
  }

  /** Ask whether anything changed: by the terminal, by another window. @param {{isQuiet?: boolean}} [how] */
  async refresh(how = {}) {
    if (!this.t) return;
    const [name, acts] = [this.t.id, this.acts];
    let answer = null;
    try {
      answer = await this.call("changes", { t: name, mark: this.t.mark }, "read");
    } catch (error) {
      const told = /** @type {any} */ (error);
      if (told?.kind === "old" || told?.kind === "refused") this.tellTrouble(told, "read");
      else if (told?.kind === "gone") this.saved.textContent = "not connected";
      return;
    }
    if (this.saved.textContent === "not connected") this.saved.textContent = "saved";
    // What was asked before an act may be answered after it, and is old then.
    if (!answer || acts !== this.acts || (!answer.mark && !answer.transcript)) return;
    this.takeIn(answer, name);
    if (answer.said && !how.isQuiet) this.say(answer.said);
    this.drawPanel();
  }

  watch() {
    const look = () => document.visibilityState === "visible" && !this.busy && !this.isPicking && this.refresh();
    this.timer = window.setInterval(look, POLL);
    this.listen(window, "focus", look);
    this.listen(window, "beforeprint", () => this.print(true));
    this.listen(window, "afterprint", () => this.print(false));
  }

  // -- the transcript -------------------------------------------------------------------------------------------------

  /** Load a transcript, and go to a place in it. @param {string} name @param {{start?: number, turn?: string}} [where] */
  async load(name, where = {}) {
    if (this.t?.id !== name) {
      const answer = await this.ask("transcript", { t: name });
      if (!answer) return;
      this.show(answer, where.turn);
    }
    if (where.start !== undefined) this.goTo(where.start);
  }

  /** Show a transcript. @param {any} told @param {string} [turnId] @param {{isSame?: boolean}} [how] */
  show(told, turnId, how = {}) {
    this.t = readTranscript(told);
    for (const turn of this.t.turns) this.addLearned(turn);
    this.postponed.clear();
    this.pick = null;
    this.lastSelection = [];
    this.hand = "";
    this.unfolded.clear();
    this.names.value = this.t.id;
    this.onShow?.(this.t.id);
    document.title = document.title.includes(" · qualcode")
      ? `${this.t.id} · ${this.data.study} · qualcode`
      : document.title;
    this.shell.classList.toggle("many", this.t.turns.length > MANY);
    this.articles = this.t.turns.map((/** @type {Turn} */ turn) => makeTurn(turn));
    this.reading.setAttribute("lang", this.t.language);
    refill(this.reading, el("h1", { class: "hidden" }, this.t.id), this.articles);
    this.observer?.disconnect();
    if (this.t.turns.length > MANY) this.drawNear();
    else for (const turn of this.t.turns) drawTurn(/** @type {any} */ (this), turn);
    const first = Math.max(
      0,
      this.t.turns.findIndex((/** @type {Turn} */ one) => !one.asked && !one.aside),
    );
    this.goTurnAt(this.t.byId.get(turnId ?? "") ?? first, { isSilent: true });
    if (!how.isSame) this.openView("read");
    makePlayer(/** @type {any} */ (this));
    drawMap(/** @type {any} */ (this));
    this.drawProgress();
    this.drawPanel();
  }

  /** Draw what comes near, and the rest when there is time. */
  drawNear() {
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const one of entries)
          if (one.isIntersecting) this.drawOnce(this.articles.indexOf(/** @type {any} */ (one.target)));
      },
      { root: this.main, rootMargin: "1200px" },
    );
    for (const article of this.articles) this.observer.observe(article);
    let next = 0;
    const shown = this.t;
    const idle = window.requestIdleCallback ?? ((/** @type {any} */ act) => setTimeout(act, 50));
    const go = () => {
      if (this.t !== shown || this.ending.signal.aborted) return;
      for (let left = 40; left > 0 && next < this.articles.length; next++, left--) this.drawOnce(next);
      if (next < this.articles.length) idle(go);
    };
    idle(go);
  }

  /** Draw all that was not drawn yet. */
  drawRest() {
    for (let at = 0; at < this.articles.length; at++) this.drawOnce(at);
  }

  /** Draw for paper, on which nothing can be unfolded, or for the screen again. @param {boolean} isPrinting */
  print(isPrinting) {
    this.isPrinting = isPrinting;
    if (isPrinting) this.drawRest();
    for (const turn of this.t?.turns ?? [])
      if (turn.drawn && isCrowded(turn.marks)) drawTurn(/** @type {any} */ (this), turn);
  }

  /** @param {number} at */
  drawOnce(at) {
    const turn = this.t.turns[at];
    if (turn && !turn.drawn) drawTurn(/** @type {any} */ (this), turn);
  }

  /** @param {Turn} turn */
  articleOf(turn) {
    return this.articles[this.t.byId.get(turn.id)];
  }

  get turn() {
    return this.t?.turns[this.at] ?? null;
  }

  /** The turn that a code point lies in, or that comes next. @param {number} point */
  turnAt(point) {
    return this.t.turns.find((/** @type {Turn} */ turn) => turn.end > point) ?? this.t.turns[this.t.turns.length - 1];
  }

  /** @param {Span} span @returns {Turn[]} */
  turnsOn(span) {
    return this.t
      ? this.t.turns.filter((/** @type {Turn} */ turn) => turn.start < span.end && turn.end > span.start)
      : [];
  }

  /** The words of a passage; those of several turns with a stroke between. @param {Span} span */
  textOf(span) {
    return this.turnsOn(span)
      .map((turn) =>
        turn.text.slice(
          toUnits(turn.text, Math.max(span.start - turn.start, 0)),
          toUnits(turn.text, Math.min(span.end, turn.end) - turn.start),
        ),
      )
      .join(" / ");
  }

  /** What stands on a passage, each once. @param {Span} span @returns {Mark[]} */
  marksOn(span) {
    const found = new Map();
    for (const turn of this.turnsOn(span))
      for (const one of turn.marks) if (one.start < span.end && one.end > span.start) found.set(one.key, one);
    return [...found.values()];
  }

  /** @param {number} point */
  isNear(point) {
    const turn = this.turnAt(point);
    return Boolean(turn?.drawn);
  }

  drawProgress() {
    const turns = (this.t?.turns ?? []).filter((/** @type {Turn} */ one) => !one.asked && !one.aside);
    const n_read = turns.filter((/** @type {Turn} */ one) => one.seen === 2).length;
    this.progress.textContent = `${n_read}/${turns.length} read`;
  }

  // -- going ----------------------------------------------------------------------------------------------------------

  /** Go on by a turn. @param {1 | -1} step @param {"every" | "counted"} [which] `counted`: interviewer talk is passed over */
  goTurn(step, which = "every") {
    const turns = this.t?.turns ?? [];
    let to = this.at + step;
    while (which === "counted" && turns[to] && (turns[to].asked || turns[to].aside) && turns[to + step]) to += step;
    if (!turns[to]) this.say(step > 0 ? "This is the end of the transcript." : "This is its beginning.");
    else this.goTurnAt(to);
  }

  /** @param {number} at @param {{isSilent?: boolean, keepHand?: boolean}} [how] */
  goTurnAt(at, how = {}) {
    const before = this.turn;
    this.at = at;
    const turn = this.turn;
    if (!turn) return;
    this.drawOnce(at);
    for (const one of this.articles) if (one.tabIndex === 0) one.tabIndex = -1;
    this.articles[at].tabIndex = 0;
    this.reading.querySelector(".here")?.classList.remove("here");
    this.articles[at].classList.add("here");
    if (before && before !== turn && before.drawn) drawTurn(/** @type {any} */ (this), before);
    if (!how.keepHand) {
      const marks = shownMarks(/** @type {any} */ (this), turn);
      this.hand = (marks.find(isUndecided) ?? null)?.key ?? "";
    }
    drawTurn(/** @type {any} */ (this), turn);
    if (!how.isSilent) {
      this.focusTurn();
      this.articles[at].scrollIntoView({ block: "nearest" });
    } else if (at) this.articles[at].scrollIntoView({ block: "center" });
    this.drawHand();
    this.drawPanel();
  }

  /** Go to a passage, and let it flash. @param {number} point @param {{keepHand?: boolean}} [how] */
  goTo(point, how = {}) {
    const turn = this.turnAt(point);
    if (!turn) return;
    if (this.view !== "read") this.openView("read");
    this.goTurnAt(this.t.byId.get(turn.id), how);
    const article = this.articleOf(turn);
    article.scrollIntoView({ block: "center" });
    article.classList.remove("flash");
    void article.offsetWidth;
    article.classList.add("flash");
  }

  focusTurn() {
    this.articles[this.at]?.focus({ preventScroll: true });
  }

  // -- the pick and the hand ------------------------------------------------------------------------------------------

  /** @param {Span | null} span @param {{isFromMouse?: boolean}} [how] */
  setPick(span, how = {}) {
    this.pick = span;
    if (!how.isFromMouse) document.getSelection()?.removeAllRanges();
    if (span && how.isFromMouse) {
      const turn = this.turnAt(span.start);
      const at = this.t.byId.get(turn.id);
      if (at !== this.at) this.goTurnSoftly(at);
    }
    drawHighlights(/** @type {any} */ (this));
    this.drawPanel();
  }

  /** Make a turn the one in focus, and leave hand and place as they are. @param {number} at */
  goTurnSoftly(at) {
    const before = this.turn;
    this.at = at;
    for (const one of this.articles) if (one.tabIndex === 0) one.tabIndex = -1;
    this.articles[at].tabIndex = 0;
    this.reading.querySelector(".here")?.classList.remove("here");
    this.articles[at].classList.add("here");
    for (const one of [before, this.turn])
      if (one)
        for (const chip of this.articleOf(one).querySelectorAll(".chips button"))
          chip.setAttribute("tabindex", one === this.turn ? "0" : "-1");
  }

  drop() {
    if (this.question) closeQuestion(/** @type {any} */ (this));
    else if (this.pick) this.setPick(null);
    else if (this.alone) this.focusCode();
    else {
      this.hand = "";
      this.drawHand();
      this.drawPanel();
    }
  }

  /** @returns {Mark | null} */
  markInHand() {
    if (!this.hand || !this.t) return null;
    const start = Number(this.hand.split("-", 1)[0]);
    return this.turnAt(start)?.marks.find((/** @type {Mark} */ one) => one.key === this.hand) ?? null;
  }

  /** @param {string} key */
  take(key) {
    if (key !== this.hand) this.asked = "";
    this.hand = key;
    const mark = this.markInHand();
    if (mark) this.treeCode = mark.code;
    this.drawHand();
    this.drawPanel();
  }

  /** Show what is in hand by classes alone: nothing is drawn anew. */
  drawHand() {
    for (const one of this.reading.querySelectorAll("mark.hand, .chip.hand")) {
      one.classList.remove("hand");
      if (one.hasAttribute("aria-pressed")) one.setAttribute("aria-pressed", "false");
    }
    if (this.hand) {
      for (const one of this.reading.querySelectorAll(`[data-key="${CSS.escape(this.hand)}"]`)) {
        one.classList.add("hand");
        if (one.hasAttribute("aria-pressed")) one.setAttribute("aria-pressed", "true");
      }
    }
    drawHighlights(/** @type {any} */ (this));
  }

  /** Take what became of a passage. @param {string} code @param {Span} span */
  takeNear(code, span) {
    const same = this.marksOn(span).filter((one) => one.code === code && one.verdict !== "r" && one.verdict !== "l");
    const mark = same.find((one) => one.start === span.start && one.end === span.end) ?? same[0];
    if (mark) this.take(mark.key);
  }

  /** After an answer, take the next suggestion of the turn. @param {Mark} mark */
  takeNext(mark) {
    const turn = this.turnAt(mark.start);
    const open = shownMarks(/** @type {any} */ (this), turn).filter(isUndecided);
    const next = open.find((one) => one.start >= mark.start && one.key !== mark.key) ?? open[0];
    const still = turn.marks.some((/** @type {Mark} */ one) => one.key === mark.key);
    this.take(next?.key ?? (still ? mark.key : ""));
  }

  /** The code whose definition is shown. */
  shownCode() {
    return this.markInHand()?.code ?? (this.book.byId.has(this.treeCode) ? this.treeCode : "");
  }

  /** Show a code in the list of codes. @param {string} code */
  showCode(code) {
    this.treeCode = code;
    for (const id of this.book.byId.get(code)?.path.split("/").slice(0, -1) ?? []) this.folded.delete(id);
    this.drawTree();
    this.shell.querySelector(`.tree [data-id="${CSS.escape(code)}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} code */
  nameOf(code) {
    return this.book.byId.get(code)?.name ?? code;
  }

  /** @param {string} code */
  rememberCode(code) {
    this.recent = [code, ...this.recent.filter((one) => one !== code)].slice(0, 20);
    this.memory.put("recent", this.recent);
  }

  /** Show one code alone, or all again. */
  focusCode() {
    const code = this.shownCode();
    this.alone = this.alone ? "" : code;
    if (!this.alone && !code) return this.say("Nothing is in hand.");
    this.shell.classList.toggle("alone", Boolean(this.alone));
    this.redraw(this.t.turns.filter((/** @type {Turn} */ one) => one.drawn));
    this.say(
      this.alone ? `Only ${this.nameOf(this.alone)} is shown. g goes to the next passage.` : "All codes are shown.",
    );
    this.drawPanel();
  }

  /** @param {Turn} turn */
  unfold(turn) {
    this.unfolded.add(turn.id);
    drawTurn(/** @type {any} */ (this), turn);
  }

  // -- there and back -------------------------------------------------------------------------------------------------

  readTrail() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(this.memory.name) ?? "null");
    } catch {
      kept = null;
    }
    /** @type {any[]} */ this.undoing =
      kept?.undoing ?? (this.data.latest ? [{ name: this.data.latest.name, steps: this.data.latest.undo }] : []);
    /** @type {any[]} */ this.redoing = kept?.redoing ?? [];
  }

  keepTrail() {
    this.undoing = this.undoing.slice(-200);
    try {
      sessionStorage.setItem(this.memory.name, JSON.stringify({ undoing: this.undoing, redoing: this.redoing }));
    } catch {
      // the way back then ends with the page; the log has it all
    }
  }

  // -- keys and clicks ------------------------------------------------------------------------------------------------

  makeKeys() {
    for (const [keys, act] of this.data.keys) for (const key of keys) this.keys.set(key, act);
  }

  /** How the key of an act is written. @param {string} act */
  keyOf(act) {
    const found = this.data.keys.find((/** @type {any[]} */ one) => one[1] === act);
    return found && this.hasKeys ? found[2].split(" ")[0] : "";
  }

  /** @param {boolean} isOn */
  switchKeys(isOn) {
    this.hasKeys = isOn;
    this.memory.put("keys", isOn);
    this.say(isOn ? "Single keys are on." : "Single keys are off. Everything is a button as well.");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping =
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && /** @type {any} */ (target).type !== "checkbox";
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z" && !isTyping) {
      event.preventDefault();
      perform(/** @type {any} */ (this), event.shiftKey ? "redo" : "undo");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping || !this.hasKeys) return;
    const isButton = target.tagName === "BUTTON" || target.tagName === "A";
    if (isButton && (event.key === "Enter" || event.key === " ")) return;
    if (target.matches(".chip") && this.walkChips(event, target)) return;
    if (this.view !== "read" && !["u", "U", "?", "/", "Escape"].includes(event.key)) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code ?? "");
    const name = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const act = digit && !event.shiftKey ? "digit" : this.keys.get(name);
    if (!act || (this.question && act !== "drop")) return;
    event.preventDefault();
    event.stopPropagation();
    perform(/** @type {any} */ (this), act, digit ? Number(digit[1]) : undefined);
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} chip */
  walkChips(event, chip) {
    const step = event.shiftKey ? 0 : { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return false;
    const chips = [...(chip.closest(".chips")?.querySelectorAll(".chip") ?? [])];
    const next = /** @type {HTMLElement | undefined} */ (chips[chips.indexOf(chip) + step]);
    event.preventDefault();
    event.stopPropagation();
    if (next) next.focus();
    return true;
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches?.(".chip")) this.queueSoon(() => this.take(target.getAttribute("data-key") ?? ""));
    if (target.matches?.("article")) {
      const at = this.articles.indexOf(target);
      if (at >= 0 && at !== this.at) this.goTurnSoftly(at); // nothing is drawn anew: somebody may be picking words
    }
  }

  /** Do it now, or after the act that is under way. @param {() => void} act */
  queueSoon(act) {
    if (this.busy) this.queue(act);
    else act();
  }

  /** What is pressed stays where it is until the click is over. @param {PointerEvent} event */
  onPress(event) {
    this.isPressed = !this.reading.contains(/** @type {Node} */ (event.target));
    this.isPicking = !this.isPressed;
    readSelection(this);
  }

  onRelease() {
    this.isPressed = false;
    this.isPicking = false;
    if (this.isStale) this.drawPanel();
    if (this.postponed.size) this.redraw([...this.postponed]);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const article = target.closest("article");
    if (!article || !this.reading.contains(article)) return;
    const at = this.articles.indexOf(article);
    const chip = target.closest(".chip");
    if (chip) {
      this.goTurnSoftly(at);
      this.queueSoon(() => this.take(chip.getAttribute("data-key") ?? ""));
      return;
    }
    if (target.closest("button")) return;
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed) return;
    this.goTurnSoftly(at);
    this.focusTurn();
    const mark = target.closest("mark");
    if (this.pick) this.setPick(null);
    if (mark) this.queueSoon(() => this.cycle(mark));
    else this.drawPanel();
  }

  /** Take the coding that was clicked; clicked again, the next one below it. @param {Element} mark */
  cycle(mark) {
    const keys = [];
    for (let one = /** @type {Element | null} */ (mark); one?.tagName === "MARK"; one = one.parentElement)
      keys.push(one.getAttribute("data-key") ?? "");
    const at = keys.indexOf(this.hand);
    this.take(keys[(at + 1) % keys.length]);
  }

  // -- views ----------------------------------------------------------------------------------------------------------

  /** Go to a view; what was said in another one stays there. @param {string} id */
  goView(id) {
    if (id !== this.view) this.said.textContent = "";
    return this.openView(id);
  }

  /** @param {string} id @param {any} [told] */
  openView(id, told) {
    this.view = id;
    for (const one of this.tabs.querySelectorAll("button"))
      one.setAttribute("aria-pressed", one.getAttribute("data-view") === id ? "true" : "false");
    this.reading.hidden = id !== "read";
    this.playerBox.classList.toggle("away", id !== "read");
    this.other.hidden = id === "read";
    this.shell.setAttribute("data-view", id);
    if (id === "read") {
      const wasElsewhere = this.other.hasChildNodes();
      this.other.replaceChildren();
      if (wasElsewhere) {
        this.articles[this.at]?.scrollIntoView({ block: "nearest" });
        this.focusTurn();
      }
      return null;
    }
    if (this.question) closeQuestion(/** @type {any} */ (this));
    return drawView(/** @type {any} */ (this), id, told);
  }

  drawPanel() {
    this.isStale = Boolean(this.isPressed);
    if (!this.isPressed) drawPanel(/** @type {any} */ (this));
  }

  drawTree() {
    drawTree(/** @type {any} */ (this));
  }

  afterBack() {
    return redrawView(/** @type {any} */ (this));
  }
}
