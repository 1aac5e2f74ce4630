// What a second coder does in a pack: acts without a study behind them. Pure: nothing here touches page or storage.
import { toPoints, toUnits } from "./points.js";
import { countWords } from "./words.js";

/**
 * @typedef {{start: number, end: number}} Span
 * @typedef {{start: number, end: number, code: string, verdict: string, note: string}} Given
 * @typedef {{about: string, text: string, flag: "" | "open" | "settled"}} Note a memo, or why one comes back to a place
 * @typedef {{id: string, name: string, under: string, definition: string}} NewCode
 * @typedef {{id: string, t: string, name: string, added: Given[], removed: Given[], read: string[], unread: string[],
 *   written?: Note[], erased?: Note[], codes?: NewCode[], uncodes?: NewCode[]}} Done
 * @typedef {{id: string, start: number, text: string, seen: number, [more: string]: any}} PackTurn
 * @typedef {{digest: string, given: Given[], unit: string, turns: PackTurn[], memos: Note[],
 *   sentences: [number, number][], [more: string]: any}} PackText
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
  const notes = new Map((text.memos ?? []).map((one) => [keyOfNote(one), one]));
  for (const one of log) {
    if (one.t !== name) continue;
    for (const gone of one.removed) given.delete(keyOfGiven(gone));
    for (const come of one.added) given.set(keyOfGiven(come), come);
    for (const id of one.unread) read.delete(id);
    for (const id of one.read) read.add(id);
    for (const gone of one.erased ?? []) notes.delete(keyOfNote(gone));
    for (const come of one.written ?? []) notes.set(keyOfNote(come), come);
  }
  return { given, read, notes };
}

/** A memo and a flag may stand in one place. @param {Note} one */
function keyOfNote(one) {
  return `${one.flag ? "flag" : "memo"} ${one.about}`;
}

/** The codes that were made in the pack. @param {Done[]} log @returns {Map<string, NewCode>} */
export function newCodes(log) {
  const found = new Map();
  for (const one of log) {
    for (const gone of one.uncodes ?? []) found.delete(gone.id);
    for (const come of one.codes ?? []) found.set(come.id, come);
  }
  return found;
}

/** The codebook with the codes that were made in the pack, each behind those below its parent. @param {Pack} pack @param {Done[]} log */
export function showCodes(pack, log) {
  const codes = [...pack.codebook.codes];
  for (const one of newCodes(log).values()) {
    const at = codes.findIndex((each) => each.id === one.under);
    const parent = at >= 0 ? codes[at] : null;
    const path = parent ? `${parent.path}/${one.id}` : one.id;
    let to = parent ? at + 1 : codes.length;
    while (parent && to < codes.length && codes[to].path.startsWith(`${parent.path}/`)) to++;
    const made = { id: one.id, name: one.name, path, level: parent ? parent.level + 1 : 0, definition: one.definition };
    codes.splice(to, 0, { ...made, colour: parent?.colour ?? NEW_COLOUR });
  }
  return { ...pack.codebook, codes };
}

const NEW_COLOUR = "#777777";

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

/** A coding in the place of another one, as one with those of its code that it meets. @param {Map<string, Given>} standing @param {Given} was @param {Given} now @param {boolean} isGreedy @param {(one: Given) => boolean} [touches] */
function putUnited(standing, was, now, isGreedy, touches = () => false) {
  const removed = [was];
  let made = now;
  for (const one of standing.values()) {
    if (one === was || one.code !== now.code) continue;
    const isMet = isGreedy
      ? (one.start < now.end && one.end > now.start) || touches(one)
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

/** The sentences that a passage touches. @param {PackText} text @param {Span} span @returns {Span} */
function growTo(text, span) {
  const touched = text.sentences.filter(([start, end]) => start < span.end && end > span.start);
  return {
    start: Math.min(span.start, ...touched.map((one) => one[0])),
    end: Math.max(span.end, ...touched.map((one) => one[1])),
  };
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
  apply: (text, standing, told) => {
    const made = told.spans.map((/** @type {any} */ one) => ({
      ...(told.grow === "sentence" ? growTo(text, spanOf(one.span)) : spanOf(one.span)),
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
    return putUnited(standing, was, { ...was, ...whole }, true, (one) => !isApart(text, one, more));
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

/** The words that a memo is about; of a turn, its id. @param {PackText} text @param {string} about @returns {{turn: PackTurn | undefined, span: Span | null}} */
function placeOf(text, about) {
  const [start, end] = about.split("-").map(Number);
  const span = end > start ? { start, end } : null;
  const turn = text.turns.find((one) => one.id === about || (span && endOf(one) > span.start));
  return { turn, span };
}

/** @param {Pack} pack @param {string} name @param {Note} note */
function tellNote(pack, name, note) {
  const text = pack.texts[name];
  const { span } = placeOf(text, note.about);
  const place = span ? `“${partsOf(text, span).join(" / ")}” in ${name}` : `${name}:${note.about}`;
  const words = `“${note.text}”`;
  if (note.flag === "settled") return { said: `Settled: ${words}.`, name: `settle ${words}` };
  if (note.flag) return { said: `You will find ${place} under Come back.`, name: `come back to ${place}` };
  return { said: `Memo on ${place} saved.`, name: `memo on ${place}` };
}

/**
 * Write a memo, mark a place to come back to, or say that one did: what is to be written behind the log, and what is said.
 * @param {Pack} pack @param {Done[]} log @param {any} told @param {string} id
 */
export function writeNote(pack, log, told, id) {
  const name = pack.names.find((one) => String(told.about ?? told.id).startsWith(`${one}:`)) ?? told.t;
  const { notes } = replay(pack, log, name);
  const isFlag = told.op === "flag" || told.op === "settle-flag";
  const key = told.op === "settle-flag" ? told.id.slice(name.length + 1) : "";
  const about = key ? key.slice("flag ".length) : told.about.slice(name.length + 1);
  const was = notes.get(key || keyOfNote({ about, text: "", flag: isFlag ? "open" : "" }));
  if (told.op === "settle-flag" && was?.flag !== "open") throw refuse("That is settled already.");
  if (!isFlag && (was?.text ?? "") !== (told.replaces ?? ""))
    throw refuse(
      "Another window of yours changed this memo meanwhile. Read it again, then write yours.",
      "",
      "conflict",
    );
  const text =
    told.op === "settle-flag" ? (was?.text ?? "") : String(told.text).trim() || (isFlag ? "Come back to this." : "");
  if (!text) throw refuse("The memo is empty.", "Write something.");
  /** @type {Note} */
  const now = { about, text, flag: told.op === "settle-flag" ? "settled" : isFlag ? "open" : "" };
  /** @type {Done} */
  const done = { id, t: name, name: "", added: [], removed: [], read: [], unread: [], written: [now] };
  if (was) done.erased = [was];
  const { said, name: named } = tellDone(pack, done, told.op);
  return { done: { ...done, name: named }, said };
}

/** A memo as the page shows it. @param {Pack} pack @param {string} name @param {Note} one */
function showNote(pack, name, one) {
  const told = { id: `${name}:${keyOfNote(one)}`, about: `${name}:${one.about}`, text: one.text, author: pack.coder };
  return { ...told, digest: one.text, ...(one.flag ? { flag: 1 } : {}) };
}

/** What one wants to come back to. @param {Pack} pack @param {Done[]} log */
export function listFlags(pack, log) {
  return pack.names.flatMap((name) => {
    const text = pack.texts[name];
    const open = [...replay(pack, log, name).notes.values()].filter((one) => one.flag === "open");
    const rows = open.map((one) => {
      const { turn, span: words } = placeOf(text, one.about);
      const span = words ?? { start: turn?.start ?? 0, end: turn ? endOf(turn) : 1 };
      const quote = partsOf(text, span).join(" / ").slice(0, 160);
      const { id, author } = showNote(pack, name, one);
      return {
        t: name,
        turn: turn?.id ?? "",
        span: [span.start, span.end],
        id,
        digest: one.text,
        why: one.text,
        author,
        quote,
      };
    });
    return rows.sort((one, other) => one.span[0] - other.span[0]);
  });
}

/** Add a code: what is to be written behind the log. @param {Pack} pack @param {Done[]} log @param {any} told @param {string} id */
export function addNewCode(pack, log, told, id) {
  const name = String(told.name).replace(/\s+/g, " ").trim();
  if (!name) throw refuse("The code has no name.", "Write one.");
  const alike = showCodes(pack, log).codes.find(
    (/** @type {any} */ one) => one.name.toLowerCase() === name.toLowerCase(),
  );
  if (alike) throw refuse(`There is a code “${alike.name}” already.`, "Give it, or choose another name.");
  /** @type {NewCode} */
  const made = {
    id: `new-${id}`,
    name,
    under: String(told.under ?? ""),
    definition: String(told.definition ?? "").trim(),
  };
  /** @type {Done} */
  const done = {
    id,
    t: told.t,
    name: `new code “${name}”`,
    added: [],
    removed: [],
    read: [],
    unread: [],
    codes: [made],
  };
  return { done, said: `New code ${name}.`, code: made.id };
}

/** Say what an act did: a sentence, and its name for undo. @param {Pack} pack @param {Done} done @param {string} op */
function tellDone(pack, done, op) {
  const note = done.written?.[0] ?? done.erased?.[0];
  if (note) return tellNote(pack, done.t, note);
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
  const { given, notes } = replay(pack, log, was.t);
  const [write, erase] = way === "undo" ? [was.erased, was.written] : [was.written, was.erased];
  const [make, unmake] = way === "undo" ? [was.uncodes, was.codes] : [was.codes, was.uncodes];
  if (!(erase ?? []).every((one) => notes.get(keyOfNote(one))?.text === one.text))
    throw refuse("The memo was changed since. Take that back first.");
  for (const gone of unmake ?? [])
    if (pack.names.some((name) => [...replay(pack, log, name).given.values()].some((one) => one.code === gone.id)))
      throw refuse(`${gone.name} is given by now, and would be gone.`, "Give those passages another code first.");
  const isSame = (/** @type {Given} */ one) => versionOf(given.get(keyOfGiven(one))) === versionOf(one);
  const goneKeys = new Set(gone.map(keyOfGiven));
  if (!gone.every(isSame) || come.some((one) => given.has(keyOfGiven(one)) && !goneKeys.has(keyOfGiven(one))))
    throw refuse("What stands there was changed since. Take that back first.");
  const [read, unread] = way === "undo" ? [was.unread, was.read] : [was.read, was.unread];
  /** @type {Done} */
  const done = { id, t: was.t, name: was.name, added: come, removed: gone, read, unread };
  const more = { written: write, erased: erase, codes: make, uncodes: unmake };
  return { ...done, ...Object.fromEntries(Object.entries(more).filter(([, value]) => value?.length)) };
}

/** What stands on the turns of a transcript, as the page draws it. @param {Pack} pack @param {Done[]} log @param {string} name */
export function showTurns(pack, log, name) {
  const text = pack.texts[name];
  const { given, read, notes } = replay(pack, log, name);
  const standing = [...notes.values()].filter((one) => one.flag !== "settled");
  const all = [...given.values()].sort((one, other) => one.start - other.start || other.end - one.end);
  /** @type {Record<string, any>} */
  const turns = {};
  for (const turn of text.turns) {
    const end = endOf(turn);
    const marks = all
      .filter((one) => one.start < end && one.end > turn.start)
      .map((one) => [one.start, one.end, one.code, one.verdict, versionOf(one), one.note]);
    const memos = standing
      .filter((one) => placeOf(text, one.about).turn === turn)
      .map((one) => showNote(pack, name, one));
    turns[turn.id] = { marks, memos, seen: read.has(turn.id) ? 2 : marks.length || turn.seen ? 1 : 0 };
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
    for (const note of [...(one.written ?? []), ...(one.erased ?? [])]) touched.add(placeOf(text, note.about).turn?.id);
  }
  return Object.fromEntries(Object.entries(showTurns(pack, log, name)).filter(([id]) => touched.has(id)));
}

/** The file that is sent back. @param {Pack} pack @param {Done[]} log */
export function tellWork(pack, log) {
  const transcripts = pack.names.map((name) => {
    const { given, read, notes } = replay(pack, log, name);
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
      memos: [...notes.values()].sort((one, other) => (keyOfNote(one) < keyOfNote(other) ? -1 : 1)),
    };
  });
  const { id: study, coder, digest: codebook } = pack;
  const codes = [...newCodes(log).values()];
  return { format: "qualcode-coded", version: 2, study, coder, codebook, codes, transcripts };
}

/**
 * Take in a file that was saved from this page or an earlier one of the same texts: acts to be written behind the log.
 * @param {Pack} pack @param {Done[]} log @param {any} told @param {(at: number) => string} nextId @returns {Done[]}
 */
export function takeWork(pack, log, told, nextId) {
  if (told?.format !== "qualcode-coded" || told.study !== pack.id || !Array.isArray(told.transcripts))
    throw refuse("This file does not belong to this study.");
  if (told.coder !== pack.coder) throw refuse(`This file is the work of ${told.coder}, not of ${pack.coder}.`);
  const { codes, ids } = takeCodes(pack, log, told.codes);
  const known = new Set([...pack.codebook.codes.map((/** @type {any} */ one) => one.id), ...ids.keys()]);
  const idOf = (/** @type {string} */ code) => ids.get(code) ?? code;
  /** @type {Done[]} */
  const found = [];
  for (const one of told.transcripts) {
    const text = Object.hasOwn(pack.texts, one?.id) ? pack.texts[one.id] : null;
    if (!text || text.digest !== one.text)
      throw refuse(`${one?.id ?? "A transcript"} is another one here, or was corrected.`);
    const { given, read, notes } = replay(pack, log, one.id);
    const end = endOf(text.turns[text.turns.length - 1]);
    const isGood = (/** @type {any} */ each) =>
      Number.isInteger(each?.start) &&
      Number.isInteger(each.end) &&
      each.start >= 0 &&
      each.start < each.end &&
      each.end <= end;
    if (![...one.codings, ...one.removed].every((each) => isGood(each) && known.has(each.code)))
      throw refuse(`A coding of ${one.id} has a code that is not in the codebook of this page.`);
    for (const each of [...one.codings, ...one.removed]) each.code = idOf(each.code);
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
    const memos = (Array.isArray(one.memos) ? one.memos : []).filter(
      (/** @type {any} */ each) =>
        isNote(text, each) && JSON.stringify(notes.get(keyOfNote(each))) !== JSON.stringify(copyNote(each)),
    );
    if (added.length || gone.length || news.length || memos.length)
      found.push({
        ...(memos.length
          ? {
              written: memos.map(copyNote),
              erased: memos.flatMap((/** @type {Note} */ each) => notes.get(keyOfNote(each)) ?? []),
            }
          : {}),
        id: nextId(found.length),
        t: one.id,
        name: `open ${told.coder}-coded.json`,
        added,
        removed: [...gone, ...changed],
        read: news,
        unread: [],
      });
  }
  if (codes.length) {
    const whole = { id: nextId(found.length), t: pack.names[0], name: "new codes", added: [], removed: [] };
    found.unshift({ ...whole, read: [], unread: [], codes });
  }
  return found;
}

/** Codes of a file: those that are to be made here, and by which id each of them goes. @param {Pack} pack @param {Done[]} log @param {any} told */
function takeCodes(pack, log, told) {
  const here = showCodes(pack, log).codes;
  /** @type {NewCode[]} */
  const codes = [];
  /** @type {Map<string, string>} */
  const ids = new Map();
  for (const one of Array.isArray(told) ? told : []) {
    if (
      ![one?.id, one?.name, one?.under, one?.definition].every((each) => typeof each === "string") ||
      !one.name.trim()
    )
      throw refuse("A code of this file cannot be read.");
    const alike = [...here, ...codes].find((each) => each.name.toLowerCase() === one.name.trim().toLowerCase());
    if (!alike)
      codes.push({
        id: one.id,
        name: one.name.trim(),
        under: ids.get(one.under) ?? one.under,
        definition: one.definition,
      });
    ids.set(one.id, alike?.id ?? one.id);
  }
  return { codes, ids };
}

/** @param {PackText} text @param {any} told */
function isNote(text, told) {
  const isText = typeof told?.about === "string" && typeof told.text === "string" && told.text.trim();
  return isText && ["", "open", "settled"].includes(told.flag) && Boolean(placeOf(text, told.about).turn);
}

/** @param {any} told @returns {Note} */
function copyNote(told) {
  return { about: told.about, text: told.text, flag: told.flag };
}
