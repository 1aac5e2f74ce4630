// The pure functions of the page, in Node: node --test tests/surface
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { chooseCodings, codingsOn, joinPassages, readCodings, unitsOf } from "../../qualcode/drawing/static/codings.js";
import { countPoints, toPoints, toUnits } from "../../qualcode/drawing/static/points.js";
import { countWords, moveEdge, snap, trimBlanks } from "../../qualcode/drawing/static/words.js";
import { assignLanes, nest } from "../../qualcode/drawing/static/lanes.js";
import { filterCodes, findAlike } from "../../qualcode/drawing/static/filter.js";
import { readable } from "../../qualcode/drawing/static/state.js";
import { findTerm } from "../../qualcode/drawing/static/find.js";
import {
  addNewCode, carryOut, goBackIn, listFlags, showCodes, showNews, showTurns, takeWork, tellWork, writeNote,
} from "../../qualcode/drawing/static/work.js";

const shared = JSON.parse(readFileSync(new URL("./vectors.json", import.meta.url), "utf-8"));

test("offsets go there and back, in every script", () => {
  for (const text of ["plain", "a😀b", "👩‍👩‍👧 x", "🇭🇰!", "𨋢門", "e\u0301", "שלום", ""]) {
    const points = [...text];
    assert.equal(countPoints(text), points.length);
    points.forEach((_, at) => {
      const unit = points.slice(0, at).join("").length;
      assert.equal(toUnits(text, at), unit);
      assert.equal(toPoints(text, unit), at);
    });
  }
  assert.equal(toPoints("a😀b", 2), 1, "inside of a pair is its begin");
  assert.equal(toUnits("ab", 9), 2);
});

const pick = (text, start, end) => {
  const found = snap(text, start, end);
  return found && text.slice(found.start, found.end);
};

test("a pick is of whole words", () => {
  const text = "The dates clashed, didn't they? 大家都好忙😀。";
  assert.equal(pick(text, 5, 7), "dates");
  assert.equal(pick(text, 5, 13), "dates clashed");
  assert.equal(pick(text, 3, 10), "dates");
  assert.equal(pick(text, 20, 21), "didn't");
  assert.equal(pick(text, 10, 18), "clashed,", "what was picked on purpose stays");
  const at = text.indexOf("大");
  assert.equal(pick(text, at + 1, at + 2), "家");
  assert.equal(pick(text, at + 4, at + 6), "忙😀", "no half of a pair");
  assert.equal(pick(text, 3, 4), null, "a blank is no word");
  assert.equal(pick("so — well", 3, 4), null);
  assert.equal(pick("cafe\u0301 noir", 1, 3), "cafe\u0301");
  assert.equal(pick("שלום עולם", 1, 2), "שלום");
  assert.equal(pick("𨋢門口", 0, 1), "𨋢");
});

test("an exact pick keeps its letters, but no blanks and no half characters", () => {
  const exact = (text, start, end) => {
    const found = trimBlanks(text, start, end);
    return found && text.slice(found.start, found.end);
  };
  assert.equal(exact("The dates", 1, 6), "he da");
  assert.equal(exact("The dates", 3, 6), "da");
  assert.equal(exact("a👩‍👩‍👧b", 0, 3), "a👩‍👩‍👧");
  assert.equal(exact("a  b", 1, 3), null);
});

test("edges move as they do in Python", () => {
  for (const [text, start, end, edge, step, from, to] of shared.moves) {
    const units = (at) => toUnits(text, at);
    const moved = moveEdge(text, { start: units(start), end: units(end) }, edge, step, { start: 0, end: text.length });
    assert.deepEqual([toPoints(text, moved.start), toPoints(text, moved.end)], [from, to], JSON.stringify([text, start, end, edge, step]));
  }
});

test("words are counted as in Python", () => {
  for (const [text, n] of shared.counts) assert.equal(countWords(text), n, text);
});

test("lanes do not overlap, and what comes first is highest", () => {
  const spans = [[0, 10], [2, 4], [3, 8], [9, 12], [3, 5], [3, 6]].map(([start, end]) => ({ start, end }));
  assert.deepEqual(assignLanes(spans), [0, 1, 2, 1, -1, 3].map((lane, at) => (at === 4 ? -1 : lane)));
  let seed = 7;
  const random = (n) => ((seed = (seed * 48271) % 2147483647), seed % n);
  for (let round = 0; round < 200; round++) {
    const all = Array.from({ length: random(30) }, () => ({ start: random(50), end: 0 })).map((one) => ({ ...one, end: one.start + 1 + random(20) }));
    all.sort((a, b) => a.start - b.start);
    const lanes = assignLanes(all);
    for (let a = 0; a < all.length; a++)
      for (let b = 0; b < a; b++) if (lanes[a] >= 0 && lanes[a] === lanes[b]) assert.ok(all[a].start >= all[b].end || all[b].start >= all[a].end);
  }
});

test("marks nest: every letter is written once, under exactly the passages that it is in", () => {
  let seed = 11;
  const random = (n) => ((seed = (seed * 48271) % 2147483647), seed % n);
  for (let round = 0; round < 300; round++) {
    const spans = Array.from({ length: random(12) }, () => {
      const start = random(30);
      return { start, end: start + 1 + random(15) };
    });
    const [from, to] = [5, 35];
    const open = [];
    let at = from;
    for (const step of nest(spans, from, to)) {
      if ("open" in step) open.push(step.open);
      else if ("close" in step) assert.equal(open.pop(), step.close, "the last that was opened is closed");
      else {
        assert.equal(step.text[0], at);
        for (let place = step.text[0]; place < step.text[1]; place++) {
          const expected = spans.map((_, n) => n).filter((n) => spans[n].start <= place && place < spans[n].end);
          assert.deepEqual([...open].sort((a, b) => a - b), expected);
        }
        at = step.text[1];
      }
    }
    assert.equal(at, to);
    assert.deepEqual(open, []);
  }
});

test("passages that do not cross are one mark each", () => {
  const spans = [{ start: 0, end: 9 }, { start: 2, end: 5 }, { start: 2, end: 5 }, { start: 6, end: 8 }];
  assert.equal(nest(spans, 0, 10).filter((step) => "open" in step).length, 4);
});

const CODES = [
  { id: "turnover", name: "Personnel turnover", path: "challenges/turnover", definition: "Somebody leaves." },
  { id: "time", name: "Time", path: "challenges/time" },
  { id: "old", name: "Turn of the tide", path: "old", retired: 1 },
  { id: "chance", name: "Chance", path: "chance", definition: "A turn of fortune." },
  { id: "ecole", name: "École", path: "ecole" },
];

test("codes are found by name, path and definition, and given ones come first", () => {
  const ids = (words, recent = []) => filterCodes(CODES, words, recent).map((one) => one.id);
  assert.deepEqual(ids("turn"), ["turnover", "chance"]);
  assert.deepEqual(ids("ECOLE"), ["ecole"]);
  assert.deepEqual(ids("challenges"), ["turnover", "time"]);
  assert.deepEqual(ids("", ["time"])[0], "time");
  assert.deepEqual(ids("xyz"), []);
});

test("a code like one that exists is told", () => {
  assert.deepEqual(findAlike(CODES, "personal turnover").map((one) => one.id), ["turnover"]);
  assert.deepEqual(findAlike(CODES, "time").map((one) => one.id), ["time"]);
  assert.deepEqual(findAlike(CODES, "Weather"), []);
});

test("every colour stands out from both grounds", () => {
  const luminance = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((p) => (p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  for (const hex of ["#F0E442", "#000000", "#ffffff", "#56B4E9", "#E69F00", "#777777", "#0072B2"]) {
    assert.ok(contrast(luminance(readable(hex, "light")), 1) >= 3, hex);
    assert.ok(contrast(luminance(readable(hex, "dark")), luminance("#1b1d1f")) >= 3, hex);
  }
});

// -- a pack: acts without a study behind them ---------------------------------------------------------------------------

// Two turns with a label between them: "Ben: " stands at 7 to 12, and an emoji is one code point.
const PACK = {
  pack: "p", study: "S", id: "s1", coder: "ben", digest: "d", names: ["T"],
  codebook: { codes: [{ id: "a", name: "A" }, { id: "b", name: "B" }] },
  texts: {
    T: {
      digest: "x", unit: "sentence", given: [],
      turns: [
        { id: "t1", start: 0, text: "ab 😀 cd", seen: 0 },
        { id: "t2", start: 12, text: "ef gh", seen: 0 },
      ],
    },
  },
};

/** Carry acts out one after the other; each names what it answers as the page would. */
function carryOutAll(...acts) {
  const log = [];
  for (const [at, told] of acts.entries()) {
    const found = carryOut(PACK, log, { t: "T", ...told }, `e${at}`);
    if (found) log.push(found.done);
  }
  return log;
}

const standing = (log) => tellWork(PACK, log).transcripts[0].codings;
const give = (code, start, end) => ({ op: "apply", code, spans: [{ span: [start, end] }] });

test("words cut out of the middle leave two passages without blanks, in code points", () => {
  const log = carryOutAll(give("a", 0, 7), { op: "cut", code: "a", span: [0, 7], saw: "h:", to: [3, 4] });
  assert.deepEqual(standing(log), [
    { start: 0, end: 2, code: "a" },
    { start: 5, end: 7, code: "a" },
  ]);
});

test("of a passage over two turns, the label between them is no rest", () => {
  const log = carryOutAll(give("a", 0, 17), { op: "cut", code: "a", span: [0, 17], saw: "h:", to: [0, 7] });
  assert.deepEqual(standing(log), [{ start: 12, end: 17, code: "a" }]);
});

test("words are added only when no others lie between", () => {
  const add = (to) => () => carryOutAll(give("a", 0, 2), { op: "extend", code: "a", span: [0, 2], saw: "h:", to });
  assert.deepEqual(standing(add([2, 4])()), [{ start: 0, end: 4, code: "a" }]);
  assert.deepEqual(standing(add([5, 7])()), [{ start: 0, end: 7, code: "a" }]); // an emoji is no word
  assert.throws(add([15, 17]), { kind: "refused" });
});

test("a coding that is touched when words are added is one with it", () => {
  const log = carryOutAll(
    give("a", 0, 2), give("a", 12, 14), give("a", 15, 17),
    { op: "extend", code: "a", span: [12, 14], saw: "h:", to: [13, 14] },
  );
  assert.deepEqual(standing(log), [{ start: 0, end: 2, code: "a" }, { start: 12, end: 17, code: "a" }]);
});

test("a recoded passage keeps its note, and joins that of the same words", () => {
  const log = carryOutAll(
    give("a", 0, 2), { op: "note", code: "a", span: [0, 2], saw: "h:", note: " one " },
    give("b", 0, 2), { op: "note", code: "b", span: [0, 2], saw: "h:", note: "two" },
    { op: "recode", code: "a", span: [0, 2], saw: "h:one", to: "b" },
  );
  assert.deepEqual(standing(log), [{ start: 0, end: 2, code: "b", note: "one\ntwo" }]);
  assert.deepEqual(tellWork(PACK, log).transcripts[0].removed, [{ start: 0, end: 2, code: "a" }]);
});

test("an act on what another window changed is refused", () => {
  assert.throws(() => carryOutAll(give("a", 0, 2), { op: "reject", code: "a", span: [0, 2], saw: "h:old" }), {
    kind: "conflict",
  });
});

test("undo and redo give back what stood, and nothing else", () => {
  const log = carryOutAll(give("a", 0, 2), { op: "seen", turns: ["t1"] }, give("b", 12, 14));
  const before = tellWork(PACK, log);
  const undone = [...log, goBackIn(PACK, log, "e0", "undo", "u")];
  assert.deepEqual(standing(undone), [{ start: 12, end: 14, code: "b" }]);
  assert.deepEqual(Object.keys(showNews(PACK, undone, "T", 3)), ["t1"]);
  assert.throws(() => goBackIn(PACK, undone, "e0", "undo", "v"), { kind: "refused" });
  assert.deepEqual(tellWork(PACK, [...undone, goBackIn(PACK, undone, "e0", "redo", "r")]), before);
});

test("a file is taken in once, whatever stood there", () => {
  const log = carryOutAll(give("a", 0, 2), { op: "seen", turns: ["t2"] });
  const told = JSON.parse(JSON.stringify(tellWork(PACK, log)));
  const taken = takeWork(PACK, [], told, (at) => `n${at}`);
  assert.deepEqual(tellWork(PACK, taken), told);
  assert.deepEqual(takeWork(PACK, taken, told, (at) => `m${at}`), []);
  assert.throws(() => takeWork(PACK, [], { ...told, coder: "ana" }, () => ""), { kind: "refused" });
  told.transcripts[0].codings[0].end = 99;
  assert.throws(() => takeWork(PACK, [], told, () => ""), { kind: "refused" });
});

test("codings are read from what counts on from one to the next, and chosen as a number counts them", () => {
  // Two transcripts; codes 0 (above 1), 1 and 2; units 0 and 1 in the first, 2 in the second; one coding of an interviewer.
  const codings = readCodings({
    per_talk: [4, 1],
    start: [5, 0, 10, 20, 7],
    length: [4, 4, 30, 2, 3],
    code: [1, 2, 2, 1, 1],
    unit: [0, 0, 0, null, 2],
    more: { 2: [1] },
    unit_case: [0, 1, 1],
    why: [0, 1, 1, 0],
    reasons: [["a", "x"], ["b", ""]],
  });
  const below = (code) => (code === 0 ? [0, 1] : [code]);
  assert.deepEqual([...codings.start], [5, 5, 15, 35, 7]);
  assert.deepEqual([...codings.end], [9, 9, 45, 37, 10]);
  assert.deepEqual([...codings.why], [0, 1, 1, -1, 0]);
  assert.deepEqual(unitsOf(codings, 2), [0, 1]);
  assert.deepEqual(chooseCodings(codings, { k: 0 }, below), [0, 4]);
  assert.deepEqual(chooseCodings(codings, { k: 0, t: 1 }, below), [4]);
  assert.deepEqual(chooseCodings(codings, { k: 2, c: 1 }, below), [2]);
  assert.deepEqual(chooseCodings(codings, { k: 0, o: 2 }, below), [0, 1, 2]);
  assert.deepEqual(joinPassages(codings, [0, 1, 2]), [[0, 1], [2]]);
  assert.deepEqual(codingsOn(codings, 0, 9, 36), [2, 3]);
});

/** The log with one act more. */
const also = (log, found) => [...log, found.done];

test("memos and flags are written, changed, settled, and undone", () => {
  const first = also([], writeNote(PACK, [], { op: "memo", about: "T:t1", text: " one " }, "m0"));
  assert.throws(() => writeNote(PACK, first, { op: "memo", about: "T:t1", text: "two" }, "m1"), { kind: "conflict" });
  const second = also(first, writeNote(PACK, first, { op: "memo", about: "T:t1", text: "two", replaces: "one" }, "m1"));
  const third = also(second, writeNote(PACK, second, { op: "flag", about: "T:12-14", text: "" }, "m2"));
  assert.deepEqual(tellWork(PACK, third).transcripts[0].memos, [
    { about: "12-14", text: "Come back to this.", flag: "open" }, { about: "t1", text: "two", flag: "" },
  ]);
  const [flag] = listFlags(PACK, third);
  assert.deepEqual([flag.t, flag.span, flag.quote], ["T", [12, 14], "ef"]);
  assert.equal(showTurns(PACK, third, "T").t2.memos.length, 1);
  const fourth = also(third, writeNote(PACK, third, { op: "settle-flag", id: flag.id, t: "T" }, "m3"));
  assert.deepEqual(listFlags(PACK, fourth), []);
  const back = [...second, goBackIn(PACK, second, "m1", "undo", "u1")];
  assert.deepEqual(tellWork(PACK, back).transcripts[0].memos, [{ about: "t1", text: "one", flag: "" }]);
  assert.throws(() => goBackIn(PACK, back, "m1", "undo", "u2"), { kind: "refused" });
  const none = [...back, goBackIn(PACK, back, "m0", "undo", "u2")];
  assert.deepEqual(tellWork(PACK, none).transcripts[0].memos, []);
});

test("a new code stands below its parent, and goes only while nothing has it", () => {
  const made = addNewCode(PACK, [], { t: "T", name: " C  d ", under: "", definition: "x" }, "c0");
  const log = also([], made);
  assert.deepEqual(showCodes(PACK, log).codes.map((one) => one.name), ["A", "B", "C d"]);
  assert.throws(() => addNewCode(PACK, log, { t: "T", name: "c D" }, "c1"), { kind: "refused" });
  const given = also(log, carryOut(PACK, log, { t: "T", ...give(made.code, 0, 2) }, "e1"));
  assert.throws(() => goBackIn(PACK, given, "c0", "undo", "u"), { kind: "refused" });
  assert.deepEqual(showCodes(PACK, [...log, goBackIn(PACK, log, "c0", "undo", "u")]).codes.length, 2);
  const told = JSON.parse(JSON.stringify(tellWork(PACK, given)));
  const taken = takeWork(PACK, [], told, (at) => `n${at}`);
  assert.deepEqual(tellWork(PACK, taken), told);
});

test("words are found as they are written, with stars and gaps, in any case", () => {
  const find = (text, term) => findTerm(text, term).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(find("Mentors, a mentor; MENTORING.", "mentor*"), ["Mentors", "mentor", "MENTORING"]);
  assert.deepEqual(find("A mentor and mentors.", "mentor"), ["mentor"]);
  assert.deepEqual(find("He dropped right out. Out.", "dropped ... out"), ["dropped right out"]);
  assert.deepEqual(find("drop a b c d e out", "drop ... out"), ["drop a b c d e out"]);
  assert.deepEqual(find("drop a b c d e f out", "drop ... out"), []);
  assert.deepEqual(find("We drop. Out it goes.", "drop ... out"), []);
  assert.deepEqual(find("find a  date, find a day", "find a date"), ["find a  date"]);
  assert.deepEqual(find("大家都好忙😀，大家", "大家"), ["大家", "大家"]);
  assert.deepEqual(find("don’t, DON'T", "don't"), ["don’t", "DON'T"]);
  assert.deepEqual(find("ＣＬＡＰ a.b", "clap"), ["ＣＬＡＰ"]);
  for (const term of ["", "...", "*", "(.", "??"]) assert.deepEqual(find("anything (at) all", term), []);
});
