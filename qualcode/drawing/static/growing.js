// A list that is drawn as it scrolls.
import { el } from "./dom.js";

const PAGE = 40;

/**
 * Draw the first items of a list, and more whenever its end comes near.
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {(item: T) => Node | Promise<Node>} make
 * @param {Element | null} [root] what scrolls; `null`: the window
 * @returns {{start: Promise<void>, drawAll: () => Promise<void>, stop: () => void}}
 */
export function growList(list, items, make, root = null) {
  let next = 0;
  let isStopped = false;
  /** @type {Promise<void>} */
  let drawing = Promise.resolve();
  const end = el("li", { class: "end", "aria-hidden": "true" });
  const drawPage = async () => {
    const page = items.slice(next, next + PAGE);
    next += page.length;
    const drawn = await Promise.all(page.map(make));
    if (isStopped) return;
    end.before(...drawn);
    if (next >= items.length) end.remove();
  };
  const draw = () => {
    drawing = drawing.then(drawPage);
    return drawing;
  };
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((one) => one.isIntersecting)) return;
      observer.unobserve(end);
      // Looked at anew after each page: what is still near asks for the next one.
      draw().then(() => {
        if (next < items.length && !isStopped) observer.observe(end);
      });
    },
    { root, rootMargin: "1500px" },
  );
  list.replaceChildren(end);
  const start = draw().then(() => {
    if (next < items.length && !isStopped) observer.observe(end);
  });
  return {
    start,
    drawAll: async () => {
      while (next < items.length && !isStopped) await draw();
    },
    stop: () => {
      isStopped = true;
      observer.disconnect();
    },
  };
}
