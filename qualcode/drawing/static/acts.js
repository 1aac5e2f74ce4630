// What a person does: each act is one request, and the screen changes when it is on disk.
import { cutShort, plural } from "./dom.js";
import { countWords } from "./words.js";
import { movePick, pickSentence, readSelection } from "./picking.js";
import { askDefinition, askExtend, askFlag, askHelp, askMemo, askNewCode, askNote, openPalette } from "./panel.js";
import { openSearch, walkHits } from "./lists.js";
import { answerHunch } from "./learned.js";
import { play } from "./player.js";
import { isUndecided } from "./state.js";

/** @typedef {any} App */
/** @typedef {{start: number, end: number}} Span */

/**
 * Send an act and take in its answer. @param {App} app @param {string} op @param {any} data
 * @param {{route?: string, keepRedo?: boolean}} [how]
 */
export async function send(app, op, data, how = {}) {
  const route = how.route ?? "act";
  const name = app.t?.id ?? "";
  const told = { op, t: name, base: app.t?.mark ?? "", ...data };
  const answer = await app.ask(route, told, "act");
  if (!answer) return null;
  app.takeIn(answer, told.t);
  if (answer.undo?.length) {
    app.undoing.push({ name: answer.name, steps: answer.undo });
    if (!how.keepRedo) app.redoing = [];
    app.keepTrail();
  }
  app.say(answer.said);
  app.drawPanel();
  return answer;
}

/** The versions of one's own codings that an act on picked words answers. @param {App} app @param {string} code @param {Span} span */
function sawOf(app, code, span) {
  const own = app.marksOn(span).find((/** @type {any} */ one) => one.code === code && !isUndecided(one));
  return own ? own.version : "";
}

/** @param {App} app */
function needPick(app) {
  if (!app.pick) app.say("Pick some words first.");
  return app.pick;
}

/** @param {App} app @returns {import("./state.js").Mark | null} */
function needHand(app) {
  const mark = app.markInHand();
  if (!mark) app.say("Nothing is in hand. Click a code beside the text, or marked words.");
  return mark;
}

/** What is in hand, unless it was only learned: that is on no sheet. @param {App} app */
function needFirm(app) {
  const mark = needHand(app);
  if (mark?.verdict !== "l") return mark;
  app.say("Accept it first; then it can be changed.");
  return null;
}

/** Give a code to the picked words. @param {App} app @param {string} code @param {Span | null} [pick] */
export async function giveCode(app, code, pick = app.pick) {
  const known = app.book.byId.get(code);
  if (!pick) {
    app.say("Pick some words first.");
    return;
  }
  if (known?.retired) {
    app.say(`${known.name} is retired: it is not given any more.`);
    return;
  }
  const met = app
    .marksOn(pick)
    .find((/** @type {any} */ one) => one.code === code && (one.verdict === "h" || one.verdict === "a"));
  if (met && (met.start !== pick.start || met.end !== pick.end)) {
    askExtend(app, code, met, pick);
    return;
  }
  await applyCode(app, code, [pick]);
}

/** @param {App} app @param {string} code @param {Span[]} spans */
export async function applyCode(app, code, spans) {
  const told = spans.map((span) => ({ span: [span.start, span.end], saw: sawOf(app, code, span) }));
  const answer = await send(app, "apply", { code, spans: told });
  if (!answer) return;
  app.rememberCode(code);
  app.takeNear(code, spans[0]);
}

/** Give a code to each turn of the pick on its own. @param {App} app @param {string} code @param {Span} pick */
export async function applyPerTurn(app, code, pick) {
  const spans = app
    .turnsOn(pick)
    .map((/** @type {any} */ turn) => ({ start: Math.max(turn.start, pick.start), end: Math.min(turn.end, pick.end) }));
  await applyCode(app, code, spans);
}

/** What names the coding in hand in a request. @param {import("./state.js").Mark} mark */
export function nameMark(mark) {
  return { code: mark.code, span: [mark.start, mark.end], saw: mark.version };
}

/** @param {App} app @param {"accept" | "reject"} op */
async function decide(app, op) {
  const mark = needHand(app);
  if (!mark) return;
  const isTurned = (op === "reject" && mark.verdict === "a") || (op === "accept" && mark.verdict === "r");
  if (isTurned && app.asked !== `${op} ${mark.key} ${mark.version}`) {
    app.asked = `${op} ${mark.key} ${mark.version}`;
    const name = app.nameOf(mark.code);
    app.say(
      op === "reject"
        ? `You accepted ${name} here. To refuse it all the same, press r again.`
        : `You refused ${name} here. To accept it all the same, press a again.`,
    );
    return;
  }
  app.asked = "";
  const answer =
    mark.verdict === "l" ? await answerHunch(app, app.hunchOf(mark), op) : await send(app, op, nameMark(mark));
  if (answer) app.takeNext(mark);
}

/** @param {App} app @param {string} op @param {any} more @param {Span} [goal] */
async function change(app, op, more, goal) {
  const mark = needFirm(app);
  if (!mark) return;
  const answer = await send(app, op, { ...nameMark(mark), ...more });
  if (answer) app.takeNear(more.to && typeof more.to === "string" ? more.to : mark.code, goal ?? mark);
}

/** @param {App} app @param {"move" | "cut" | "extend"} op @param {Span | null} pick */
async function reshape(app, op, pick) {
  if (!pick) app.say("Pick some words first.");
  else await change(app, op, { to: [pick.start, pick.end] }, op === "cut" ? undefined : pick);
}

/** Give the coding in hand another code. @param {App} app @param {string} code */
export async function recode(app, code) {
  await change(app, "recode", { to: code });
  app.rememberCode(code);
}

/** @param {App} app @param {import("./state.js").Mark} mark @param {string} note */
export function saveNote(app, mark, note) {
  return send(app, "note", { ...nameMark(mark), note });
}

/** Say that the turn was read, and go on. @param {App} app */
async function readOn(app) {
  const turn = app.turn;
  if (!turn) return;
  if (turn.seen !== 2 && !(await send(app, "seen", { turns: [turn.id] }))) return;
  app.goTurn(1, "counted");
}

/** Take back, or do again, what this window did; at first, the coder's latest act. @param {App} app @param {"undo" | "redo"} way */
async function goBack(app, way) {
  const [from, to] = way === "undo" ? [app.undoing, app.redoing] : [app.redoing, app.undoing];
  const last = from[from.length - 1];
  if (!last) {
    app.say(way === "undo" ? "There is nothing of yours to take back." : "Nothing was taken back in this window.");
    return;
  }
  const name = app.t?.id ?? "";
  const hand = app.markInHand();
  const answer = await app.ask(way, { t: name, base: app.t?.mark ?? "", steps: last.steps }, "act");
  if (!answer) {
    if (app.lastKind === "refused") from.pop();
    app.keepTrail();
    return;
  }
  from.pop();
  to.push({ name: answer.name, steps: answer.undo });
  app.keepTrail();
  app.takeIn(answer, name);
  if (hand && !app.markInHand()) app.takeNear(hand.code, hand); // what it was before is in hand
  app.say(answer.said);
  app.drawPanel();
  app.afterBack();
}

/** Everything that a key or a button does, by the names of the table of keys. @type {Record<string, (app: App, told: {pick: Span | null, digit?: number}) => any>} */
export const ACTS = {
  "sentence-next": (app) => pickSentence(app, 1),
  "sentence-before": (app) => pickSentence(app, -1),
  "start-later": (app) => movePick(app, "start", 1),
  "start-earlier": (app) => movePick(app, "start", -1),
  "end-earlier": (app) => movePick(app, "end", -1),
  "end-later": (app) => movePick(app, "end", 1),
  "pick-more": (app) => movePick(app, "end", 1),
  "pick-less": (app) => movePick(app, "end", -1),
  "turn-next": (app) => app.goTurn(1),
  "turn-before": (app) => app.goTurn(-1),
  read: (app) => readOn(app),
  skip: (app) => app.goTurn(1, "counted"),
  back: (app) => app.goTurn(-1, "counted"),
  digit: (app, { pick, digit }) => {
    const code = app.pins[(digit ?? 1) - 1];
    if (!code) app.say(`No code is pinned to ${digit}. Pin one in the list of codes.`);
    else return giveCode(app, code, pick);
  },
  palette: (app, { pick }) => (pick ? openPalette(app, "apply", pick) : needPick(app)),
  again: (app, { pick }) =>
    app.recent.length ? giveCode(app, app.recent[0], pick) : app.say("No code was given yet."),
  "new-code": (app, { pick }) => askNewCode(app, { name: pick ? cutShort(app.textOf(pick), 60) : "", pick }),
  accept: (app) => decide(app, "accept"),
  reject: (app) => decide(app, "reject"),
  recode: (app) => needFirm(app) && openPalette(app, "recode", null),
  move: (app, { pick }) => reshape(app, "move", pick),
  cut: (app, { pick }) => reshape(app, "cut", pick),
  extend: (app, { pick }) => reshape(app, "extend", pick),
  note: (app) => {
    const mark = needHand(app);
    if (mark && isUndecided(mark)) app.say("Decide first: a note belongs to a decision.");
    else if (mark) askNote(app, mark);
  },
  memo: (app, { pick }) => askMemo(app, pick),
  flag: (app, { pick }) => askFlag(app, pick),
  define: (app) => (app.shownCode() ? askDefinition(app, app.shownCode()) : needHand(app)),
  example: (app) => {
    const mark = needFirm(app);
    if (mark) return send(app, "", { ...nameMark(mark) }, { route: "code-example" });
  },
  undo: (app) => goBack(app, "undo"),
  redo: (app) => goBack(app, "redo"),
  search: (app) => openSearch(app),
  focus: (app) => app.focusCode(),
  "hit-next": (app) => walkHits(app, 1),
  "hit-before": (app) => walkHits(app, -1),
  play: (app) => play(app),
  drop: (app) => app.drop(),
  help: (app) => askHelp(app),
};

const LATER = new Set(["palette", "recode", "memo", "note", "flag", "new-code", "define"]);

/** Do what a key or a button stands for, after what is under way. @param {App} app @param {string} name @param {number} [digit] */
export function perform(app, name, digit) {
  readSelection(app);
  const told = { pick: app.pick, digit };
  if (name === "palette" && app.busy === 0) return ACTS[name](app, told);
  if (LATER.has(name) && app.busy === 0) return ACTS[name](app, told);
  return app.queue(() => ACTS[name](app, told));
}

/** What is picked, in words. @param {App} app @param {Span} span */
export function tellPick(app, span) {
  const n_turns = app.turnsOn(span).length;
  return `${plural(countWords(app.textOf(span)), "word")}${n_turns > 1 ? ` over ${n_turns} turns` : ""}`;
}
