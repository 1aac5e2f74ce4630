// The other views of the shell: each is drawn when it is opened.
import { el, refill } from "./dom.js";
import { drawLearned } from "./learned.js";
import { drawFlags, drawPassages, drawSearch, drawSuggestions } from "./lists.js";
import { drawCompare } from "./compare.js";
import { drawCodes } from "./codebook.js";
import { drawFigures } from "./figures.js";

/** @typedef {any} App */

/** @type {[string, string][]} */
export const VIEWS = [
  ["read", "Read"],
  ["suggestions", "Suggestions"],
  ["search", "Search"],
  ["flags", "Come back"],
  ["compare", "Compare"],
  ["codes", "Codes"],
  ["figures", "Figures"],
];

/** @type {Record<string, (app: App, box: HTMLElement, told: any) => any>} */
const DRAWING = {
  suggestions: (app, box, told) =>
    told.source === "learned" ? drawLearned(app, box, told) : drawSuggestions(app, box, told),
  search: drawSearch,
  flags: drawFlags,
  passages: drawPassages,
  compare: drawCompare,
  codes: drawCodes,
  figures: drawFigures,
};

/** Draw a view. @param {App} app @param {string} id @param {any} [told] */
export function drawView(app, id, told = {}) {
  const box = el("div", { class: `view view-${id}` });
  refill(app.other, box);
  app.viewTold = told;
  app.main.scrollTop = 0;
  const drawn = DRAWING[id](app, box, told);
  const focused = document.activeElement;
  // Keys work with the focus inside: where nothing of the view took it, the view has it.
  if (!focused || focused === document.body || app.reading.contains(focused)) app.other.focus({ preventScroll: true });
  return drawn;
}

/** Draw the view that is open anew, at the place where it is. @param {App} app */
export async function redrawView(app) {
  if (app.view === "read") return;
  const scroll = app.main.scrollTop;
  const told = app.viewTold;
  await drawView(app, app.view, { ...told, isQuiet: true }); // what was done is being said
  app.viewTold = told;
  app.main.scrollTop = scroll;
}
