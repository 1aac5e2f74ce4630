// Tables and figures of what is coded so far; each number opens its passages.
import { button, el, refill } from "./dom.js";

/** @typedef {any} App */

/** @param {App} app @param {HTMLElement} box @param {any} told */
export async function drawFigures(app, box, told) {
  const whose = told.whose ?? "mine";
  const select = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "aria-label": "Whose codings", onchange: () => app.openView("figures", { ...told, whose: select.value }) },
      el("option", { value: "mine" }, `what ${app.data.coder} coded`),
      el("option", { value: "all" }, "what everybody coded"),
    )
  );
  select.value = whose;
  const bar = el("div", { class: "bar" }, select);
  refill(box, el("h1", {}, "Figures and tables"), bar, "…");
  const answer = await app.ask("themes", { whose });
  if (!box.isConnected) return;
  if (!answer) {
    refill(box, el("h1", {}, "Figures and tables"), bar, el("p", { class: "hint" }, app.said.textContent));
    return;
  }
  const figure = el("div", { class: "figure" });
  for (const [kind, caption] of answer.kinds)
    bar.append(button(caption, () => drawFigure(app, figure, kind, caption, whose), { class: "kind" }));
  refill(box, el("h1", {}, "Figures and tables"), bar, figure, drawTable(app, answer, whose));
}

/** @param {App} app @param {any} answer @param {string} whose */
function drawTable(app, answer, whose) {
  const heads = ["segments", "words", "transcripts", "cases"];
  const open = (/** @type {any} */ row) =>
    app.openView("passages", {
      op: "quotes",
      asked: { code: row.code, whose },
      title: row.name,
      from: "figures",
      back: { whose },
    });
  const id = `${app.prefix}counted`; // beside the table: its lines are as long as the screen, and not as the table
  const made = el(
    "div",
    { class: "tablebox" },
    el(
      "table",
      { "aria-label": "Themes", "aria-describedby": id },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, "Code"),
          heads.map((one) => el("th", { scope: "col", class: "number" }, one)),
        ),
      ),
      el(
        "tbody",
        {},
        answer.rows.map((/** @type {any} */ row) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, el("span", { class: `indent level${Math.min(row.level - 1, 6)}` }), row.name),
            heads.map((one, at) =>
              el(
                "td",
                { class: "number" },
                row[one] && at === 0
                  ? button(String(row[one]), () => open(row), {
                      class: "link",
                      "aria-label": `${row[one]} ${one} with ${row.name}`,
                    })
                  : String(row[one]),
              ),
            ),
          ),
        ),
      ),
    ),
  );
  return el("div", {}, el("p", { id, class: "counted" }, answer.caption), made);
}

/** @param {App} app @param {HTMLElement} box @param {string} kind @param {string} caption @param {string} whose */
async function drawFigure(app, box, kind, caption, whose) {
  refill(box, "…");
  const answer = await app.ask("figure", { kind, whose });
  if (!answer || !box.isConnected) {
    refill(box);
    return;
  }
  const open = (/** @type {any} */ opens) =>
    app.openView("passages", {
      op: "quotes",
      asked: { ...opens, whose },
      title: Object.values(opens).join(" · "),
      from: "figures",
      back: { whose },
    });
  const sheet = el("div", { class: "sheet" }, el("img", { src: answer.image, alt: answer.alt }));
  for (const mark of answer.marks) {
    const made = button("", () => open(mark.opens), {
      class: "spot",
      "aria-label": `Passages of ${Object.values(mark.opens).join(", ")}`,
    });
    const [left, top, width, height] = mark.box;
    made.style.cssText = `left:${left}%;top:${top}%;width:${width}%;height:${height}%`;
    sheet.append(made);
  }
  refill(box, el("figure", {}, sheet, el("figcaption", {}, caption)));
}
