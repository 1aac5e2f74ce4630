// Data that lies compressed in a page, unpacked by the browser itself.

/** Whether this browser can do it. */
export function canUnpack() {
  return typeof DecompressionStream === "function";
}

/** Read JSON that was deflated and written as base64. @param {string} packed @returns {Promise<any>} */
export async function unpack(packed) {
  const letters = atob(packed.trim());
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}
