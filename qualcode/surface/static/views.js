// The other views of the shell: each is drawn when it is opened.
import { refill } from "./dom.js";
import { drawSearch } from "./lists.js";

/** @typedef {any} App */

/** @type {[string, string][]} */
export const VIEWS = [
  ["read", "Read"],
  ["search", "Search"],
];

/** @type {Record<string, (app: App, told?: any) => any>} */
const DRAWING = { search: drawSearch };

/** Draw a view. @param {App} app @param {string} id @param {any} [told] */
export function drawView(app, id, told) {
  refill(app.other);
  return DRAWING[id](app, told);
}
