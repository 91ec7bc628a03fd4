// Ranks the entries of the search index by BM25 over weighted fields, page by page. It
// knows nothing of the page that shows what is found.
const Ranking = (() => {
  const FIELDS = { heading: 5, under: 0.7, text: 1, pictures: 0.5, code: 0.1 };
  const K1 = 1.2; // how soon further occurrences stop to count
  const B = 0.6; // how much a long field counts less
  // Words that stand together in the query and in the text, by field
  const SIDE_BY_SIDE = { heading: 1.6, text: 0.8 };
  const NAMED_SO = 1.3; // a heading that is the query
  const LEAST = 0.15; // the share of the best score that a result must have
  const FURTHER = 0.1; // what a page's other sections add to its best
  const names = Object.keys(FIELDS);
  const field = Object.fromEntries(names.map((name, f) => [name, f]));
  const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

  // Where a group of phrases stands in a row of words: {first, last, weight} of each
  function places(group, row) {
    const found = [];
    for (let first = 0; first < row.length; first += 1) {
      let best = { weight: 0 };
      for (const phrase of group) {
        let weight = 1;
        for (let j = 0; j < phrase.length && weight; j += 1) {
          weight *= phrase[j].get(row[first + j]) ?? 0;
        }
        if (weight > best.weight) best = { first, last: first + phrase.length - 1, weight };
      }
      if (best.weight) found.push(best);
    }
    return found;
  }

  function open({ pages, fields, entries, ...words }, stemmer) {
    const stems = new Map();
    const stemOf = (word) => {
      if (!stems.has(word)) stems.set(word, stemmer.stemWord(Words.spelling(word)));
      return stems.get(word);
    };

    // Each word has a number, and the fields of an entry are rows of numbers.
    const numbers = new Map();
    const vocabulary = [];
    const number = (word) => {
      if (!numbers.has(word)) {
        numbers.set(word, vocabulary.push({ word, stem: stemOf(word), count: 0 }) - 1);
      }
      vocabulary[numbers.get(word)].count += 1;
      return numbers.get(word);
    };
    const all = entries.map((values) => {
      const entry = Object.fromEntries(fields.map((name, i) => [name, values[i]]));
      const shown = { ...entry, under: `${pages[entry.page][1]} ${entry.under}` };
      entry.rows = names.map((name) => Words.words(shown[name]).map(number));
      return entry;
    });
    const usual = names.map((_, f) => sum(all.map((entry) => entry.rows[f].length)) / all.length);
    const query = Query.reader(words, vocabulary, stemOf);

    // By group, and by field within it, where it was found; rarity is by group.
    function score(entry, found, rarity) {
      let total = 0;
      let matched = 0;
      found.forEach((inFields, g) => {
        const frequency = sum(names.map((name, f) => {
          const length = entry.rows[f].length / (usual[f] || 1);
          const weight = sum(inFields[f].map((place) => place.weight));
          return (FIELDS[name] * weight) / (1 - B + B * length);
        }));
        if (frequency) matched += rarity[g];
        total += (rarity[g] * frequency * (K1 + 1)) / (frequency + K1);
      });
      for (let g = 1; g < found.length; g += 1) {
        for (const [name, worth] of Object.entries(SIDE_BY_SIDE)) {
          const ends = new Set(found[g - 1][field[name]].map((place) => place.last));
          const together = found[g][field[name]].some(
            ({ first }) => ends.has(first - 1) || ends.has(first - 2),
          );
          if (together) total += worth * Math.min(rarity[g - 1], rarity[g]);
        }
      }
      if (isNamed(entry, found.map((inFields) => inFields[field.heading]))) total *= NAMED_SO;
      return total * entry.weight * (matched / sum(rarity)) ** 1.5;
    }

    function isNamed(entry, inHeading) {
      const exact = inHeading.flat().filter((place) => place.weight >= Query.MEANS_THE_SAME);
      const covered = sum(exact.map((place) => place.last - place.first + 1));
      const length = entry.rows[field.heading].length;
      return covered >= length && inHeading.every((found) => found.length);
    }

    function search(typed) {
      const { groups, wanted, asked, corrected } = query.read(typed);
      const hits = all.map((entry) => ({
        entry,
        found: groups.map((group) => entry.rows.map((row) => places(group, row))),
      }));
      const rarity = groups.map((_, g) => {
        const df = hits.filter((hit) => hit.found[g].some((found) => found.length)).length;
        return Math.log(1 + (all.length - df + 0.5) / (df + 0.5));
      });
      for (const hit of hits) {
        hit.score = groups.length ? score(hit.entry, hit.found, rarity) : 0;
      }
      const least = LEAST * Math.max(...hits.map((hit) => hit.score));
      const best = hits.filter((hit) => hit.score > least).sort((a, b) => b.score - a.score);
      const byPage = new Map();
      for (const { entry, score } of best) {
        if (!byPage.has(entry.page)) byPage.set(entry.page, { entries: [], scores: [] });
        byPage.get(entry.page).entries.push(entry);
        byPage.get(entry.page).scores.push(score);
      }
      const found = [...byPage].map(([page, { entries, scores }]) => {
        const [url, title] = pages[page];
        return { url, title, entries, score: scores[0] + FURTHER * sum(scores.slice(1, 4)) };
      });
      found.sort((a, b) => b.score - a.score);
      const near = found.length ? [] : query.suggestions(asked);
      return { pages: found, corrected, wanted, near };
    }

    return { search };
  }

  return { open };
})();
