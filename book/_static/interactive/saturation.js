/* Saturation: the same softmax with and without the square root, for keys of growing width. */
"use strict";

Seeing.figure("saturation", view => {
  const { widths, scores } = view.data; // scores: draw, width, key
  let draw = 0;
  view.control("again").addEventListener("click", () => {
    draw = (draw + 1) % scores.length;
    show();
  });

  function show() {
    const step = view.setting("width"), width = widths[step], temperature = view.setting("sharpness");
    const drawn = scores[draw][step];
    const raw = Seeing.softmax(drawn.map(score => score / temperature));
    const scaled = Seeing.softmax(drawn.map(score => score / (temperature * Math.sqrt(width))));
    view.label("width", String(width));
    view.label("sharpness", temperature.toFixed(2));
    drawn.forEach((score, n) => {
      view.write(`drawn${n}`, Seeing.number(score, 2));
      for (const [slot, weights] of [["raw", raw], ["soft", scaled]]) {
        view.write(slot + n, Seeing.number(weights[n], 3));
        view.share(slot + n, weights[n]);
      }
    });
    view.say(view.sentence("says", {
      width, draw: draw + 1, draws: scores.length, temperature: temperature.toFixed(2),
      low: Seeing.number(Math.min(...drawn), 2), high: Seeing.number(Math.max(...drawn), 2),
      raw: Seeing.number(Math.max(...raw), 3), raw_bits: Seeing.number(Seeing.entropy(raw), 2),
      scaled: Seeing.number(Math.max(...scaled), 3), scaled_bits: Seeing.number(Seeing.entropy(scaled), 2),
    }));
  }
  return show;
});
