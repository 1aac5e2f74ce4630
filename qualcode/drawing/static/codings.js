// All codings of a report as columns, and which of them are behind a number. Pure.

/**
 * @typedef {{n: number, talk: Int32Array, start: Int32Array, end: Int32Array, code: Int32Array, unit: Int32Array,
 *   more: Record<string, number[]>, unitCase: Int32Array, why: Int32Array, reasons: [string, string][], who: number[],
 *   coders: string[], first: number[]}} Codings
 * @typedef {{k: number, o?: number, c?: number, t?: number}} Asked what a number counts: a code, another code in the
 *   same units, a case, a transcript
 */

/** @param {any} told @returns {Codings} */
export function readCodings(told) {
  const n = told.code.length;
  const [talk, start, end] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)];
  const [unit, why] = [new Int32Array(n).fill(-1), new Int32Array(n).fill(-1)];
  /** @type {number[]} */
  const first = [];
  let at = 0;
  for (const [number, count] of told.per_talk.entries()) {
    first.push(at);
    for (let place = 0; at < first[number] + count; at++) {
      place += told.start[at];
      talk[at] = number;
      start[at] = place;
      end[at] = place + told.length[at];
    }
  }
  first.push(n);
  let last = 0;
  let counted = 0;
  for (let one = 0; one < n; one++) {
    if (told.unit[one] === null) continue;
    last += told.unit[one];
    unit[one] = last;
    why[one] = told.why[counted++];
  }
  return {
    n,
    talk,
    start,
    end,
    code: Int32Array.from(told.code),
    unit,
    more: told.more,
    unitCase: Int32Array.from(told.unit_case),
    why,
    reasons: told.reasons,
    who: told.who ?? [],
    coders: told.coders ?? [],
    first,
  };
}

/** The counting units that a coding touches. @param {Codings} codings @param {number} one */
export function unitsOf(codings, one) {
  return [codings.unit[one], ...(codings.more[one] ?? [])];
}

/** The units of any of some codes. @param {Codings} codings @param {Set<number>} codes */
function unitsWith(codings, codes) {
  /** @type {Set<number>} */
  const found = new Set();
  for (let one = 0; one < codings.n; one++) {
    if (codings.unit[one] < 0 || !codes.has(codings.code[one])) continue;
    for (const unit of unitsOf(codings, one)) found.add(unit);
  }
  return found;
}

/**
 * The codings behind a number, in the order of the texts; what stands in interviewer talk alone is never among them.
 * @param {Codings} codings @param {Asked} asked @param {(code: number) => number[]} below a code and those below it
 * @returns {number[]}
 */
export function chooseCodings(codings, asked, below) {
  const codes = new Set(below(asked.k));
  /** @type {Set<number> | null} */
  let shared = null;
  if (asked.o !== undefined) {
    const others = new Set(below(asked.o));
    const theirs = unitsWith(codings, others);
    shared = new Set([...unitsWith(codings, codes)].filter((unit) => theirs.has(unit)));
    for (const code of others) codes.add(code);
  }
  const [from, to] = asked.t === undefined ? [0, codings.n] : [codings.first[asked.t], codings.first[asked.t + 1]];
  const found = [];
  for (let one = from; one < to; one++) {
    if (codings.unit[one] < 0 || !codes.has(codings.code[one])) continue;
    const units = unitsOf(codings, one);
    if (asked.c !== undefined && !units.some((unit) => codings.unitCase[unit] === asked.c)) continue;
    if (shared !== null && !units.some((unit) => shared?.has(unit))) continue;
    found.push(one);
  }
  return found;
}

/** Codings of one passage together. @param {Codings} codings @param {number[]} chosen in the order of the texts */
export function joinPassages(codings, chosen) {
  /** @type {number[][]} */
  const passages = [];
  for (const one of chosen) {
    const last = passages.at(-1)?.[0];
    const isSame =
      last !== undefined &&
      codings.talk[last] === codings.talk[one] &&
      codings.start[last] === codings.start[one] &&
      codings.end[last] === codings.end[one];
    if (isSame) passages[passages.length - 1].push(one);
    else passages.push([one]);
  }
  return passages;
}

/** The codings that touch a stretch of a transcript. @param {Codings} codings @param {number} talk @param {number} start @param {number} end */
export function codingsOn(codings, talk, start, end) {
  const found = [];
  for (let one = codings.first[talk]; one < codings.first[talk + 1] && codings.start[one] < end; one++) {
    if (codings.end[one] > start) found.push(one);
  }
  return found;
}
