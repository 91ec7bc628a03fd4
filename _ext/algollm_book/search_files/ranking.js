// Ranks the entries of the search index: BM25 over weighted fields, with stems, phrases
// that mean the same, beginnings of words, and one wrong letter forgiven. It knows
// nothing of the page; page.js shows what it finds.
const Ranking = (() => {
  const FIELDS = { heading: 5, under: 0.7, text: 1, pictures: 0.5, code: 0.1 };
  const K1 = 1.2; // how soon further occurrences stop to count
  const B = 0.6; // how much a long field counts less
  const MEANS_THE_SAME = 0.7;
  const BEGINS_SO = 0.5;
  // Words that stand together in the query and in the text, by field
  const SIDE_BY_SIDE = { heading: 1.6, text: 0.8 };
  const NAMED_SO = 1.3; // a heading that is the query
  const LEAST = 0.15; // the share of the best score that a result must have
  const FURTHER = 0.1; // what a page's other sections add to its best

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

  function open({ pages, fields, entries, synonyms, ignored }, stemmer) {
    const stems = new Map();
    const stemOf = (word) => {
      if (!stems.has(word)) stems.set(word, stemmer.stemWord(spelling(word)));
      return stems.get(word);
    };

    // The vocabulary: each word has a number, and the entries are rows of numbers.
    const numbers = new Map();
    const vocabulary = []; // {word, stem, count} by number
    const number = (word) => {
      let n = numbers.get(word);
      if (n === undefined) {
        n = vocabulary.push({ word, stem: stemOf(word), count: 0 }) - 1;
        numbers.set(word, n);
      }
      vocabulary[n].count += 1;
      return n;
    };
    const names = Object.keys(FIELDS);
    const lengths = Object.fromEntries(names.map((name) => [name, 0]));
    const all = entries.map((row) => {
      const entry = Object.fromEntries(fields.map((name, i) => [name, row[i]]));
      const shown = { ...entry, under: `${pages[entry.page][1]} ${entry.under}` };
      entry.rows = names.map((name) => {
        const found = words(shown[name]).map(number);
        lengths[name] += found.length / entries.length;
        return found;
      });
      return entry;
    });

    // What means the same: phrases by phrase, both as stems.
    const same = new Map();
    const known = new Map(vocabulary.map(({ word, count }) => [word, count]));
    const key = (phrase) => phrase.map(stemOf).join(" ");
    for (const [typed, meant] of Object.entries(synonyms)) {
      const phrase = words(typed);
      same.set(key(phrase), meant.map(words));
      phrase.forEach((word) => known.set(word, (known.get(word) ?? 0) + 1));
    }
    const longest = Math.max(1, ...[...same.keys()].map((k) => k.split(" ").length));
    const knownStems = new Set([...known.keys()].map(stemOf));
    const unimportant = new Set(ignored);

    // The known words nearest to a word, the commonest first.
    function near(word, most) {
      if (SINGLE.test(word)) return [];
      return [...known.keys()]
        .map((other) => ({ word: other, off: distance(word, other, most) }))
        .filter((other) => other.off <= most && !/\d/.test(other.word))
        .sort((a, b) => a.off - b.off || known.get(b.word) - known.get(a.word))
        .map((other) => other.word);
    }

    const beginning = (word) => [...known.keys()].filter((w) => w.startsWith(word));

    function corrected(word, isLast) {
      if (knownStems.has(stemOf(word)) || word.length < 4 || /\d/.test(word)) return word;
      if (isLast && beginning(word).length) return word;
      const halves = [...word].map((_, i) => [word.slice(0, i), word.slice(i)]);
      if (halves.some((pair) => pair.every((half) => half.length > 2 && known.has(half)))) {
        return word; // two words written as one
      }
      return near(word, word.length < 8 ? 1 : 2)[0] ?? word;
    }

    // "back propagation" becomes "backpropagation": one word, if only the whole is known.
    function joinedUp(query) {
      const isKnown = (word) => knownStems.has(stemOf(word));
      const joined = [];
      for (const word of query) {
        const before = joined.at(-1) ?? "";
        const parts = isKnown(before) && isKnown(word);
        if (before && !parts && isKnown(before + word)) joined[joined.length - 1] += word;
        else joined.push(word);
      }
      return joined;
    }

    // One word of the query, as weights over the vocabulary.
    function matching(word, weight, unfinished = false) {
      const stem = stemOf(word);
      const weights = new Map();
      vocabulary.forEach((known, n) => {
        if (known.stem === stem) weights.set(n, weight);
        else if (unfinished && known.word.startsWith(word)) weights.set(n, weight * BEGINS_SO);
      });
      return weights;
    }

    // Groups of a query: each a list of phrases that will do, each phrase a list of weights.
    function groupsOf(query, unfinished) {
      const groups = [];
      for (let i = 0; i < query.length; ) {
        let size = Math.min(longest, query.length - i);
        while (size > 1 && !same.has(key(query.slice(i, i + size)))) size -= 1;
        const phrase = query.slice(i, i + size);
        const open = unfinished && i + size === query.length;
        i += size;
        const meant = same.get(key(phrase)) ?? [];
        if (!meant.length && unimportant.has(phrase[0])) continue;
        groups.push(alternatives(phrase, meant, open && !SINGLE.test(phrase.at(-1))));
      }
      return groups;
    }

    function alternatives(phrase, meant, open) {
      const last = phrase.at(-1);
      const found = [phrase.map((w, i) => matching(w, 1, open && i === phrase.length - 1))];
      const others = meant.map((words) => [words, MEANS_THE_SAME]);
      if (open && phrase.length === 1 && last.length > 2 && !same.has(key(phrase))) {
        // What the word may become when it is typed to its end
        for (const word of beginning(last)) {
          for (const words of same.get(stemOf(word)) ?? []) {
            others.push([words, MEANS_THE_SAME * BEGINS_SO]);
          }
        }
      }
      if (phrase.length === 1) {
        for (let i = 3; i <= last.length - 2; i += 1) {
          const pair = [last.slice(0, i), last.slice(i)];
          if (pair.every((half) => known.has(half))) others.push([pair, 1]);
        }
      }
      for (const [words, weight] of others) found.push(words.map((w) => matching(w, weight)));
      return found;
    }

    // Scripts without spaces: each two characters that stand together are a word.
    function pairs(query) {
      const groups = [];
      for (let i = 0; i < query.length; i += 1) {
        if (!SINGLE.test(query[i])) continue;
        if (SINGLE.test(query[i + 1] ?? "")) groups.push([query[i], query[i + 1]]);
        else if (!SINGLE.test(query[i - 1] ?? "")) groups.push([query[i]]);
      }
      return groups.map((phrase) => [phrase.map((w) => matching(w, 1))]);
    }

    // Where a group stands in a row: [first, last, weight] of each occurrence.
    function places(group, row) {
      const found = [];
      for (let i = 0; i < row.length; i += 1) {
        let best = 0;
        let size = 1;
        for (const phrase of group) {
          let weight = 1;
          for (let j = 0; j < phrase.length && weight; j += 1) {
            weight *= phrase[j].get(row[i + j]) ?? 0;
          }
          if (weight > best) [best, size] = [weight, phrase.length];
        }
        if (best) found.push([i, i + size - 1, best]);
      }
      return found;
    }

    function score(entry, places, rarity) {
      let total = 0;
      let matched = 0;
      places.forEach((inFields, g) => {
        let frequency = 0;
        names.forEach((name, f) => {
          const sum = inFields[f].reduce((s, place) => s + place[2], 0);
          const length = entry.rows[f].length / (lengths[name] || 1);
          frequency += (FIELDS[name] * sum) / (1 - B + B * length);
        });
        if (frequency) matched += rarity[g];
        total += (rarity[g] * frequency * (K1 + 1)) / (frequency + K1);
      });
      for (let g = 1; g < places.length; g += 1) {
        for (const [name, worth] of Object.entries(SIDE_BY_SIDE)) {
          const f = names.indexOf(name);
          const ends = new Set(places[g - 1][f].map((place) => place[1]));
          const together = places[g][f].filter(([at]) => ends.has(at - 1) || ends.has(at - 2));
          if (together.length) total += worth * Math.min(rarity[g - 1], rarity[g]);
        }
      }
      const inHeading = places.map((inFields) => inFields[names.indexOf("heading")]);
      const length = entry.rows[names.indexOf("heading")].length;
      const covered = inHeading.flat().reduce((s, [at, end, w]) => s + (w >= MEANS_THE_SAME) * (end - at + 1), 0);
      if (covered >= length && inHeading.every((found) => found.length)) total *= NAMED_SO;
      const sum = rarity.reduce((s, r) => s + r, 0);
      return total * entry.weight * (matched / sum) ** 1.5;
    }

    function search(typed) {
      const asked = joinedUp(words(typed));
      const unfinished = /[\p{L}\p{N}]$/u.test(typed);
      if (!asked.length) return { pages: [], query: null, wanted: new Set(), near: [] };
      const query = asked.map((word, i) => corrected(word, unfinished && i === asked.length - 1));
      const isCorrected = query.some((word, i) => word !== asked[i]);
      const spaced = query.filter((word) => !SINGLE.test(word));
      const joined = query.some((word) => SINGLE.test(word));
      let groups = groupsOf(joined ? query : spaced, unfinished);
      if (!groups.length) groups = query.map((word) => [[matching(word, 1, unfinished)]]);
      if (joined && !groups.some((group) => group.length > 1)) {
        groups = [...groupsOf(spaced, false), ...pairs(query)];
      }

      const hits = all.map((entry) => ({
        entry,
        places: groups.map((group) => entry.rows.map((row) => places(group, row))),
      }));
      const rarity = groups.map((_, g) => {
        const df = hits.filter((hit) => hit.places[g].some((found) => found.length)).length;
        return Math.log(1 + (all.length - df + 0.5) / (df + 0.5));
      });
      const byPage = new Map();
      for (const hit of hits) hit.score = score(hit.entry, hit.places, rarity);
      const least = LEAST * Math.max(...hits.map((hit) => hit.score));
      for (const hit of hits) {
        if (hit.score <= least) continue;
        if (!byPage.has(hit.entry.page)) byPage.set(hit.entry.page, []);
        byPage.get(hit.entry.page).push(hit);
      }
      const found = [...byPage].map(([page, list]) => {
        list.sort((a, b) => b.score - a.score);
        const further = list.slice(1, 4).reduce((sum, hit) => sum + hit.score, 0);
        const [url, title] = pages[page];
        return { url, title, entries: list, score: list[0].score + FURTHER * further };
      });
      found.sort((a, b) => b.score - a.score);
      const matched = groups.flat(2).flatMap((weights) => [...weights.keys()]);
      const wanted = new Set(matched.map((n) => vocabulary[n].word));
      const telling = [...wanted].some((word) => !unimportant.has(word));
      if (telling) unimportant.forEach((word) => wanted.delete(word));
      return {
        pages: found,
        query: isCorrected ? query.join(" ") : null,
        wanted,
        near: found.length ? [] : [...new Set(asked.flatMap((w) => near(w, w.length < 6 ? 2 : 3).slice(0, 3)))],
      };
    }

    return { search };
  }

  return { open, tokens };
})();
