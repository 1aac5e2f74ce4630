// Words: where a pick begins and ends, and where its edges go. Offsets are UTF-16 units of one turn. Pure.

/** @typedef {{start: number, end: number}} Span */

const HAN = "\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\u{20000}-\\u{3ffff}";
// The same as in qualcode/passages.py: a run without blanks, or one Chinese character.
const STEP = new RegExp(`[${HAN}]|[^\\s${HAN}]+`, "gu");
const LETTER = new RegExp(`^(?![${HAN}])[\\p{L}\\p{N}\\p{M}_]$`, "u");
const ANY_WORD = /[\p{L}\p{N}]/u;
const INNER = "'’-";

/** @param {string} text @param {number} at */
function before(text, at) {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

/** @param {string} text @param {number} at */
function behind(text, at) {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** Whether a place lies inside of a word. @param {string} text @param {number} at */
function isInside(text, at) {
  const left = before(text, at);
  const right = behind(text, at);
  if (LETTER.test(left) && LETTER.test(right)) return true;
  if (INNER.includes(left) && left) return LETTER.test(right) && LETTER.test(before(text, at - 1));
  if (INNER.includes(right) && right) return LETTER.test(left) && LETTER.test(behind(text, at + 1));
  return false;
}

/** The edges of what is seen as one character, such as an emoji of several. @param {string} text @param {number} at @param {-1 | 1} way */
function toCluster(text, at, way) {
  if (at <= 0 || at >= text.length) return at;
  const from = Math.max(0, at - 40);
  const low = text.charCodeAt(from);
  const start = low >= 0xdc00 && low <= 0xdfff ? from + 1 : from;
  const parts = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text.slice(start, at + 40));
  for (const part of parts) {
    const first = start + part.index;
    const last = first + part.segment.length;
    if (first < at && at < last) return way < 0 ? first : last;
  }
  return at;
}

/**
 * Picked words: whole ones, without blanks at the edges; nothing when there is no word.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Span | null}
 */
export function snap(text, start, end) {
  let first = toCluster(text, start, -1);
  let last = toCluster(text, end, 1);
  while (first < last && /\s/.test(text[first])) first++;
  while (last > first && /\s/.test(text[last - 1])) last--;
  while (first > 0 && first < last && isInside(text, first)) first -= before(text, first).length;
  while (last < text.length && last > first && isInside(text, last)) last += behind(text, last).length;
  return first < last && ANY_WORD.test(text.slice(first, last)) ? { start: first, end: last } : null;
}

/**
 * What was picked without regard to words; only blanks at the edges are left out.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Span | null}
 */
export function trimBlanks(text, start, end) {
  let [first, last] = [toCluster(text, start, -1), toCluster(text, end, 1)];
  while (first < last && /\s/.test(text[first])) first++;
  while (last > first && /\s/.test(text[last - 1])) last--;
  return first < last && ANY_WORD.test(text.slice(first, last)) ? { start: first, end: last } : null;
}

/**
 * A span with one edge moved by a word, inside of a limit.
 * @param {string} text
 * @param {Span} span
 * @param {"start" | "end"} edge
 * @param {number} step above 0: towards the end
 * @param {Span} limit
 * @returns {Span}
 */
export function moveEdge(text, span, edge, step, limit) {
  const from = Math.min(limit.start, span.start);
  const to = Math.max(limit.end, span.end);
  const found = [...text.slice(from, to).matchAll(STEP)].map((one) => [
    from + one.index,
    from + one.index + one[0].length,
  ]);
  if (edge === "start") {
    const places = found
      .map(([first]) => first)
      .filter((one) => (step > 0 ? one > span.start : one < span.start) && one < span.end);
    return {
      start: places.length ? (step > 0 ? Math.min(...places) : Math.max(...places)) : span.start,
      end: span.end,
    };
  }
  const places = found
    .map(([, last]) => last)
    .filter((one) => (step > 0 ? one > span.end : one < span.end) && one > span.start);
  return { start: span.start, end: places.length ? (step > 0 ? Math.min(...places) : Math.max(...places)) : span.end };
}

/** How many words a text has; a Chinese character is one. @param {string} text */
export function countWords(text) {
  return (
    text.match(
      new RegExp(`[${HAN}]|(?:(?![${HAN}])[\\p{L}\\p{N}\\p{M}])+(?:['’-](?:(?![${HAN}])[\\p{L}\\p{N}\\p{M}])+)*`, "gu"),
    ) ?? []
  ).length;
}
