// The recording of a transcript, played from the time of a turn.
import { clock, el, refill } from "./dom.js";

/** @typedef {any} App */

/** Make the player of a transcript, if there is something to play or to see. @param {App} app */
export function makePlayer(app) {
  const address = app.t?.media && app.mediaOf ? app.mediaOf(app.t.id) : "";
  app.player = null;
  app.playerBox.hidden = !address;
  if (!address) {
    refill(app.playerBox);
    return;
  }
  const label = `Recording of ${app.t.id}`;
  if (app.t.media === "image") {
    refill(app.playerBox, el("img", { src: address, alt: label }));
    return;
  }
  app.player = el(app.t.media === "video" ? "video" : "audio", {
    src: address,
    controls: true,
    preload: "metadata",
    "aria-label": label,
  });
  refill(app.playerBox, app.player);
}

/** Play from the turn, or stop. @param {App} app */
export function play(app) {
  const player = /** @type {HTMLMediaElement | null} */ (app.player);
  if (!player) {
    app.say(
      app.t?.media === "image" ? "The picture is above the text." : "There is no recording beside this transcript.",
    );
    return;
  }
  if (!player.paused) {
    player.pause();
    app.say(`Stopped at ${clock(player.currentTime)}.`);
    return;
  }
  const times = app.t.turns.slice(0, app.at + 1).map((/** @type {any} */ turn) => turn.time);
  const at = times.reverse().find((/** @type {number | undefined} */ time) => time !== undefined);
  if (at !== undefined) player.currentTime = at;
  player.play().catch((error) => {
    if (error.name !== "AbortError") app.say("The recording cannot be played here."); // the other is our own pause
  });
  app.say(`Playing from ${clock(player.currentTime)}.`);
}
