// Elements made of data. Text is only ever set as text.

const MOUNTS = Symbol.for("qualcode.mounts"); // a notebook loads these modules once for each widget

/** A prefix for the ids of one component, which no other one in the document has. */
export function nextPrefix() {
  const home = /** @type {any} */ (globalThis);
  home[MOUNTS] = (home[MOUNTS] ?? 0) + 1;
  return `qc${home[MOUNTS]}-`;
}

/**
 * An element. Keys that begin with `on` are listeners, others attributes; `false`, `null` and `undefined` are left out.
 * @param {string} tag
 * @param {Record<string, any>} [told]
 * @param {...any} children
 * @returns {HTMLElement}
 */
export function el(tag, told = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(told)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  fill(made, children);
  return made;
}

/** Put children into an element. @param {Element} parent @param {any[]} children */
function fill(parent, children) {
  for (const child of children.flat(Number.POSITIVE_INFINITY)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child);
  }
}

/** Put these children in the place of those that are there. @param {Element} parent @param {...any} children */
export function refill(parent, ...children) {
  parent.replaceChildren();
  fill(parent, children);
}

/**
 * A button that leaves focus and selection where they are when it is clicked with a mouse.
 * @param {string} text @param {() => void} act @param {Record<string, any>} [told]
 */
export function button(text, act, told = {}) {
  const { key, ...rest } = told;
  return el(
    "button",
    { type: "button", onclick: act, onmousedown: (/** @type {Event} */ event) => event.preventDefault(), ...rest },
    text,
    key ? el("kbd", { "aria-hidden": "true" }, key) : null,
  );
}

/** A listener that does this instead of what the browser would do. @param {() => any} act @returns {(event: Event) => void} */
export function instead(act) {
  return (event) => {
    event.preventDefault();
    act();
  };
}

/** A text that may be broken behind each slash, as in “distortion/manipulation”. @param {string} text */
export function breakable(text) {
  return text.split(/(?<=[/／])/).flatMap((part, at) => (at ? [el("wbr"), part] : [part]));
}

/** @param {number} count @param {string} noun */
export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {string} text @param {number} length */
export function cutShort(text, length) {
  const flat = text.replace(/\s+/g, " ").trim();
  return [...flat].length > length ? `${[...flat].slice(0, length - 1).join("")}…` : flat;
}

/** Seconds as 1:02:03 or 2:03. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
