// The transcripts of a report: unpacked when they are asked for, drawn as in the page for coding.
import { codingsOn } from "./codings.js";
import { el } from "./dom.js";
import { drawTurn, findPlace, isCrowded, makeTurn } from "./text.js";
import { unpack } from "./unpack.js";

/**
 * @typedef {import("./codings.js").Codings} Codings
 * @typedef {[id: string, start: number, end: number, who: number, asked: number, time?: number]} TurnTold
 * @typedef {{text: string, language: string, speakers: string[], turns: TurnTold[],
 *   cut: (start: number, end: number) => string}} Talk
 * @typedef {{names: string[], codes: {id: string, name: string, hue: number, below: number[]}[], cases: string[]}} Names
 */

/** A function that cuts a text by code points. @param {string} text */
function cutter(text) {
  const points = /[\ud800-\udbff]/.test(text) ? [...text] : null;
  return (/** @type {number} */ start, /** @type {number} */ end) =>
    points ? points.slice(start, end).join("") : text.slice(start, end);
}

/** A transcript as it was unpacked, whose turns tell how far and how long they go, with places. @param {any} told @returns {Talk} */
function readTalk(told) {
  let end = 0;
  for (const turn of told.turns) {
    turn[1] += end;
    turn[2] += turn[1];
    end = turn[2];
  }
  return { ...told, cut: cutter(told.text) };
}

/** Where the first of some rising numbers is that is above another. @param {number} n @param {(at: number) => boolean} isAbove */
function findFirst(n, isAbove) {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAbove(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class Talks {
  /** @param {Names} names @param {() => Promise<Codings>} getCodings @param {(code: number, talk: number) => void} onCode */
  constructor(names, getCodings, onCode) {
    this.names = names;
    this.getCodings = getCodings;
    this.onCode = onCode;
    /** @type {Map<number, Promise<Talk>>} */ this.known = new Map();
    /** @type {Map<number, HTMLElement[]>} */ this.articles = new Map();
    /** @type {Map<Element, () => void>} */ this.waiting = new Map();
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const one of entries) if (one.isIntersecting) this.finish(one.target);
      },
      { rootMargin: "1200px" },
    );
    /** @type {Set<any>} */ this.crowded = new Set();
    this.numberOf = new Map(names.codes.map((one, at) => [one.id, at]));
    // What the drawing of turns asks of a page: here nothing is in hand, and no code is shown alone.
    this.app = {
      alone: "",
      hand: "",
      turn: null,
      book: { byId: new Map(names.codes.map((one) => [one.id, one])) },
      unfolded: new Set(),
      isPrinting: false,
      articleOf: (/** @type {any} */ turn) => turn.article,
      unfold: (/** @type {any} */ turn) => {
        this.app.unfolded.add(turn.id);
        this.draw(turn);
        turn.article.querySelector(".chip")?.focus();
      },
    };
  }

  /** A transcript, unpacked once. @param {number} number @returns {Promise<Talk>} */
  get(number) {
    const found =
      this.known.get(number) ??
      unpack(document.getElementById(`d${number}`)?.textContent ?? "").then(readTalk);
    this.known.set(number, found);
    return found;
  }

  /** The turn in which a passage stands: the first of somebody who is interviewed. @param {Talk} talk @param {number} start @param {number} end */
  turnOf(talk, start, end) {
    const first = findFirst(talk.turns.length, (at) => talk.turns[at][2] > start);
    let at = first;
    while (at < talk.turns.length && talk.turns[at][1] < end) {
      if (!talk.turns[at][4]) return at;
      at += 1;
    }
    return Math.min(first, talk.turns.length - 1);
  }

  /** Which turns some codings touch. @param {Talk} talk @param {Codings} codings @param {Iterable<number>} chosen */
  turnsWith(talk, codings, chosen) {
    const found = new Uint8Array(talk.turns.length);
    for (const one of chosen) {
      let at = findFirst(talk.turns.length, (turn) => talk.turns[turn][2] > codings.start[one]);
      for (; at < talk.turns.length && talk.turns[at][1] < codings.end[one]; at++) found[at] = 1;
    }
    return found;
  }

  /**
   * A turn as an article, whose marks are drawn when it comes near.
   * @param {number} number @param {Talk} talk @param {Codings} codings @param {number} at
   * @param {Set<number> | null} [wanted] codes beside which all others fade
   */
  make(number, talk, codings, at, wanted = null) {
    const [id, start, end, who, asked, time] = talk.turns[at];
    /** @type {any} */
    const turn = {
      id,
      start,
      end,
      asked,
      time,
      text: talk.cut(start, end),
      who: talk.speakers[who],
      marks: [],
      memos: [],
      seen: 0,
      talk: number,
      wanted,
    };
    const article = makeTurn(turn);
    turn.article = article;
    if (talk.language) article.setAttribute("lang", talk.language);
    if (asked) article.querySelector(".who")?.append(el("small", {}, "not counted"));
    this.waiting.set(article, () => {
      turn.marks = codingsOn(codings, number, start, end).map((one) => {
        const code = this.names.codes[codings.code[one]];
        const key = `${codings.start[one]}-${codings.end[one]}-${code.id}`;
        return { start: codings.start[one], end: codings.end[one], code: code.id, verdict: "h", note: "", key };
      });
      this.draw(turn);
    });
    this.observer.observe(article);
    return article;
  }

  /** @param {any} turn */
  draw(turn) {
    drawTurn(this.app, turn);
    if (isCrowded(turn.marks)) this.crowded.add(turn);
    for (const mark of turn.article.querySelectorAll("mark")) {
      const code = this.numberOf.get(mark.dataset.code) ?? 0;
      mark.setAttribute("title", this.names.codes[code].name);
      mark.classList.toggle("off", turn.wanted !== null && !turn.wanted.has(code));
    }
    const known = new Set();
    for (const chip of turn.article.querySelectorAll(".chip")) {
      const id = chip.dataset.key.split("-").slice(2).join("-");
      const code = this.numberOf.get(id) ?? 0;
      if (known.has(id)) chip.closest("li").remove(); // here a chip is for a code, however many passages it has
      known.add(id);
      chip.removeAttribute("aria-pressed");
      chip.addEventListener("click", () => this.onCode(code, turn.talk));
    }
  }

  /** Draw the marks of an article now. @param {Element} article */
  finish(article) {
    this.observer.unobserve(article);
    this.waiting.get(article)?.();
    this.waiting.delete(article);
  }

  /** Draw a transcript into its box, once. @param {number} number @param {HTMLElement} box */
  async open(number, box) {
    const [talk, codings] = await Promise.all([this.get(number), this.getCodings()]);
    const before = this.articles.get(number);
    if (before) return before;
    const articles = talk.turns.map((_, at) => this.make(number, talk, codings, at));
    articles[0]?.setAttribute("tabindex", "0");
    this.articles.set(number, articles);
    box.replaceChildren(...articles);
    return articles;
  }

  /** Draw all marks of the transcripts that are open, for paper, on which nothing can be unfolded. */
  beginPrint() {
    for (const article of [...this.waiting.keys()]) if (article.closest("details[open]")) this.finish(article);
    this.foldFor(true);
  }

  /** Fold what is folded on the screen, or nothing for paper. @param {boolean} isPrinting */
  foldFor(isPrinting) {
    if (this.app.isPrinting === isPrinting) return;
    this.app.isPrinting = isPrinting;
    for (const turn of this.crowded) this.draw(turn);
  }
}

/** Paint the words that were sought in some drawn turns. @param {Iterable<Element>} articles @param {string} sought */
export function paintHits(articles, sought) {
  const highlights = /** @type {any} */ (CSS).highlights;
  if (!highlights) return;
  const ranges = [];
  for (const article of sought ? articles : []) {
    const talk = article.querySelector(".talk");
    const text = talk?.textContent?.toLowerCase() ?? "";
    if (!talk || text.length !== talk.textContent?.length) continue;
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length)) {
      const [start, end] = [findPlace(talk, at), findPlace(talk, at + sought.length)];
      if (!start || !end) continue;
      const range = document.createRange();
      range.setStart(start.node, start.offset);
      range.setEnd(end.node, end.offset);
      ranges.push(range);
    }
  }
  highlights.set("qc-hit", new /** @type {any} */ (window).Highlight(...ranges));
}
