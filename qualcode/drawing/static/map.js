// The whole transcript on one small canvas: a hint where codes are, nothing that is not said elsewhere as well.
import { el } from "./dom.js";

/** @typedef {any} App */

/** @param {App} app */
export function makeMap(app) {
  const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { class: "map", "aria-hidden": "true" }));
  app.map = canvas;
  app.listen(canvas, "click", (/** @type {MouseEvent} */ event) => {
    const turns = app.t?.turns ?? [];
    if (!turns.length) return;
    const share = event.offsetY / canvas.clientHeight;
    app.goTo(turns[0].start + share * (turns[turns.length - 1].end - turns[0].start));
  });
  const observer = new ResizeObserver(() => drawMap(app));
  observer.observe(canvas);
  app.ending.signal.addEventListener("abort", () => observer.disconnect());
  return canvas;
}

/** Draw it when there is time: an act does not wait for a hint. @param {App} app */
export function drawMap(app) {
  if (app.mapDue) return;
  app.mapDue = true;
  const later = window.requestIdleCallback ?? ((/** @type {() => void} */ act) => setTimeout(act, 50));
  later(() => {
    app.mapDue = false;
    paintMap(app);
  });
}

/** @param {App} app */
function paintMap(app) {
  const canvas = app.map;
  const turns = app.t?.turns ?? [];
  const [width, height] = [canvas?.clientWidth ?? 0, canvas?.clientHeight ?? 0];
  if (!width || !height || !turns.length) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(ratio, ratio);
  const first = turns[0].start;
  const scale = height / Math.max(1, turns[turns.length - 1].end - first);
  const style = getComputedStyle(canvas);
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  for (const turn of turns) {
    pen.fillStyle = style.color;
    pen.globalAlpha = turn.asked ? 0.12 : 0.3;
    pen.fillRect(1, (turn.start - first) * scale, 4, Math.max(1, (turn.end - turn.start) * scale - 0.5));
    pen.globalAlpha = 1;
    for (const one of turn.marks) {
      if (one.verdict === "r" || one.verdict === "l" || (app.alone && one.code !== app.alone)) continue;
      pen.fillStyle = app.book.colours[app.book.byId.get(one.code)?.hue ?? 0] ?? style.color;
      pen.globalAlpha = one.verdict === "s" ? 0.45 : isDark ? 0.9 : 1;
      pen.fillRect(
        7,
        (Math.max(one.start, turn.start) - first) * scale,
        width - 8,
        Math.max(1.5, (Math.min(one.end, turn.end) - Math.max(one.start, turn.start)) * scale),
      );
    }
  }
}
