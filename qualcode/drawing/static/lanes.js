// Lanes under the text, and the order in which marks open and close. Pure.

/** @typedef {{start: number, end: number}} Stretch */

export const LANES = 4;

/**
 * The lane of each passage: the highest that is free along its whole length; -1 when none of the four is.
 * @param {Stretch[]} passages sorted by start
 * @returns {number[]}
 */
export function assignLanes(passages) {
  const ends = new Array(LANES).fill(-1);
  const order = passages.map((_, at) => at);
  order.sort((a, b) => passages[a].start - passages[b].start || passages[b].end - passages[a].end || a - b);
  const lanes = new Array(passages.length).fill(-1);
  for (const at of order) {
    const lane = ends.findIndex((end) => end <= passages[at].start);
    if (lane >= 0) ends[lane] = passages[at].end;
    lanes[at] = lane;
  }
  return lanes;
}

/** @typedef {{open: number} | {close: number} | {text: [number, number]}} Step */

/**
 * How to write a stretch of text with its passages: what opens, closes, and is written in between. A passage is one
 * mark; only where two cross, the one that reaches further is closed and opened again.
 * @param {Stretch[]} passages
 * @param {number} start
 * @param {number} end
 * @returns {Step[]}
 */
export function nest(passages, start, end) {
  const clipped = passages.map((one) => ({ start: Math.max(one.start, start), end: Math.min(one.end, end) }));
  const order = clipped.map((_, at) => at).filter((at) => clipped[at].start < clipped[at].end);
  order.sort((a, b) => clipped[a].start - clipped[b].start || clipped[b].end - clipped[a].end || a - b);
  const cuts = [...new Set([start, end, ...order.flatMap((at) => [clipped[at].start, clipped[at].end])])];
  cuts.sort((a, b) => a - b);
  /** @type {Step[]} */
  const steps = [];
  /** @type {number[]} */
  const open = [];
  let next = 0;
  cuts.forEach((cut, number) => {
    const first = open.findIndex((at) => clipped[at].end === cut);
    if (first >= 0) {
      const closed = open.splice(first);
      for (const at of closed.slice().reverse()) steps.push({ close: at });
      for (const at of closed.filter((one) => clipped[one].end > cut)) {
        steps.push({ open: at });
        open.push(at);
      }
    }
    for (; next < order.length && clipped[order[next]].start === cut; next++) {
      steps.push({ open: order[next] });
      open.push(order[next]);
    }
    if (number + 1 < cuts.length) steps.push({ text: [cut, cuts[number + 1]] });
  });
  return steps;
}
