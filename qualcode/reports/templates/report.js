"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const split = (text) => (text ? text.split(" ") : []);

  // Every count, and every mark of a figure, leads to its section of quotes; here it opens them in a dialog instead.
  const dialog = byId("opened");
  const quotes = all("#quotes li[data-p]");

  const codesBelow = (code) => new Set(split(byId(`q-${code}`).dataset.below));
  const unitsOf = (codes) => new Set(quotes.filter((q) => codes.has(q.dataset.k)).flatMap((q) => split(q.dataset.u)));

  function choose({ k, c, o, t }) {
    let codes = codesBelow(k);
    let units = null;
    if (o !== undefined) {
      const others = codesBelow(o);
      const shared = unitsOf(others);
      units = new Set([...unitsOf(codes)].filter((unit) => shared.has(unit)));
      codes = new Set([...codes, ...others]);
    }
    return quotes.filter(
      (q) =>
        codes.has(q.dataset.k) &&
        (c === undefined || split(q.dataset.c).includes(c)) &&
        (t === undefined || q.dataset.t === t) &&
        (units === null || split(q.dataset.u).some((unit) => units.has(unit))),
    );
  }

  // A passage with several codes is shown once, with the names of all of them.
  function merge(chosen) {
    const passages = new Map();
    for (const quote of chosen) {
      const name = byId(`q-${quote.dataset.k}`).dataset.name;
      if (passages.has(quote.dataset.p)) {
        passages.get(quote.dataset.p).names.push(name);
      } else {
        passages.set(quote.dataset.p, { quote, names: [name] });
      }
    }
    return [...passages.entries()].sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
  }

  function show(link) {
    const passages = merge(choose(link.dataset));
    const isOneCode = new Set(passages.flatMap((passage) => passage.names)).size === 1;
    const list = dialog.querySelector("ol");
    list.replaceChildren(
      ...passages.map(({ quote, names }) => {
        const item = quote.cloneNode(true);
        if (isOneCode) return item;
        const label = document.createElement("p");
        label.className = "from";
        label.textContent = names.join(" · ");
        item.prepend(label);
        return item;
      }),
    );
    byId("opened-title").textContent = link.dataset.title;
    byId("opened-note").textContent = passages.length === 1 ? "1 passage" : `${passages.length} passages`;
    dialog.showModal();
    dialog.scrollTop = 0;
  }

  // A place in a transcript must be visible before the browser goes there.
  function reveal(target) {
    if (!target) return;
    const turn = target.closest(".turn");
    if (turn && turn.hidden) reset();
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[href^='#']");
    if (link && link.matches("a.n")) {
      event.preventDefault();
      show(link);
    } else if (link) {
      if (dialog.open) dialog.close();
      reveal(byId(decodeURIComponent(link.getAttribute("href").slice(1))));
    } else if (event.target === dialog || event.target.closest("#opened button")) {
      dialog.close();
    }
  });

  // The transcripts: show the turns with a code, with certain words, or with any code.
  const tools = byId("tools");
  if (!tools) return;
  const code = byId("by-code");
  const words = byId("by-words");
  const coded = byId("only-coded");
  const turns = all(".turn").map((node) => ({ node, codes: split(node.dataset.k), text: null }));
  const marks = all("mark");

  function filter() {
    const wanted = code.value === "" ? null : codesBelow(code.value);
    const sought = words.value.trim().toLowerCase();
    let shown = 0;
    for (const turn of turns) {
      turn.text ??= turn.node.querySelector(".talk").textContent.toLowerCase();
      const fits =
        (!wanted || turn.codes.some((one) => wanted.has(one))) &&
        (!coded.checked || turn.codes.length > 0) &&
        (!sought || turn.text.includes(sought));
      turn.node.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const mark of marks) mark.classList.toggle("off", wanted !== null && !wanted.has(mark.dataset.k));
    tools.querySelector("output").textContent = `${shown} of ${turns.length} turns`;
  }

  function reset() {
    code.value = "";
    words.value = "";
    coded.checked = false;
    filter();
  }

  let timer = 0;
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 150);
  });
  code.addEventListener("change", filter);
  coded.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.hidden = false;
  filter();
  if (location.hash) reveal(byId(decodeURIComponent(location.hash.slice(1))));
})();
