// What a reader asks for: typing errors put right, words that say little left out, and
// beside each phrase those that mean the same. A query becomes groups, each of which
// should be found; a group is a list of phrases, any of which will do; and a phrase is a
// list of weights, one map over the vocabulary for each of its words.
const Query = (() => {
  const MEANS_THE_SAME = 0.7;
  const BEGINS_SO = 0.5;
  const { SINGLE, words, distance } = Words;

  // The vocabulary is a list of {word, stem, count}.
  function reader({ synonyms, ignored }, vocabulary, stemOf) {
    const unimportant = new Set(ignored);
    const same = new Map(); // phrases by phrase, as stems
    const known = new Map(vocabulary.map(({ word, count }) => [word, count]));
    const key = (phrase) => phrase.map(stemOf).join(" ");
    for (const [typed, meant] of Object.entries(synonyms)) {
      const phrase = words(typed);
      same.set(key(phrase), meant.map(words));
      phrase.forEach((word) => known.set(word, (known.get(word) ?? 0) + 1));
    }
    const longest = Math.max(1, ...[...same.keys()].map((k) => k.split(" ").length));
    const knownStems = new Set([...known.keys()].map(stemOf));
    const isKnown = (word) => knownStems.has(stemOf(word));
    const beginning = (word) => [...known.keys()].filter((other) => other.startsWith(word));

    // The known words nearest to a word, the commonest first
    function near(word, most) {
      if (SINGLE.test(word)) return [];
      return [...known.keys()]
        .map((other) => ({ word: other, off: distance(word, other, most) }))
        .filter((other) => other.off <= most && !/\d/.test(other.word))
        .sort((a, b) => a.off - b.off || known.get(b.word) - known.get(a.word))
        .map((other) => other.word);
    }

    // In a short word two wrong letters make another word.
    const errors = (word) => (word.length < 9 ? 1 : 2);

    // Two known words that were written as one
    function halves(word) {
      const pairs = [...word].map((_, i) => [word.slice(0, i), word.slice(i)]);
      return pairs.filter(([a, b]) => a.length > 2 && b.length > 1 && known.has(a) && known.has(b));
    }

    // "back propagation" becomes "backpropagation": one word, if only the whole is known.
    function joinedUp(query) {
      const joined = [];
      for (const word of query) {
        const before = joined.at(-1) ?? "";
        const parts = isKnown(before) && isKnown(word);
        if (before && !parts && isKnown(before + word)) joined[joined.length - 1] += word;
        else joined.push(word);
      }
      return joined;
    }

    function corrected(word, unfinished) {
      if (isKnown(word) || word.length < 4 || /\d/.test(word)) return word;
      if (halves(word).length || (unfinished && beginning(word).length)) return word;
      return near(word, errors(word))[0] ?? word;
    }

    function matching(word, weight, unfinished = false) {
      const stem = stemOf(word);
      const weights = new Map();
      vocabulary.forEach((other, n) => {
        if (other.stem === stem) weights.set(n, weight);
        else if (unfinished && other.word.startsWith(word)) weights.set(n, weight * BEGINS_SO);
      });
      return weights;
    }

    function groupsOf(query, unfinished) {
      const groups = [];
      for (let i = 0; i < query.length; ) {
        let size = Math.min(longest, query.length - i);
        while (size > 1 && !same.has(key(query.slice(i, i + size)))) size -= 1;
        const phrase = query.slice(i, i + size);
        i += size;
        const meant = same.get(key(phrase)) ?? [];
        if (!meant.length && unimportant.has(phrase[0])) continue;
        const open = unfinished && i === query.length && !SINGLE.test(phrase.at(-1));
        groups.push(group(phrase, meant, open && !meant.length));
      }
      return groups;
    }

    function group(phrase, meant, open) {
      const [first] = phrase;
      const others = meant.map((other) => [other, MEANS_THE_SAME]);
      if (phrase.length === 1) {
        others.push(...halves(first).map((pair) => [pair, 1]));
        if (open && first.length > 2) {
          // What the word may become when it is typed to its end
          const meantThen = beginning(first).flatMap((word) => same.get(stemOf(word)) ?? []);
          others.push(...meantThen.map((other) => [other, MEANS_THE_SAME * BEGINS_SO]));
        }
      }
      const asTyped = phrase.map((w, i) => matching(w, 1, open && i === phrase.length - 1));
      return [asTyped, ...others.map(([other, weight]) => other.map((w) => matching(w, weight)))];
    }

    // Scripts without spaces: each two characters that stand together are a word.
    function pairs(query) {
      const groups = [];
      for (let i = 0; i < query.length; i += 1) {
        if (!SINGLE.test(query[i])) continue;
        if (SINGLE.test(query[i + 1] ?? "")) groups.push([query[i], query[i + 1]]);
        else if (!SINGLE.test(query[i - 1] ?? "")) groups.push([query[i]]);
      }
      return groups.map((phrase) => group(phrase, [], false));
    }

    function read(typed) {
      const asked = joinedUp(words(typed));
      const unfinished = /[\p{L}\p{N}]$/u.test(typed);
      const last = asked.length - 1;
      const query = asked.map((word, i) => corrected(word, unfinished && i === last));
      let groups = groupsOf(query, unfinished);
      if (query.some((word) => SINGLE.test(word)) && !groups.some((phrases) => phrases.length > 1)) {
        const spaced = query.filter((word) => !SINGLE.test(word));
        groups = [...groupsOf(spaced, false), ...pairs(query)];
      }
      if (!groups.length) groups = query.map((word) => group([word], [], unfinished));

      const numbers = groups.flat(2).flatMap((weights) => [...weights.keys()]);
      const wanted = new Set(numbers.map((n) => vocabulary[n].word));
      const telling = [...wanted].some((word) => !unimportant.has(word));
      if (telling) unimportant.forEach((word) => wanted.delete(word));
      const isCorrected = query.some((word, i) => word !== asked[i]);
      return { groups, wanted, asked, corrected: isCorrected ? query.join(" ") : null };
    }

    // What might have been meant where nothing is found
    function suggestions(asked) {
      const long = asked.filter((word) => word.length > 5);
      const close = long.flatMap((word) => near(word, word.length < 8 ? 2 : 3).slice(0, 3));
      return [...new Set(close)];
    }

    return { read, suggestions };
  }

  return { reader, MEANS_THE_SAME };
})();
