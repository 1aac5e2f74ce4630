// The component in a notebook: messages of the widget between it and the study. Nothing of the study is in a trait.
import { App } from "./app.js";
import { el } from "./dom.js";

const PATIENCE = 20_000;
const SUPPRESS = "data-lm-suppress-shortcuts"; // JupyterLab looks for it on the very element that has the focus

/**
 * @typedef {{send: (told: any) => void, get: (name: string) => any, on: (name: string, act: any) => void,
 *   off: (name: string, act: any) => void}} Model
 */

/** Ask the study through the kernel. @param {Model} model @param {AbortSignal} signal @returns {import("./app.js").Call} */
function callModel(model, signal) {
  const name = Math.random().toString(36).slice(2); // every view of a widget gets all answers
  /** @type {Map<string, {resolve: (answer: any) => void, reject: (trouble: any) => void}>} */
  const waiting = new Map();
  let last = 0;
  let looking = ""; // a busy kernel is asked once whether anything changed, not once more every moment
  const take = (/** @type {any} */ told) => {
    if (told?.id === looking) looking = "";
    const asked = waiting.get(told?.id);
    if (!asked) return;
    waiting.delete(told.id);
    if (told.answer?.error) asked.reject(told.answer.error);
    else asked.resolve(told.answer);
  };
  model.on("msg:custom", take);
  signal.addEventListener("abort", () => model.off("msg:custom", take));
  return (op, data, kind) => {
    if (op === "changes" && looking) return Promise.resolve(null);
    last += 1;
    const id = `${name}-${last}`;
    if (op === "changes") looking = id;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        const late = kind === "act" ? " What you did is done when it is free again." : "";
        reject({ kind: "busy", message: `The notebook does not answer: it is busy, or its kernel has ended.${late}` });
      }, PATIENCE);
      const end = (/** @type {(value: any) => void} */ act) => (/** @type {any} */ value) => {
        clearTimeout(timer);
        act(value);
      };
      waiting.set(id, { resolve: end(resolve), reject: end(reject) });
      try {
        model.send({ id, op, data });
      } catch {
        waiting.get(id)?.reject({ kind: "gone" });
        waiting.delete(id);
      }
    });
  };
}

/** Keep the notebook from taking keys that are meant for the component. @param {HTMLElement} box */
function keepKeys(box) {
  box.addEventListener("focusin", (event) => /** @type {Element} */ (event.target).setAttribute(SUPPRESS, "true"));
  for (const name of ["keydown", "keyup", "keypress"]) box.addEventListener(name, (event) => event.stopPropagation());
}

/** Whether the notebook is dark, which may be another theme than the computer's; `null`: it does not say. */
function isDark() {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false";
  return vscodeThemeKind ? !vscodeThemeKind.includes("light") : null;
}

/** Look as the notebook does, now and when its theme changes. @param {HTMLElement} box @param {AbortSignal} signal */
function followTheme(box, signal) {
  const follow = () => {
    const dark = isDark();
    if (dark === null) return;
    box.style.setProperty("--scheme", dark ? "dark" : "light");
    for (const rule of [...document.styleSheets].flatMap(findDarkRules))
      rule.media.mediaText = dark ? "all" : "not all";
  };
  const observer = new MutationObserver(follow);
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind"] });
  signal.addEventListener("abort", () => observer.disconnect());
  follow();
}

/** What the component looks like in the dark. @param {CSSStyleSheet} sheet @returns {CSSMediaRule[]} */
function findDarkRules(sheet) {
  try {
    return /** @type {any[]} */ ([...sheet.cssRules]).filter(
      (rule) =>
        rule instanceof CSSMediaRule && /** @type {any} */ (rule.cssRules[0])?.style?.getPropertyValue("--ground"),
    );
  } catch {
    return []; // of another origin: not ours
  }
}

/** Show the component, and return what ends it. @param {{model: Model, el: HTMLElement}} told */
function render({ model, el: home }) {
  const ending = new AbortController();
  const call = callModel(model, ending.signal);
  const notice = el("p", { role: "status" }, "Opening …");
  const box = el("div", { class: "qc-notebook", [SUPPRESS]: "true" }, notice);
  box.style.height = `${Number(model.get("height")) || 640}px`;
  keepKeys(box);
  followTheme(box, ending.signal);
  home.append(box);
  /** @type {App | null} */ let app = null;
  const open = async () => {
    try {
      const told = await call("open", {}, "read");
      if (!ending.signal.aborted) app = new App(box, call, told, { restart: "this cell" });
    } catch (error) {
      const told = /** @type {any} */ (error);
      notice.textContent = told.message ? [told.message, told.hint].filter(Boolean).join(" ") : "Run this cell again.";
    }
  };
  open();
  return () => {
    ending.abort();
    app?.end();
    box.remove();
  };
}

export default { render };
