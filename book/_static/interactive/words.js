/* Words that look around: a sentence of the reader's own, each word the count of its letters (words.py does the same). */
"use strict";

Seeing.figure("words", view => {
  const { most, longest } = view.data;
  const lines = new Seeing.Lines(view, "word");
  const lists = ["from", "to"].map(list => view.root.querySelector(`.seeing-${list}`));
  const svg = view.root.querySelector(".seeing-lines svg");
  let shown = [...view.root.querySelectorAll(".seeing-to li > span")].map(word => word.textContent);

  const letters = word => [...word.toLowerCase().normalize("NFD")].filter(letter => /\p{L}/u.test(letter));
  const wordsOf = sentence =>
    sentence.split(/\s+/).filter(word => letters(word).length).map(word => [...word].slice(0, longest).join("")).slice(0, most);

  function vectors(words) {
    const alphabet = [...new Set(words.flatMap(letters))];
    return words.map(word => alphabet.map(letter => letters(word).filter(one => one === letter).length));
  }

  /* Give every list as many rows as there are words. */
  function fit(count) {
    for (const list of [...lists, svg]) Seeing.fit(list, count);
    svg.parentElement.hidden = !count;
    svg.setAttribute("viewBox", `0 0 100 ${Math.max(count, 1)}`);
    view.gather();
    if (!view.root.querySelector('input[name="word"]:checked')) view.control("word").checked = true;
  }

  function rename(words) {
    if (words.length === shown.length && words.every((word, n) => word === shown[n])) return;
    shown = words;
    fit(words.length);
    words.forEach((word, n) => lists.forEach(list => { list.children[n].querySelector("span").textContent = word; }));
  }

  return () => {
    const words = wordsOf(view.setting("sentence")), temperature = view.setting("softness");
    view.label("softness", temperature.toFixed(2));
    rename(words);
    if (!words.length) return view.say(view.sentence("empty", {}));
    const rows = vectors(words), n = lines.chosen, width = rows[0].length;
    const divisor = (view.setting("scaled") ? Math.sqrt(width) : 1) * temperature;
    const scores = rows.map(row => Seeing.dot(rows[n], row)), weights = Seeing.softmax(scores.map(score => score / divisor));
    lines.draw(weights);
    const [best, second] = weights.map((_, i) => i).sort((a, b) => weights[b] - weights[a]);
    view.say(view.sentence(words.length > 1 ? "says" : "alone", {
      count: words.length, width, divisor: Seeing.number(divisor, 2), word: words[n], score: scores[n],
      best: words[best], share: Seeing.percent(weights[best]),
      second: words[second], second_share: Seeing.percent(weights[second]),
    }));
  };
});
