// Words of a text: lower case, no accents, one spelling; and how far two are apart.
const Words = (() => {
  // Words, and single characters of scripts without spaces.
  const CHARACTER = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}";
  const TOKEN = new RegExp(`[${CHARACTER}]|(?:(?![${CHARACTER}])[\\p{L}\\p{M}\\p{N}])+`, "gu");
  const SINGLE = new RegExp(`^[${CHARACTER}]$`, "u");

  const plain = (word) => word.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

  function tokens(text) {
    return [...text.matchAll(TOKEN)].map((m) => ({
      word: plain(m[0]), start: m.index, end: m.index + m[0].length,
    }));
  }

  const words = (text) => tokens(text).map((token) => token.word);

  // British and American spellings have one stem.
  function spelling(word) {
    return word
      .replace(/is(e[ds]?|ers?|ing|ations?|able)$/, "iz$1")
      .replace(/ys(e[ds]?|ers?|ing)$/, "yz$1")
      .replace(/^(\w{3,})our(s|ed|ing|al|able)?$/, "$1or$2")
      .replace(/ll(ed|ing|ers?)$/, "l$1");
  }

  // How many letters were exchanged, left out, put in or swapped; counted up to `most`.
  function distance(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [];
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1) {
        const same = a[i - 1] === b[j - 1];
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
          next[j] = Math.min(next[j], before[j - 2] + 1);
        }
      }
      if (Math.min(...next) > most) return most + 1;
      [before, row] = [row, next];
    }
    return row[b.length];
  }

  return { SINGLE, tokens, words, spelling, distance };
})();
