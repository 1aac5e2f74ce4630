// Words found without a study behind them: as written, in any case, with * and gaps; no other forms of a word. Pure.

const HAN_SIGN = "\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\u{20000}-\\u{3ffff}";
const PIECE = new RegExp(
  `[${HAN_SIGN}]|(?:(?![${HAN_SIGN}])[\\p{L}\\p{N}\\p{M}])+(?:['’-](?:(?![${HAN_SIGN}])[\\p{L}\\p{N}\\p{M}])+)*`,
  "gu",
);
const GAP = 5; // words that "..." may stand for, as in a rule

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase().replace(/’/g, "'");
}

/** @typedef {{pattern: RegExp, gap: boolean}} Piece what a word must be, and whether others may stand before it */

/** @param {string} term @returns {Piece[]} */
function readTerm(term) {
  /** @type {Piece[]} */
  const pieces = [];
  let gap = false;
  for (const part of term.trim().split(/\s+/)) {
    if (part === "..." || part === "…") {
      gap = pieces.length > 0;
      continue;
    }
    for (const word of part.match(new RegExp(`\\*?(?:${PIECE.source})\\*?`, "gu")) ?? []) {
      const inner = plain(word).replace(/[.+?^${}()|[\]\\]/g, "\\$&");
      pieces.push({ pattern: new RegExp(`^${inner.replace(/\*/g, ".*")}$`, "u"), gap });
      gap = false;
    }
  }
  return pieces;
}

/**
 * Where a term stands in a text, in UTF-16 units; a hit ends before the next one begins.
 * @param {string} text @param {string} term @returns {{start: number, end: number}[]}
 */
export function findTerm(text, term) {
  const pieces = readTerm(term);
  if (!pieces.length) return [];
  const words = [...text.matchAll(PIECE)].map((one) => ({
    start: one.index,
    end: one.index + one[0].length,
    word: plain(one[0]),
  }));
  const found = [];
  for (let first = 0; first < words.length; first++) {
    const last = follow(text, words, pieces, first);
    if (last < 0) continue;
    found.push({ start: words[first].start, end: words[last].end });
    first = last;
  }
  return found;
}

/** The last word of a hit that begins at a word; -1: there is none. @param {string} text @param {{start: number, end: number, word: string}[]} words @param {Piece[]} pieces @param {number} first */
function follow(text, words, pieces, first) {
  let at = first;
  for (let number = 0; number < pieces.length; number++) {
    const { pattern, gap } = pieces[number];
    const furthest = Math.min(words.length - 1, at + (gap ? GAP : 0));
    while (at <= furthest && !pattern.test(words[at].word)) at++;
    const isIn = at <= furthest && !/[.!?]\s/.test(text.slice(words[first].end, words[at].start));
    if (!isIn) return -1;
    if (number + 1 < pieces.length) at++;
  }
  return at;
}
