// The page of a report: numbers open their quotes, quotes lead to their places, all of it can be searched and printed.
import { chooseCodings, joinPassages, readCodings } from "./codings.js";
import { button, el } from "./dom.js";
import { growList } from "./growing.js";
import { Talks, paintHits } from "./talks.js";
import { canUnpack, unpack } from "./unpack.js";

/** @typedef {import("./codings.js").Codings} Codings @typedef {import("./codings.js").Asked} Asked */
/** @typedef {ReturnType<typeof growList>} Growing */

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const all = (/** @type {string} */ selector, /** @type {ParentNode} */ root = document) =>
  /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
const count = (/** @type {number} */ n, /** @type {string} */ noun) =>
  `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** What an address says behind its `#`; one that somebody broke says nothing. @param {string} hash */
function readHash(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

class Report {
  constructor() {
    /** @type {import("./talks.js").Names} */
    this.names = JSON.parse(byId("names").textContent ?? "");
    /** @type {Promise<Codings> | null} */ this.codings = null;
    this.talks = new Talks(
      this.names,
      () => this.getCodings(),
      (code, talk) => this.show({ k: code, t: talk }, `${this.names.codes[code].name} · ${this.names.names[talk]}`),
    );
    /** @type {Growing | null} */ this.opened = null;
    /** @type {Map<Element, Growing>} */ this.grown = new Map();
    this.dialog = /** @type {HTMLDialogElement} */ (byId("opened"));
    for (const one of all(".rest")) one.hidden = true;
    this.listen();
    this.listenToTables();
    this.offerAll();
    this.prepareTalks();
    this.preparePrint();
    prepareSearch(this);
    addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  getCodings() {
    this.codings ??= unpack(byId("codings").textContent ?? "").then(readCodings);
    return this.codings;
  }

  // ---- quotes

  /** A passage as an item of a list. @param {Codings} codings @param {number[]} passage @param {boolean} isNamed */
  async makeQuote(codings, passage, isNamed) {
    const one = passage[0];
    const talk = await this.talks.get(codings.talk[one]);
    const code = this.names.codes[codings.code[one]];
    const [rule, matched] = codings.reasons[codings.why[one]] ?? ["", ""];
    const why = (/** @type {string} */ text, /** @type {Node} */ node, after = "") =>
      el("span", { class: "why" }, text, node, after);
    return el(
      "li",
      { class: `h${code.hue}` },
      isNamed ? el("p", { class: "from" }, passage.map((n) => this.names.codes[codings.code[n]].name).join(" · ")) : null,
      el("blockquote", { dir: "auto" }, talk.cut(codings.start[one], codings.end[one])),
      el(
        "p",
        { class: "from" },
        el("a", { href: `#t${codings.talk[one]}`, "data-to": `#m-${one}` }, el("bdi", {}, this.tellPlace(codings, talk, one))),
        rule ? [" ", why("rule ", el("code", { dir: "auto" }, rule))] : null,
        matched ? [" ", why("matched “", el("bdi", {}, matched), "”")] : null,
        codings.coders.length ? [" ", why("coded by ", el("bdi", {}, codings.coders[codings.who[one]]))] : null,
      ),
    );
  }

  /** Case, transcript, turn, time and speaker. @param {Codings} codings @param {import("./talks.js").Talk} talk @param {number} one */
  tellPlace(codings, talk, one) {
    const [id, , , who, , time] = talk.turns[this.talks.turnOf(talk, codings.start[one], codings.end[one])] ?? [];
    const name = this.names.names[codings.talk[one]];
    const case_ = this.names.cases[codings.unitCase[codings.unit[one]]] ?? "";
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    const clock = time === undefined ? "" : `${Math.floor(time / 3600)}:${two(Math.floor(time / 60) % 60)}:${two(Math.floor(time) % 60)}`;
    const speaker = who === undefined ? "" : talk.speakers[who];
    return [case_ === name ? "" : case_, name, id, clock, speaker].filter(Boolean).join(", ");
  }

  /** Open the quotes behind a number. @param {Asked} asked @param {string} title */
  async show(asked, title) {
    const list = /** @type {HTMLElement} */ (this.dialog.querySelector("ol"));
    this.opened?.stop();
    list.replaceChildren();
    byId("opened-title").textContent = title;
    byId("opened-note").textContent = "Opening…";
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    const codings = await this.getCodings();
    const chosen = chooseCodings(codings, asked, (code) => this.names.codes[code].below);
    const passages = joinPassages(codings, chosen);
    const isNamed = new Set(chosen.map((one) => codings.code[one])).size > 1;
    byId("opened-note").textContent = count(passages.length, "passage");
    this.opened = growList(list, passages, (one) => this.makeQuote(codings, one, isNamed), this.dialog);
  }

  /** What a mark of a figure stands for. @param {Asked} asked */
  tellAsked({ k, o, c, t }) {
    const { codes, cases, names } = this.names;
    const both = [k, o].filter((one) => one !== undefined).map((one) => codes[/** @type {number} */ (one)].name);
    const where = [c === undefined ? "" : cases[c], t === undefined ? "" : names[t]];
    return [both.join(" and "), ...where].filter(Boolean).join(" · ");
  }

  /** Below the first quotes of a code, offer all of them. */
  offerAll() {
    for (const note of all("#quotes .more")) {
      const list = /** @type {HTMLElement} */ (note.previousElementSibling);
      const code = Number(note.dataset.k);
      note.append(
        " ",
        button(`Show all ${Number(note.dataset.of).toLocaleString("en")}`, async () => {
          const codings = await this.getCodings();
          const chosen = chooseCodings(codings, { k: code }, (one) => [one]);
          const before = list.childElementCount;
          const grown = growList(list, chosen.map((one) => [one]), (one) => this.makeQuote(codings, one, false));
          this.grown.set(list, grown);
          await grown.start;
          note.remove();
          list.children[before]?.querySelector("a")?.focus({ preventScroll: true });
        }),
      );
    }
  }

  // ---- links and keys

  listen() {
    document.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[href^='#']"));
      if (link?.matches(".n")) {
        event.preventDefault();
        const { k, o, c, t } = link.dataset;
        const number = (/** @type {string | undefined} */ one) => (one === undefined ? undefined : Number(one));
        const asked = { k: Number(k), o: number(o), c: number(c), t: number(t) };
        this.show(asked, link.getAttribute("aria-label")?.replace(/: open quotes$/, "") ?? this.tellAsked(asked));
      } else if (link) {
        event.preventDefault();
        if (this.dialog.open) this.dialog.close();
        const goal = link.dataset.to ?? link.hash; // where a turn or coding has no element yet, its transcript has one
        if (location.hash === goal) this.follow();
        else location.hash = goal;
      } else if (target === this.dialog || target.closest("#opened .close")) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => this.opened?.stop());
  }

  /** One number of a table is a tab stop, and arrows go from one to the next. */
  listenToTables() {
    for (const table of all("table")) {
      const links = all("a.n", table);
      for (const [at, link] of links.entries()) link.tabIndex = at ? -1 : 0;
      if (!links.length) continue;
      const goTo = (/** @type {HTMLElement | null | undefined} */ next) => {
        if (!next) return;
        for (const one of all("a.n[tabindex='0']", table)) one.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      };
      table.addEventListener("keydown", (event) => {
        const link = /** @type {Element} */ (event.target).closest("a.n");
        if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
        const next = findNeighbour(link, event.key);
        if (next === undefined) return;
        event.preventDefault();
        goTo(next);
      });
    }
  }

  // ---- transcripts

  prepareTalks() {
    for (const [number, box] of all("details.talks").entries()) {
      box.addEventListener("toggle", () => {
        if (/** @type {HTMLDetailsElement} */ (box).open) this.openTalk(number);
      });
    }
    document.addEventListener("focusin", (event) => {
      const article = /** @type {Element} */ (event.target).closest(".turn");
      if (!article || article.contains(/** @type {Node | null} */ (event.relatedTarget ?? null))) return;
      for (const one of all(".turn[tabindex='0']", article.parentElement ?? document)) one.tabIndex = -1;
      for (const chip of all(".turn .chip[tabindex='0'], .turn .more[tabindex='0']")) chip.tabIndex = -1;
      article.setAttribute("tabindex", "0");
      this.talks.finish(article);
      for (const chip of all(".chip, .more", article)) chip.tabIndex = 0;
    });
    document.addEventListener("keydown", (event) => {
      const article = /** @type {HTMLElement} */ (event.target);
      if (!article.matches?.(".turn") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const next = { ArrowDown: article.nextElementSibling, ArrowUp: article.previousElementSibling }[event.key];
      if (!next?.matches(".turn")) return;
      event.preventDefault();
      /** @type {HTMLElement} */ (next).focus();
    });
  }

  /** @param {number} number */
  async openTalk(number) {
    const box = /** @type {HTMLDetailsElement} */ (byId(`t${number}`));
    box.open = true;
    return this.talks.open(number, /** @type {HTMLElement} */ (box.querySelector(".turns")));
  }

  /** Go where the address says: to a coding (`#m-12`), a turn (`#t3-t012`), or any part of the page. */
  async follow() {
    const hash = readHash(location.hash);
    const coding = /^m-(\d+)$/.exec(hash);
    const turn = /^t(\d+)-(.+)$/.exec(hash);
    if (coding) {
      const codings = await this.getCodings();
      const one = Number(coding[1]);
      if (one >= codings.n) return;
      const number = codings.talk[one];
      const talk = await this.talks.get(number);
      const at = this.talks.turnOf(talk, codings.start[one], codings.end[one]);
      const key = `${codings.start[one]}-${codings.end[one]}-${this.names.codes[codings.code[one]].id}`;
      this.goTo((await this.openTalk(number))[at], key);
    } else if (turn && document.getElementById(`t${turn[1]}`)) {
      const articles = await this.openTalk(Number(turn[1]));
      this.goTo(articles.find((one) => one.dataset.segment === turn[2]), "");
    } else if (hash) {
      const target = document.getElementById(hash);
      target?.querySelector(":scope > details")?.setAttribute("open", "");
      target?.scrollIntoView();
    }
  }

  /** @param {HTMLElement | undefined} article @param {string} key */
  goTo(article, key) {
    if (!article) return;
    this.talks.finish(article);
    for (const one of all(".flash")) one.classList.remove("flash");
    article.focus({ preventScroll: true });
    const mark = all("mark", article).find((one) => one.dataset.key === key);
    // Turns above are as high as they are guessed to be until they are near; so a second time, when they are drawn.
    const come = () => (mark ?? article).scrollIntoView({ block: "center" });
    come();
    requestAnimationFrame(() => requestAnimationFrame(come));
    (mark ?? article).classList.add("flash");
  }

  // ---- print

  /** Print what is chosen; the browser's own print has quotes open and transcripts shut. */
  preparePrint() {
    const form = /** @type {HTMLDialogElement} */ (byId("printing"));
    const open = byId("print");
    open.hidden = false;
    open.addEventListener("click", () => {
      byId("n-open").textContent = String(all("details.talks[open]").length);
      form.showModal();
    });
    byId("print-these").addEventListener("click", () => this.printOpened());
    form.querySelector("form")?.addEventListener("submit", async (event) => {
      event.preventDefault();
      form.close();
      const chosen = all("input:checked", form).map((one) => /** @type {HTMLInputElement} */ (one).value);
      document.body.dataset.print = chosen.join(" ");
      await Promise.all([...this.grown.values()].map((one) => one.drawAll()));
      window.print();
      delete document.body.dataset.print;
    });
    byId("print-not").addEventListener("click", () => form.close());
    /** @type {HTMLElement[]} */
    let changed = [];
    addEventListener("beforeprint", () => {
      const isChosen = (document.body.dataset.print ?? "").includes("transcripts");
      if (isChosen) this.talks.beginPrint();
      changed = [...all("#quotes details:not([open])"), ...(isChosen ? [] : all("details.talks[open]"))];
      for (const one of changed) one.toggleAttribute("open");
    });
    addEventListener("afterprint", () => {
      for (const one of changed) one.toggleAttribute("open");
      this.talks.foldFor(false);
    });
  }

  /** Print the quotes that a number opened. */
  async printOpened() {
    await this.opened?.drawAll();
    const list = /** @type {HTMLElement} */ (this.dialog.querySelector("ol"));
    const sheet = el(
      "section",
      { class: "sheet" },
      el("h1", {}, byId("opened-title").textContent),
      el("p", {}, byId("opened-note").textContent),
      list.cloneNode(true),
    );
    document.body.append(sheet);
    document.body.dataset.print = "sheet";
    window.print();
    delete document.body.dataset.print;
    sheet.remove();
  }
}

/**
 * The next number of a table in a direction; `undefined` when the key is for no direction.
 * @param {Element} link @param {string} key @returns {HTMLElement | null | undefined}
 */
function findNeighbour(link, key) {
  const cell = /** @type {HTMLTableCellElement} */ (link.closest("td, th"));
  const find = (/** @type {Element | null | undefined} */ one) => one?.querySelector?.("a.n") ?? null;
  /** @type {Record<string, (at: HTMLTableCellElement) => any>} */
  const steps = {
    ArrowRight: (at) => at.nextElementSibling,
    ArrowLeft: (at) => at.previousElementSibling,
    ArrowDown: (at) => /** @type {any} */ (at.parentElement?.nextElementSibling)?.cells[at.cellIndex],
    ArrowUp: (at) => /** @type {any} */ (at.parentElement?.previousElementSibling)?.cells[at.cellIndex],
  };
  const step = steps[key];
  if (!step) return undefined;
  for (let at = step(cell); at; at = step(at)) if (find(at)) return /** @type {HTMLElement} */ (find(at));
  return null;
}

/** Search all transcripts by code, by words, or for turns with any code. @param {Report} report */
function prepareSearch(report) {
  const tools = byId("tools");
  const [code, words, coded] = /** @type {HTMLInputElement[]} */ (["by-code", "by-words", "only-coded"].map(byId));
  const said = /** @type {HTMLElement} */ (tools.querySelector("output"));
  const [found, talks] = [byId("found"), byId("talks")];
  /** @type {Growing | null} */ let list = null;
  let round = 0;

  const search = async () => {
    const mine = ++round;
    const sought = words.value.trim().normalize("NFC").toLowerCase();
    const wanted = code.value === "" ? null : new Set(report.names.codes[Number(code.value)].below);
    const isAsked = sought !== "" || wanted !== null || coded.checked;
    talks.hidden = isAsked;
    found.hidden = !isAsked;
    list?.stop();
    if (!isAsked) {
      said.textContent = "";
      found.replaceChildren();
      paintHits([], "");
      return;
    }
    const codings = await report.getCodings();
    /** @type {[number, number][]} */
    const hits = [];
    let n = 0;
    let pause = performance.now() + 50;
    for (let number = 0; number < report.names.names.length; number++) {
      const talk = await report.talks.get(number);
      if (mine !== round) return;
      const chosen = [];
      for (let one = codings.first[number]; one < codings.first[number + 1]; one++)
        if (wanted === null || wanted.has(codings.code[one])) chosen.push(one);
      const fits = wanted === null && !coded.checked ? null : report.talks.turnsWith(talk, codings, chosen);
      for (let at = 0; at < talk.turns.length; at++) {
        if (fits !== null && !fits[at]) continue;
        const [, start, end] = talk.turns[at];
        if (sought === "" || talk.cut(start, end).toLowerCase().includes(sought)) hits.push([number, at]);
      }
      n += talk.turns.length;
      if (performance.now() < pause) continue;
      said.textContent = `Searching: ${count(hits.length, "turn")} so far`;
      await new Promise((go) => setTimeout(go));
      if (mine !== round) return;
      pause = performance.now() + 50;
    }
    said.textContent = `${hits.length.toLocaleString("en")} of ${count(n, "turn")}`;
    const paint = () => paintHits(all("#found .turn"), sought);
    list = growList(found, hits, async ([number, at]) => {
      const talk = await report.talks.get(number);
      const article = report.talks.make(number, talk, codings, at, wanted);
      const [name, id] = [report.names.names[number], talk.turns[at][0]];
      article.querySelector(".id")?.replaceChildren(el("a", { href: `#t${number}`, "data-to": `#t${number}-${id}`, "aria-label": `${name}, ${id}: read on there` }, `${name}, ${id}`));
      article.setAttribute("tabindex", "0");
      report.talks.finish(article);
      requestAnimationFrame(paint);
      return el("li", {}, article);
    });
  };

  let timer = 0;
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(search, 200);
  });
  code.addEventListener("change", search);
  coded.addEventListener("change", search);
  tools.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
  tools.addEventListener("reset", () => setTimeout(search));
  document.addEventListener("click", (event) => {
    // A place in a transcript is found in the transcript, not among the hits.
    if (/** @type {Element} */ (event.target).closest("a[data-to]") && !found.hidden) {
      /** @type {HTMLFormElement} */ (tools).reset();
      talks.hidden = false;
    }
  }, true);
  tools.hidden = false;
}

if (canUnpack()) new Report();
else for (const one of all(".rest")) one.classList.add("shown");
