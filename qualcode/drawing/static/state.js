// What a page knows: the codebook, the transcript, what stands on it; and what a browser remembers for a coder.
import { countPoints } from "./points.js";

/**
 * What stands on a passage.
 * @typedef {{start: number, end: number, code: string, verdict: "s" | "a" | "h" | "r" | "l", version: string, note: string, word?: string, segment?: string,
 *   evidence: [string, ...number[]][], key: string}} Mark
 * @typedef {{id: string, about: string, text: string, author: string, digest: string, flag?: number}} Memo
 * @typedef {{id: string, start: number, end: number, text: string, who: string, time?: number, asked?: number,
 *   aside?: number, seen: number, blind?: number, marks: Mark[], memos: Memo[], drawn: boolean}} Turn
 * @typedef {{id: string, name: string, path: string, level: number, colour: string, hue: number, definition?: string,
 *   include?: string[], exclude?: string[], examples?: string[], own?: string, retired?: number}} Code
 * @typedef {{id: string, mark: string, turns: Turn[], byId: Map<string, number>, sentences: [number, number][],
 *   language: string, unsettled: number, unit: string, media?: string}} Transcript
 */

/** @param {any[]} told @returns {Mark} */
export function readMark(told) {
  const [start, end, code, verdict, version = "", note = "", evidence = []] = told;
  return {
    start,
    end,
    code,
    verdict,
    version: version || "",
    note: note || "",
    evidence: evidence || [],
    key: `${start}-${end}-${code}`,
  };
}

/** Whether nothing was decided on a passage: rules suggest it, or it was learned. @param {Mark} mark */
export function isUndecided(mark) {
  return mark.verdict === "s" || mark.verdict === "l";
}

/** What was learned, as it stands beside the rest. @param {any} row @returns {Mark} */
export function readHunch(row) {
  const evidence = row.words.length ? [["learned", ...row.words.flat()]] : [];
  return { ...readMark([...row.span, row.code, "l", "", "", evidence]), word: row.word, segment: row.segment };
}

/** @param {any} told @returns {Transcript} */
export function readTranscript(told) {
  const turns = told.turns.map((/** @type {any} */ turn) => ({
    ...turn,
    end: turn.start + countPoints(turn.text),
    marks: turn.marks.map(readMark),
    memos: turn.memos ?? [],
    drawn: false,
  }));
  return {
    ...told,
    turns,
    byId: new Map(turns.map((/** @type {Turn} */ turn, /** @type {number} */ at) => [turn.id, at])),
  };
}

/** Take in what stands on a turn now. @param {Turn} turn @param {any} told */
export function renewTurn(turn, told) {
  turn.marks = told.marks.map(readMark);
  turn.memos = told.memos ?? [];
  turn.seen = told.seen;
  turn.blind = told.blind;
}

/** The codebook with a number for each colour. @param {any} told */
export function readCodebook(told) {
  const colours = [...new Set(told.codes.map((/** @type {any} */ one) => one.colour))];
  const codes = told.codes.map((/** @type {any} */ one) => ({ ...one, hue: colours.indexOf(one.colour) }));
  return {
    codes,
    colours,
    trouble: told.trouble ?? "",
    name: told.name ?? "",
    byId: new Map(codes.map((/** @type {Code} */ one) => [one.id, one])),
  };
}

/** @param {string} hex @returns {number[]} */
function channels(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

/** @param {number[]} rgb */
function luminance(rgb) {
  const [red, green, blue] = rgb.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * A colour as near as possible that stands out from a ground by a contrast of 3.
 * @param {string} hex @param {"light" | "dark"} ground
 */
export function readable(hex, ground) {
  const back = ground === "light" ? 1 : luminance([0.11, 0.12, 0.13]);
  const goal = ground === "light" ? 0 : 1;
  const rgb = channels(hex);
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = rgb.map((part) => part + (goal - part) * share);
    const [high, low] = [luminance(mixed), back].sort((a, b) => b - a);
    if ((high + 0.05) / (low + 0.05) >= 3.1) {
      return `#${mixed
        .map((part) =>
          Math.round(part * 255)
            .toString(16)
            .padStart(2, "0"),
        )
        .join("")}`;
    }
  }
  return ground === "light" ? "#000000" : "#ffffff";
}

/** What this browser remembers, for one coder of one study; a browser that remembers nothing does no harm. */
export class Memory {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {string} key @param {any} otherwise */
  get(key, otherwise) {
    try {
      const text = localStorage.getItem(`${this.name}/${key}`);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  }

  /** @param {string} key @param {any} value `null` forgets it */
  put(key, value) {
    try {
      if (value === null) localStorage.removeItem(`${this.name}/${key}`);
      else localStorage.setItem(`${this.name}/${key}`, JSON.stringify(value));
    } catch {
      // a private window, or no room: the page works without
    }
  }

  /** The draft of a text: that of this tab, else the latest, which outlives the tab. @param {string} key @returns {string | null} */
  getDraft(key) {
    try {
      const own = sessionStorage.getItem(`${this.name}/${key}`);
      if (own !== null) return JSON.parse(own);
    } catch {
      // then there is none of this tab
    }
    return this.get(key, null);
  }

  /** Keep a draft for this tab and for the next one; another tab's is its own. @param {string} key @param {string | null} text */
  putDraft(key, text) {
    const own = this.getDraft(key);
    try {
      if (text === null) sessionStorage.removeItem(`${this.name}/${key}`);
      else sessionStorage.setItem(`${this.name}/${key}`, JSON.stringify(text));
    } catch {
      // a private window, or no room: the page works without
    }
    if (text !== null || this.get(key, null) === own) this.put(key, text);
  }
}
