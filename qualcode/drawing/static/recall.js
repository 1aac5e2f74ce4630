// How much of a code is found, at least: the bound as a bar, its price, and the segments of the check to read next.
import { button, el, plural, refill } from "./dom.js";

/** @typedef {any} App */

const TARGETS = [80, 90, 95];

/** Show it; how segments are drawn and walked through is part of the parts.
 * @param {App} app @param {any} parts @param {{code: string, target?: number}} asked @param {number} [at] the row that gets the focus */
export async function drawRecall(app, parts, asked, at = -1) {
  const found = await app.ask("recall", asked);
  if (found && parts.box.isConnected) showRecall(app, parts, asked, found, at);
  else if (parts.box.isConnected) parts.hint.textContent = app.said.textContent;
}

/** @param {App} app @param {any} parts @param {{code: string, target?: number}} asked @param {any} found @param {number} [at] */
function showRecall(app, parts, asked, found, at = -1) {
  const again = (/** @type {number} */ number, /** @type {any} */ more = {}) =>
    drawRecall(app, parts, { ...asked, ...more }, number);
  const draw = async () => {
    const drawn = await app.queue(() => app.ask("draw-check", { ...asked, target: found.target }, "act"));
    if (drawn && parts.box.isConnected) showRecall(app, parts, asked, drawn, 0);
  };
  const everything = found.read + found.unread;
  parts.hint.textContent = `You have read ${found.read} of ${plural(everything, "segment")}; ${found.found} carry the code.`;
  refill(
    parts.trust,
    el(
      "div",
      { class: "recall" },
      drawBar(found),
      el("p", {}, tellBound(found)),
      targetSelect(found.target, (target) => again(-1, { target })),
      el("p", {}, tellPrice(found)),
      found.unread
        ? button(found.checks ? "Draw another check" : "Draw a check", draw, { class: found.checks ? "link" : "" })
        : null,
      found.tenths ? el("p", {}, found.tenths) : null,
    ),
  );
  const rows = found.rows.map((/** @type {any} */ row, /** @type {number} */ number) =>
    parts.drawRow(row, () => again(number)),
  );
  refill(
    parts.list,
    rows.map((/** @type {any} */ one) => one.element),
  );
  parts.list.onkeydown = (/** @type {KeyboardEvent} */ event) => parts.walk(event, rows);
  if (at >= 0) /** @type {HTMLElement} */ (rows[Math.min(at, rows.length - 1)]?.element ?? app.other).focus();
}

/** The least share that is found, with the wished one as a mark on it. @param {any} found */
function drawBar(found) {
  const share = found.recall_low === null ? 0 : Math.floor(1000 * found.recall_low) / 10;
  const told = found.recall_low === null ? "nothing is proved yet" : `at least ${share}%`;
  const bar = el(
    "div",
    {
      class: "bound",
      role: "meter",
      "aria-label": "Share that is found, at least",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-valuenow": String(share),
      "aria-valuetext": told,
    },
    el("span", { class: "fill" }),
    el("span", { class: "wish", title: `You wished ${found.target}%` }),
  );
  /** @type {HTMLElement} */ (bar.firstChild).style.inlineSize = `${share}%`;
  /** @type {HTMLElement} */ (bar.lastChild).style.insetInlineStart = `${found.target}%`;
  return bar;
}

/** @param {any} found */
function tellBound(found) {
  if (found.recall_low === null)
    return "Nothing is proved yet. A check is all that you have not read, in random order; what it shows bounds what is left.";
  const share = (Math.floor(1000 * found.recall_low) / 10).toFixed(1);
  const outside = found.outside
    ? ` ${plural(found.outside, "segment")} came after the draw; the claim does not cover them.`
    : "";
  const carry = found.checked_found === 1 ? "1 carries" : `${found.checked_found} carry`;
  return `You have found at least ${share}% of what you would give this code, with ${found.confidence}% confidence, at whatever moment you look. Of the check, ${found.checked} are read and ${carry} it.${outside}`;
}

/** @param {any} found */
function tellPrice(found) {
  if (!found.price)
    return found.checks
      ? `${found.target}% is shown. Stopping is for you to decide.`
      : "There is nothing left to read.";
  const price = `${plural(found.price, "segment")}${found.checks ? " more" : " of the check"}`;
  return `${found.target}% would take ${price} if none of them carries the code.`;
}

/** @param {number} target @param {(target: number) => void} act */
function targetSelect(target, act) {
  const options = [...new Set([...TARGETS, target])].sort((one, other) => one - other);
  const made = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { onchange: () => act(Number(made.value)) },
      options.map((one) => el("option", { value: String(one) }, `${one}%`)),
    )
  );
  made.value = String(target);
  return el("label", { class: "check" }, "Share that you wish to have found", made);
}
