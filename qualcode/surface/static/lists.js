// Lists of passages: hits of a search, suggestions, passages of a code, and what one wants to come back to.

/** @typedef {any} App */

/** @param {App} app */
export function openSearch(app) {
  app.openView("search");
}

/** @param {App} app */
export function drawSearch(app) {
  app.other.append("…");
}

/** @param {App} app @param {1 | -1} step */
export function walkHits(app, step) {
  app.say(step ? "Nothing was searched yet." : "");
}
