// Lists of names: read from what somebody typed, and turned into tokens.

/** What is wrong with an input: a word of the page's catalogue, and what it is about. */
export class Refusal extends Error {
  constructor(word, values) {
    super(`${word}: ${JSON.stringify(values)}`);
    Object.assign(this, { word, values });
  }
}

export const MOST = { names: 10_000, letters: 3_000 };
const ALLOWED = /^[\p{L}\p{M}'’.\- ]$/u;

/** Return the names in a text, one a line; empty lines and outer blanks are dropped. */
export function namesIn(text) {
  const names = [];
  text.normalize("NFC").split(/\r\n|\r|\n/).forEach((line, i) => {
    const name = line.trim();
    const wrong = [...name].find((letter) => !ALLOWED.test(letter));
    if (wrong) throw new Refusal("wrongLetter", { line: i + 1, name, letter: wrong });
    if (name) names.push(name);
  });
  if (names.length < 2) throw new Refusal("tooFew", { count: names.length });
  if (names.length > MOST.names) {
    throw new Refusal("tooMany", { count: names.length, most: MOST.names });
  }
  const letters = alphabetOf(names).length;
  if (letters > MOST.letters) {
    throw new Refusal("tooManyLetters", { count: letters, most: MOST.letters });
  }
  return names;
}

/** Return all letters of the names, sorted; the token of a letter is its place. */
export function alphabetOf(names) {
  const letters = new Set();
  for (const name of names) for (const letter of name) letters.add(letter);
  return [...letters].sort((a, b) => a.codePointAt(0) - b.codePointAt(0));
}

/** Return the tokens of each name between two boundaries, cut to what a block holds. */
export function encoded(names, alphabet, block) {
  const token = new Map(alphabet.map((letter, i) => [letter, i]));
  const end = alphabet.length;
  return names.map((name) => {
    const inside = Array.from(name, (letter) => token.get(letter));
    return Int32Array.from([end, ...inside, end].slice(0, block + 1));
  });
}

/**
 * Return the least mean loss, name by name, that any model can have on a list.
 *
 * As `memorisation_floor(names).per_document` of algollm_helpers/gpt/ngrams.py.
 */
export function floorOf(names) {
  const weights = new Map();
  for (const name of names) {
    weights.set(name, (weights.get(name) ?? 0) + 1 / ([...name].length + 1));
  }
  const total = [...weights.values()].reduce((a, b) => a + b);
  let loss = 0;
  for (const weight of weights.values()) loss += weight * Math.log(total / weight);
  return loss / names.length;
}
