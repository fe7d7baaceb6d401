// Finds sections of the book: titles first, beginnings of words too, and what is close where nothing fits exactly.

var BookSearch = (() => {
  const MOST = 40, LONGEST = 240; // results at a time; letters of the sentence that a result shows
  const FIELDS = ["title", "chapter", "text", "code"];
  const WORDS = /[\p{L}\p{N}]+/gu;

  // Words are compared in small letters and without the plural's s.
  const plain = word => {
    const small = word.normalize("NFKC").toLowerCase();
    return small.length > 3 && /[^s]s$/.test(small) ? small.slice(0, -1) : small;
  };

  const OPTIONS = {
    boost: {title: 6, chapter: 2, code: 0.7}, combineWith: "AND", weights: {fuzzy: 0.4, prefix: 0.5},
    prefix: term => term.length > 1 || /\p{Script=Hangul}/u.test(term),
  };
  // Two letters that changed places are two changes.
  const CLOSE = {fuzzy: term => (term.length < 3 ? 0 : term.length < 4 ? 1 : 2), prefix: false};

  let index = null;

  function made() {
    if (index) return index;
    index = new MiniSearch({fields: FIELDS, processTerm: plain});
    index.addAll(book.sections.map(([, , title, chapter, text, code], id) => ({id, title, chapter, text, code})));
    return index;
  }

  const weigh = {boostDocument: id => book.sections[id][6]};

  // Returns {results, total, close}: the best results, so many as `most` says, and how many there are; close says that
  // no section has all these words as they were written.
  function find(query, most = MOST) {
    const search = more => made().search(query, {...OPTIONS, ...weigh, ...more});
    let found = search({}), close = false;
    if (!found.length) [found, close] = [search(CLOSE), true];
    if (!found.length) found = search({...CLOSE, combineWith: "OR"});
    return {results: found.slice(0, most).map(shown), total: found.length, close: close && found.length > 0};
  }

  function shown({id, terms}) {
    const [page, anchor, title, chapter, text] = book.sections[id], wanted = new Set(terms);
    return {page, anchor, title: marked(title, wanted), chapter: chapter === title ? "" : chapter, parts: marked(sentence(text, wanted), wanted)};
  }

  // The sentence, or the row of a table, that has most of the words, cut where it is long.
  function sentence(text, wanted) {
    const sentences = text.match(/[^.!?\n]+(?:[.!?](?!\s)[^.!?\n]*)*[.!?]*\s*/g) ?? [text];
    const hits = one => new Set((one.match(WORDS) ?? []).map(plain).filter(word => wanted.has(word))).size;
    let best = "", most = -1;
    for (const one of sentences) if (hits(one) > most) [best, most] = [one, hits(one)];
    if (best.length <= LONGEST) return best.trim();
    const first = [...best.matchAll(WORDS)].find(({0: word}) => wanted.has(plain(word)))?.index ?? 0;
    const from = Math.max(0, best.indexOf(" ", first - LONGEST / 2)), to = best.lastIndexOf(" ", from + LONGEST);
    return `${from ? "… " : ""}${best.slice(from, to > from ? to : undefined).trim()} …`;
  }

  // Returns the text in pieces, with the words that were found apart: [text, is found].
  function marked(text, wanted) {
    const pieces = [];
    let from = 0;
    for (const {0: word, index: at} of text.matchAll(WORDS)) {
      if (!wanted.has(plain(word))) continue;
      if (at > from) pieces.push([text.slice(from, at), false]);
      pieces.push([word, true]);
      from = at + word.length;
    }
    return from < text.length ? [...pieces, [text.slice(from), false]] : pieces;
  }

  const book = {sections: [], find, MOST};
  return book;
})();
