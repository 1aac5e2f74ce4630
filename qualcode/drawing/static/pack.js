// A pack: the component in one file that works from a disk, without a server. Work is kept in the browser, and in a file.
import { App } from "./app.js";
import { button, el } from "./dom.js";
import { toPoints } from "./points.js";
import { Memory } from "./state.js";
import { findTerm } from "./find.js";
import {
  addNewCode,
  carryOut,
  goBackIn,
  listFlags,
  replay,
  showCodes,
  showNews,
  showTurns,
  takeWork,
  tellWork,
  writeNote,
} from "./work.js";

/** @typedef {import("./work.js").Pack} Pack @typedef {import("./work.js").Done} Done */

/** What was done, in the browser's storage; a browser that stores nothing keeps it while the page is open. */
class Kept {
  /** @param {Pack} pack */
  constructor(pack) {
    this.key = `qualcode/pack/${pack.pack}`;
    this.memory = new Memory(this.key);
    /** @type {string[]} */ this.pins = this.memory.get("pins", pack.pins);
    /** @type {Done[]} */ this.log = [];
    this.text = "";
    this.isStored = true;
    this.saved = 0;
    this.read();
    try {
      this.saved = Number(localStorage.getItem(`${this.key}/saved`)) || 0;
    } catch {
      this.isStored = false;
    }
  }

  /** Remember that all is in a file. */
  markSaved() {
    this.saved = this.log.length;
    try {
      localStorage.setItem(`${this.key}/saved`, String(this.saved));
    } catch {
      this.isStored = false;
    }
  }

  /** Take in what another window did. */
  read() {
    try {
      const text = localStorage.getItem(this.key) ?? "";
      if (text === this.text || (!text && this.log.length)) return;
      const log = JSON.parse(text);
      if (Array.isArray(log)) this.log = log;
      this.text = text;
    } catch {
      this.isStored = false;
    }
  }

  /** @param {Done[]} more */
  add(more) {
    this.log = [...this.log, ...more];
    const text = JSON.stringify(this.log);
    try {
      localStorage.setItem(this.key, text);
      this.text = text;
      this.isStored = true;
    } catch {
      this.isStored = false; // no room, or a private window: the page then says to save the file
    }
  }

  /** Put a code on a digit, or none. @param {number} digit @param {string} code */
  pin(digit, code) {
    this.pins = this.pins.map((one, at) => (at + 1 === digit ? code : one));
    this.memory.put("pins", this.pins);
    return this.pins;
  }

  nextId() {
    return `${this.log.length + 1}-${Math.random().toString(36).slice(2, 8)}`;
  }
}

/** What the component asks for, answered by the page itself. @param {Pack} pack @param {Kept} kept @param {() => void} onAct @returns {import("./app.js").Call} */
function callPack(pack, kept, onAct) {
  const show = (/** @type {string} */ name) => {
    const text = pack.texts[name];
    const now = showTurns(pack, kept.log, name);
    return { ...text, mark: String(kept.log.length), turns: text.turns.map((one) => ({ ...one, ...now[one.id] })) };
  };
  const news = (/** @type {any} */ data) => {
    const since = Number(data.base ?? data.mark) || 0;
    const hasCodes = kept.log.slice(since).some((one) => one.codes?.length || one.uncodes?.length);
    const turns = showNews(pack, kept.log, data.t, since);
    return { mark: String(kept.log.length), turns, ...(hasCodes ? { codebook: showCodes(pack, kept.log) } : {}) };
  };
  const write = (/** @type {Done[]} */ more) => {
    kept.add(more);
    onAct();
  };
  const goBack = (/** @type {any} */ data, /** @type {"undo" | "redo"} */ way) => {
    const steps = way === "undo" ? [...data.steps].reverse() : data.steps;
    const before = kept.log;
    /** @type {Done[]} */
    const done = [];
    for (const one of steps)
      done.push(goBackIn(pack, [...before, ...done], one.event, way, `${kept.nextId()}${done.length || ""}`));
    write(done);
    const undo = way === "undo" ? data.steps : done.map((/** @type {Done} */ one) => ({ t: one.t, event: one.id }));
    const name = done[0]?.name ?? "";
    return { ...news(data), said: `${way === "undo" ? "Took back" : "Did again"}: ${name}.`, name, undo };
  };
  /** Write acts, and tell what is new. @param {any} data @param {{done: Done, said: string}[]} all @param {any} [more] */
  const tell = (data, all, more = {}) => {
    write(all.map((one) => one.done));
    const undo = all.map((one) => ({ t: one.done.t, event: one.done.id }));
    return {
      ...news(data),
      said: all.map((one) => one.said).join(" "),
      name: all[all.length - 1].done.name,
      undo,
      ...more,
    };
  };
  /** An act; one on several transcripts is one in each. @param {any} data */
  const act = (data) => {
    const named = { ...pack, codebook: showCodes(pack, kept.log) };
    const names = new Set((data.spans ?? []).map((/** @type {any} */ one) => one.t ?? data.t));
    if (!names.size) names.add(data.t);
    const all = [...names].flatMap((t, at) => {
      const spans = data.spans?.filter((/** @type {any} */ one) => (one.t ?? data.t) === t);
      return carryOut(named, kept.log, { ...data, t, spans }, `${kept.nextId()}${at || ""}`) ?? [];
    });
    if (!all.length) return { ...news(data), said: "That stands so already.", stands: 1 };
    return tell(data, all);
  };
  /** A new code, given to picked words or to the passage in hand. @param {any} data */
  const addCode = (data) => {
    const { done, said, code } = addNewCode(pack, kept.log, data, kept.nextId());
    const log = [...kept.log, done];
    const named = { ...pack, codebook: showCodes(pack, log) };
    const told = data.spans?.length
      ? { op: "apply", t: data.t, code, spans: data.spans }
      : data.recode
        ? { ...data.recode, op: "recode", t: data.t, to: code }
        : null;
    const given = told ? carryOut(named, log, told, `${done.id}-1`) : null;
    return tell(data, [{ done, said }, ...(given ? [given] : [])], { code });
  };
  /** @type {Record<string, (data: any) => any>} */
  const ops = {
    search: (data) => searchPack(pack, data),
    flags: () => ({ rows: listFlags(pack, kept.log) }),
    unsettled: () => ({ rows: [] }),
    memo: (data) => tell(data, [writeNote(pack, kept.log, { ...data, op: "memo" }, kept.nextId())]),
    flag: (data) => tell(data, [writeNote(pack, kept.log, data, kept.nextId())]),
    "code-add": addCode,
    pin: (data) => ({ pins: kept.pin(data.digit, data.code) }),
    transcript: (data) => show(data.t),
    changes: (data) => (data.mark === String(kept.log.length) ? {} : news(data)),
    counts: () => ({ rows: pack.names.map((name) => countPack(pack, kept.log, name)) }),
    act,
    undo: (data) => goBack(data, "undo"),
    redo: (data) => goBack(data, "redo"),
  };
  return async (op, data) => {
    if (!Object.hasOwn(ops, op)) throw { kind: "refused", message: "This page cannot do that." };
    kept.read();
    return structuredClone(ops[op](data));
  };
}

const AROUND = 90;
const MOST_HITS = 200;

/** The hits of a term, each with the words around it. @param {Pack} pack @param {any} data */
function searchPack(pack, data) {
  if (!data.term.trim()) throw { kind: "refused", message: "Type what to look for." };
  const rows = pack.names
    .filter((name) => !data.name || name === data.name)
    .flatMap((name) =>
      pack.texts[name].turns.flatMap((turn) =>
        findTerm(turn.text, data.term).map(({ start, end }) => ({
          t: name,
          turn: turn.id,
          who: turn.who,
          span: [turn.start + toPoints(turn.text, start), turn.start + toPoints(turn.text, end)],
          before: `${start > AROUND ? "…" : ""}${turn.text.slice(Math.max(0, start - AROUND), start)}`,
          quote: turn.text.slice(start, end),
          behind: `${turn.text.slice(end, end + AROUND)}${end + AROUND < turn.text.length ? "…" : ""}`,
        })),
      ),
    );
  return { rows: rows.slice(0, MOST_HITS), total: rows.length, term: data.term };
}

/** How far one is in a transcript. @param {Pack} pack @param {Done[]} log @param {string} name */
function countPack(pack, log, name) {
  const { given, read } = replay(pack, log, name);
  const turns = pack.texts[name].turns.filter((one) => !one.asked && !one.aside);
  const seen = turns.filter((one) => read.has(one.id)).length;
  return { t: name, unit: "turn", segments: turns.length, seen, coded: given.size, undecided: 0 };
}

/** Save the work as a file. @param {Pack} pack @param {Kept} kept */
function saveFile(pack, kept) {
  const blob = new Blob([JSON.stringify(tellWork(pack, kept.log), null, 1)], { type: "application/json" });
  const link = el("a", { href: URL.createObjectURL(blob), download: `${pack.coder}-coded.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(/** @type {HTMLAnchorElement} */ (link).href), 60_000);
  kept.markSaved();
}

/** Take in a file. @param {Pack} pack @param {Kept} kept @param {App} app @param {File | undefined} file */
async function openFile(pack, kept, app, file) {
  if (!file) return;
  try {
    kept.read();
    const more = takeWork(pack, kept.log, JSON.parse(await file.text()), () => kept.nextId());
    kept.add(more);
    await app.refresh({ isQuiet: true });
    app.say(more.length ? `Took in ${file.name}.` : `All of ${file.name} stands here already.`);
  } catch (error) {
    const told = /** @type {any} */ (error);
    app.say(told?.kind ? told.message : `${file.name} does not come from a page like this.`);
  }
}

/** Begin. @param {HTMLElement} root @param {Pack} pack */
function beginPack(root, pack) {
  const kept = new Kept(pack);
  const name = `${pack.coder}-coded.json`;
  const hint = el("span", { class: "packhint" });
  const draw = () => {
    const n = kept.log.length - kept.saved;
    hint.textContent = kept.isStored ? "" : `This browser keeps nothing: save ${name} before you close the page.`;
    save.textContent = n ? `Save ${name} •` : `Save ${name}`;
    save.title = n ? "There is work that is not in a file yet." : "Send this file back.";
  };
  const save = button("", () => {
    saveFile(pack, kept);
    draw();
    app.say(`Saved as ${name}, where your browser puts downloads. Send that file back.`);
  });
  const call = callPack(pack, kept, draw);
  const first = { ...pack.texts[pack.names[0]], mark: "" };
  const now = showTurns(pack, kept.log, pack.names[0]);
  const transcript = {
    ...first,
    mark: String(kept.log.length),
    turns: first.turns.map((one) => ({ ...one, ...now[one.id] })),
  };
  const data = { ...pack, id: `pack-${pack.pack}`, codebook: showCodes(pack, kept.log), pins: kept.pins };
  const app = new App(root, call, { ...data, transcript: structuredClone(transcript) }, {});
  const chooser = /** @type {HTMLInputElement} */ (
    el("input", { type: "file", accept: ".json,application/json", hidden: true, "aria-label": "File to open" })
  );
  const take = async () => {
    await openFile(pack, kept, app, chooser.files?.[0]);
    chooser.value = "";
    draw();
  };
  chooser.addEventListener("change", take);
  app.shell.querySelector(".head")?.append(
    save,
    button("Open a file", () => chooser.click()),
    chooser,
    hint,
  );
  window.addEventListener("beforeunload", (event) => {
    if (!kept.isStored && kept.log.length > kept.saved) event.preventDefault();
  });
  window.addEventListener("storage", () => app.refresh());
  draw();
  app.focusTurn();
}

const packRoot = document.getElementById("surface");
if (packRoot) beginPack(packRoot, JSON.parse(document.getElementById("data")?.textContent ?? "{}"));
