// The page that `qualcode code` serves: the component, with HTTP between it and the study.
import { App } from "./app.js";
import { readPage } from "./calling.js";

const { root, told, call } = readPage();
if (root)
  new App(root, call, told, {
    restart: told.restart,
    onShow: (name) => history.replaceState(null, "", `?t=${encodeURIComponent(name)}`),
    mediaOf: (name) => `media?t=${encodeURIComponent(name)}`,
  }).focusTurn();
