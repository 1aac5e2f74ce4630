// Offsets: Python counts code points, JavaScript counts UTF-16 units. Pure.

const SURROGATE = /[\ud800-\udbff]/;

/**
 * The UTF-16 offset of a code point in a text.
 * @param {string} text
 * @param {number} point
 * @returns {number}
 */
export function toUnits(text, point) {
  if (!SURROGATE.test(text)) return Math.min(point, text.length);
  let units = 0;
  for (let left = point; left > 0 && units < text.length; left--) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

/**
 * The code point at a UTF-16 offset of a text; one inside of a pair counts as the pair's begin.
 * @param {string} text
 * @param {number} unit
 * @returns {number}
 */
export function toPoints(text, unit) {
  if (!SURROGATE.test(text)) return Math.min(unit, text.length);
  let points = 0;
  for (let at = 0; at < unit && at < text.length; points++) {
    const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    if (at + width > unit) break;
    at += width;
  }
  return points;
}

/**
 * How many code points a text has.
 * @param {string} text
 * @returns {number}
 */
export function countPoints(text) {
  return toPoints(text, text.length);
}
