// The way from a page to the server behind it.

const WAIT = 15_000;

/** Ask the server. @param {string} token @returns {import("./app.js").Call} */
function callServer(token) {
  return async (op, data, kind) => {
    const signal = AbortSignal.timeout(WAIT);
    let response;
    try {
      response =
        kind === "act"
          ? await fetch(`act/${op}`, {
              method: "POST",
              headers: { "content-type": "application/json", "x-qualcode-token": token },
              body: JSON.stringify(data),
              signal,
            })
          : await fetch(`do/${op}?data=${encodeURIComponent(JSON.stringify(data))}`, { signal });
    } catch {
      throw { kind: "gone" };
    }
    if (response.status === 204) return null;
    let told = null;
    try {
      told = await response.json();
    } catch {
      throw { kind: "refused", message: "The answer cannot be read.", hint: "Reload the page." };
    }
    if (told.error) throw told.error;
    return told;
  };
}

/** Where a page is drawn, what it begins with, and the way to its server. */
export function readPage() {
  const told = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
  const address = new URL(location.href);
  address.searchParams.delete("key"); // it is a cookie by now, and has no business in the history
  history.replaceState(null, "", address.pathname + address.search);
  return { root: document.getElementById("surface"), told, call: callServer(told.token) };
}
