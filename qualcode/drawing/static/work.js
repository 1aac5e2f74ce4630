// What a second coder does in a pack: acts without a study behind them. Pure: nothing here touches page or storage.
import { toPoints, toUnits } from "./points.js";
import { countWords } from "./words.js";

/**
 * @typedef {{start: number, end: number}} Span
 * @typedef {{start: number, end: number, code: string, verdict: string, note: string}} Given
 * @typedef {{id: string, t: string, name: string, added: Given[], removed: Given[], read: string[], unread: string[]}} Done
 * @typedef {{id: string, start: number, text: string, seen: number, [more: string]: any}} PackTurn
 * @typedef {{digest: string, given: Given[], unit: string, turns: PackTurn[], [more: string]: any}} PackText
 * @typedef {{pack: string, study: string, id: string, coder: string, codebook: any, digest: string,
 *   texts: Record<string, PackText>, names: string[], [more: string]: any}} Pack
 */

const WORDS = /[\p{L}\p{N}]/u;

/** Trouble as the page tells it. @param {string} message @param {string} [hint] @param {string} [kind] */
function refuse(message, hint = "", kind = "refused") {
  return { kind, message, hint };
}

/** @param {Span & {code: string}} one */
function keyOfGiven(one) {
  return `${one.start}-${one.end}-${one.code}`;
}

/** What stands in a transcript after all that was done. @param {Pack} pack @param {Done[]} log @param {string} name */
export function replay(pack, log, name) {
  const text = pack.texts[name];
  const given = new Map(text.given.map((one) => [keyOfGiven(one), one]));
  const read = new Set(text.turns.filter((one) => one.seen === 2).map((one) => one.id));
  for (const one of log) {
    if (one.t !== name) continue;
    for (const gone of one.removed) given.delete(keyOfGiven(gone));
    for (const come of one.added) given.set(keyOfGiven(come), come);
    for (const id of one.unread) read.delete(id);
    for (const id of one.read) read.add(id);
  }
  return { given, read };
}

/** @param {PackTurn} turn */
function endOf(turn) {
  return turn.start + toPoints(turn.text, turn.text.length);
}

/** @param {PackText} text @param {Span} span */
function turnsIn(text, span) {
  return text.turns.filter((one) => one.start < span.end && endOf(one) > span.start);
}

/** The words of a passage, those of each turn for itself. @param {PackText} text @param {Span} span */
function partsOf(text, span) {
  return turnsIn(text, span).map((turn) =>
    turn.text.slice(
      toUnits(turn.text, Math.max(span.start - turn.start, 0)),
      toUnits(turn.text, Math.min(span.end, endOf(turn)) - turn.start),
    ),
  );
}

/** A passage without blanks and labels at its edges; nothing when there is no word. @param {PackText} text @param {Span} span @returns {Span | null} */
function trimSpan(text, span) {
  const inside = turnsIn(text, span);
  const parts = partsOf(text, span);
  const first = parts.findIndex((one) => WORDS.test(one));
  if (first < 0) return null;
  const last = parts.length - 1 - [...parts].reverse().findIndex((one) => WORDS.test(one));
  const head = parts[first].length - parts[first].trimStart().length;
  const tail = parts[last].length - parts[last].trimEnd().length;
  return {
    start: Math.max(span.start, inside[first].start) + head,
    end: Math.min(span.end, endOf(inside[last])) - tail,
  };
}

/** Whether words lie between two passages. @param {PackText} text @param {Span} one @param {Span} other */
function isApart(text, one, other) {
  const [first, last] = one.start <= other.start ? [one, other] : [other, one];
  if (first.end >= last.start) return false;
  const gap = { start: first.end, end: last.start };
  const [left, right] = [turnsIn(text, first).pop(), turnsIn(text, last)[0]];
  return left !== right || partsOf(text, gap).some((part) => WORDS.test(part));
}

/** @param {string} one @param {string} other */
function joinNotes(one, other) {
  return [...new Set([one, other].filter(Boolean))].join("\n");
}

/** The version of a coding, which an act names. @param {Given | undefined} one */
function versionOf(one) {
  return one ? `${one.verdict}:${one.note}` : "";
}

/** A coding in the place of another one, as one with those of its code that it meets. @param {Map<string, Given>} standing @param {Given} was @param {Given} now @param {boolean} isGreedy */
function putUnited(standing, was, now, isGreedy) {
  const removed = [was];
  let made = now;
  for (const one of standing.values()) {
    if (one === was || one.code !== now.code) continue;
    const isMet = isGreedy
      ? one.start < now.end && one.end > now.start
      : one.start === now.start && one.end === now.end;
    if (!isMet) continue;
    removed.push(one);
    made = {
      ...made,
      start: Math.min(made.start, one.start),
      end: Math.max(made.end, one.end),
      note: joinNotes(made.note, one.note),
    };
  }
  return { added: [made], removed };
}

/** @param {any} value @returns {Span} */
function spanOf(value) {
  if (!Array.isArray(value) || !(value[0] < value[1])) throw refuse("Pick some words first.");
  return { start: value[0], end: value[1] };
}

/** The coding in hand, as the page saw it. @param {Map<string, Given>} standing @param {any} told */
function inHand(standing, told) {
  const found = standing.get(keyOfGiven({ ...spanOf(told.span), code: told.code }));
  if (found && versionOf(found) === told.saw) return found;
  throw refuse(
    "Another window of yours changed this passage meanwhile. Yours was not saved; do it again if it still holds.",
    "",
    "conflict",
  );
}

/** @type {Record<string, (text: PackText, standing: Map<string, Given>, told: any) => {added: Given[], removed: Given[], said?: string}>} */
const PACK_ACTS = {
  apply: (_, standing, told) => {
    const made = told.spans.map((/** @type {any} */ one) => ({
      ...spanOf(one.span),
      code: told.code,
      verdict: "h",
      note: "",
    }));
    return { added: made.filter((/** @type {Given} */ one) => !standing.has(keyOfGiven(one))), removed: [] };
  },
  reject: (_, standing, told) => ({ added: [], removed: [inHand(standing, told)] }),
  note: (_, standing, told) => {
    const was = inHand(standing, told);
    return { added: [{ ...was, note: String(told.note).trim() }], removed: [was] };
  },
  recode: (_, standing, told) => {
    const was = inHand(standing, told);
    return putUnited(standing, was, { ...was, code: told.to, verdict: "h" }, false);
  },
  move: (_, standing, told) => {
    const was = inHand(standing, told);
    return putUnited(standing, was, { ...was, ...spanOf(told.to) }, true);
  },
  extend: (text, standing, told) => {
    const [was, more] = [inHand(standing, told), spanOf(told.to)];
    if (isApart(text, was, more))
      throw refuse("There are other words between the coding and those to add.", "Code the new words separately.");
    const whole = { start: Math.min(was.start, more.start), end: Math.max(was.end, more.end) };
    return putUnited(standing, was, { ...was, ...whole }, true);
  },
  cut: (text, standing, told) => {
    const [was, words] = [inHand(standing, told), spanOf(told.to)];
    if (words.end <= was.start || words.start >= was.end) throw refuse("Those words are not in the coding.");
    const parts = [
      { start: was.start, end: words.start },
      { start: words.end, end: was.end },
    ];
    const rest = parts.flatMap((one) => (one.start < one.end ? (trimSpan(text, one) ?? []) : []));
    return { added: rest.map((one) => ({ ...was, ...one })), removed: [was] };
  },
};

/** @type {Record<string, string>} */
const PACK_SAYINGS = {
  apply: "Coded {words} with {code}.",
  reject: "Removed {code} from {words}.",
  note: "Noted on {code}.",
  recode: "Coded {words} with {code}.",
  move: "Moved {code}; it is on {words} now.",
  extend: "Added words to {code}; it is on {words} now.",
  cut: "Cut words out of {code}.",
};

/** @param {Pack} pack @param {string} code */
function codeName(pack, code) {
  return pack.codebook.codes.find((/** @type {any} */ one) => one.id === code)?.name ?? code;
}

/** Say what an act did: a sentence, and its name for undo. @param {Pack} pack @param {Done} done @param {string} op */
function tellDone(pack, done, op) {
  const one = done.added[0] ?? done.removed[0];
  if (!one) return { said: `Read ${done.read.join(", ")}.`, name: `read ${done.read.join(", ")}` };
  const n = countWords(partsOf(pack.texts[done.t], one).join(" "));
  const fill = { words: `${n} word${n === 1 ? "" : "s"}`, code: codeName(pack, one.code) };
  const said = (PACK_SAYINGS[op] ?? "Done.").replace("{words}", fill.words).replace("{code}", () => fill.code);
  return { said, name: `${op === "reject" ? "remove" : op} “${fill.code}”` };
}

/**
 * Carry out an act: what is to be written behind the log, and what is said; nothing when it stands so already.
 * @param {Pack} pack @param {Done[]} log @param {any} told @param {string} id
 */
export function carryOut(pack, log, told, id) {
  const text = pack.texts[told.t];
  const { given, read } = replay(pack, log, told.t);
  /** @type {Done} */
  const done = { id, t: told.t, name: "", added: [], removed: [], read: [], unread: [] };
  if (told.op === "seen") done.read = told.turns.filter((/** @type {string} */ one) => !read.has(one));
  else {
    const act = Object.hasOwn(PACK_ACTS, told.op) ? PACK_ACTS[told.op] : null;
    if (!act) throw refuse("This page cannot do that.", "It can be done in the study.");
    Object.assign(done, act(text, given, told));
    if (text.unit === "turn")
      done.read = done.added
        .flatMap((one) => turnsIn(text, one).map((turn) => turn.id))
        .filter((one) => !read.has(one));
    done.read = [...new Set(done.read)];
  }
  if (!done.added.length && !done.removed.length && !done.read.length) return null;
  const { said, name } = tellDone(pack, done, told.op);
  return { done: { ...done, name }, said };
}

/** Take an act back, or do it again: as one more act. @param {Pack} pack @param {Done[]} log @param {string} event @param {"undo" | "redo"} way @param {string} id */
export function goBackIn(pack, log, event, way, id) {
  const was = log.find((one) => one.id === event);
  if (!was) throw refuse("That cannot be taken back any more.");
  const [come, gone] = way === "undo" ? [was.removed, was.added] : [was.added, was.removed];
  const { given } = replay(pack, log, was.t);
  const isSame = (/** @type {Given} */ one) => versionOf(given.get(keyOfGiven(one))) === versionOf(one);
  const goneKeys = new Set(gone.map(keyOfGiven));
  if (!gone.every(isSame) || come.some((one) => given.has(keyOfGiven(one)) && !goneKeys.has(keyOfGiven(one))))
    throw refuse("What stands there was changed since. Take that back first.");
  const [read, unread] = way === "undo" ? [was.unread, was.read] : [was.read, was.unread];
  /** @type {Done} */
  const done = { id, t: was.t, name: was.name, added: come, removed: gone, read, unread };
  return done;
}

/** What stands on the turns of a transcript, as the page draws it. @param {Pack} pack @param {Done[]} log @param {string} name */
export function showTurns(pack, log, name) {
  const text = pack.texts[name];
  const { given, read } = replay(pack, log, name);
  const all = [...given.values()].sort((one, other) => one.start - other.start || other.end - one.end);
  /** @type {Record<string, any>} */
  const turns = {};
  for (const turn of text.turns) {
    const end = endOf(turn);
    const marks = all
      .filter((one) => one.start < end && one.end > turn.start)
      .map((one) => [one.start, one.end, one.code, one.verdict, versionOf(one), one.note]);
    turns[turn.id] = { marks, seen: read.has(turn.id) ? 2 : marks.length || turn.seen ? 1 : 0 };
  }
  return turns;
}

/** What stands on the turns that were touched since the log had a length. @param {Pack} pack @param {Done[]} log @param {string} name @param {number} since */
export function showNews(pack, log, name, since) {
  const text = pack.texts[name];
  const touched = new Set();
  for (const one of log.slice(since)) {
    if (one.t !== name) continue;
    for (const span of [...one.added, ...one.removed]) for (const turn of turnsIn(text, span)) touched.add(turn.id);
    for (const id of [...one.read, ...one.unread]) touched.add(id);
  }
  return Object.fromEntries(Object.entries(showTurns(pack, log, name)).filter(([id]) => touched.has(id)));
}

/** The file that is sent back. @param {Pack} pack @param {Done[]} log */
export function tellWork(pack, log) {
  const transcripts = pack.names.map((name) => {
    const { given, read } = replay(pack, log, name);
    const once = new Map();
    for (const one of [
      ...pack.texts[name].given,
      ...log.filter((each) => each.t === name).flatMap((each) => each.added),
    ])
      once.set(keyOfGiven(one), one);
    const place = (/** @type {Given} */ one) => ({ start: one.start, end: one.end, code: one.code });
    const order = (/** @type {Given} */ one, /** @type {Given} */ other) =>
      one.start - other.start || one.end - other.end || (one.code < other.code ? -1 : 1);
    return {
      id: name,
      text: pack.texts[name].digest,
      codings: [...given.values()]
        .sort(order)
        .map((one) => ({ ...place(one), ...(one.note ? { note: one.note } : {}) })),
      removed: [...once.values()]
        .filter((one) => !given.has(keyOfGiven(one)))
        .sort(order)
        .map(place),
      read: pack.texts[name].turns.map((turn) => turn.id).filter((turn) => read.has(turn)),
    };
  });
  const { id: study, coder, digest: codebook } = pack;
  return { format: "qualcode-coded", version: 1, study, coder, codebook, transcripts };
}

/**
 * Take in a file that was saved from this page or an earlier one of the same texts: acts to be written behind the log.
 * @param {Pack} pack @param {Done[]} log @param {any} told @param {(at: number) => string} nextId @returns {Done[]}
 */
export function takeWork(pack, log, told, nextId) {
  if (told?.format !== "qualcode-coded" || told.study !== pack.id || !Array.isArray(told.transcripts))
    throw refuse("This file does not belong to this study.");
  if (told.coder !== pack.coder) throw refuse(`This file is the work of ${told.coder}, not of ${pack.coder}.`);
  const known = new Set(pack.codebook.codes.map((/** @type {any} */ one) => one.id));
  const found = [];
  for (const one of told.transcripts) {
    const text = Object.hasOwn(pack.texts, one?.id) ? pack.texts[one.id] : null;
    if (!text || text.digest !== one.text)
      throw refuse(`${one?.id ?? "A transcript"} is another one here, or was corrected.`);
    const { given, read } = replay(pack, log, one.id);
    const end = endOf(text.turns[text.turns.length - 1]);
    const isGood = (/** @type {any} */ each) =>
      Number.isInteger(each?.start) &&
      Number.isInteger(each.end) &&
      each.start >= 0 &&
      each.start < each.end &&
      each.end <= end;
    if (![...one.codings, ...one.removed].every((each) => isGood(each) && known.has(each.code)))
      throw refuse(`A coding of ${one.id} has a code that is not in the codebook of this page.`);
    const added = one.codings
      .map((/** @type {any} */ each) => ({
        start: each.start,
        end: each.end,
        code: each.code,
        verdict: given.get(keyOfGiven(each))?.verdict ?? "h",
        note: typeof each.note === "string" ? each.note : (given.get(keyOfGiven(each))?.note ?? ""),
      }))
      .filter((/** @type {Given} */ each) => versionOf(given.get(keyOfGiven(each))) !== versionOf(each));
    const gone = one.removed.map((/** @type {any} */ each) => given.get(keyOfGiven(each))).filter(Boolean);
    const turns = new Set(text.turns.map((turn) => turn.id));
    const news = one.read.filter((/** @type {string} */ turn) => turns.has(turn) && !read.has(turn));
    const changed = added.map((/** @type {Given} */ each) => given.get(keyOfGiven(each))).filter(Boolean);
    if (added.length || gone.length || news.length)
      found.push({
        id: nextId(found.length),
        t: one.id,
        name: `open ${told.coder}-coded.json`,
        added,
        removed: [...gone, ...changed],
        read: news,
        unread: [],
      });
  }
  return found;
}
