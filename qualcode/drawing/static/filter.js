// Typed words and the codes that they may mean. Pure.

/** @typedef {{id: string, name: string, path: string, definition?: string, retired?: number}} Findable */

/** @param {string} text */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/** @param {string} wanted @param {string} name */
function isSubsequence(wanted, name) {
  let at = 0;
  for (const letter of name) if (letter === wanted[at]) at++;
  return at === wanted.length;
}

/**
 * Codes for typed words, the likeliest first: by name, then path, then definition; without words, those given last.
 * @template {Findable} T
 * @param {T[]} codes
 * @param {string} words
 * @param {string[]} recent ids, the latest first
 * @returns {T[]}
 */
export function filterCodes(codes, words, recent) {
  const wanted = fold(words);
  const open = codes.filter((one) => !one.retired);
  const rank = new Map(recent.map((id, at) => [id, at]));
  if (!wanted) {
    const known = open.filter((one) => rank.has(one.id)).sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0));
    return [...known, ...open.filter((one) => !rank.has(one.id))];
  }
  /** @type {[number, number, T][]} */
  const found = [];
  open.forEach((one, at) => {
    const name = fold(one.name);
    const score = name.startsWith(wanted)
      ? 0
      : name.includes(` ${wanted}`)
        ? 1
        : name.includes(wanted)
          ? 2
          : fold(one.path).includes(wanted)
            ? 3
            : fold(one.definition ?? "").includes(wanted)
              ? 4
              : isSubsequence(wanted, name)
                ? 5
                : -1;
    if (score >= 0) found.push([score, rank.get(one.id) ?? 1000 + at, one]);
  });
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => one[2]);
}

/** Letters in twos. @param {string} text */
function pairsOf(text) {
  const letters = fold(text).replace(/[^\p{L}\p{N}]+/gu, " ");
  return new Set([...letters].slice(0, -1).map((one, at) => one + letters[at + 1]));
}

/**
 * Codes with a name like the one that is typed, so that nobody makes a code twice.
 * @template {Findable} T
 * @param {T[]} codes
 * @param {string} name
 * @returns {T[]}
 */
export function findAlike(codes, name) {
  const wanted = pairsOf(name);
  if (wanted.size < 2) return [];
  return codes.filter((one) => {
    if (fold(one.name) === fold(name)) return true;
    const other = pairsOf(one.name);
    const common = [...wanted].filter((pair) => other.has(pair)).length;
    return (2 * common) / (wanted.size + other.size) >= 0.6;
  });
}
