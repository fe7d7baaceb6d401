/* Alignment: a step of the decoder lights up the source words at which it looked. All weights were measured. */
"use strict";

Seeing.figure("alignment", view => {
  const { french, names, weights } = view.data;
  const lines = new Seeing.Lines(view, "step");

  return () => {
    const row = weights[view.setting("reader")][lines.chosen];
    const [best, second] = row.map((_, n) => n).sort((a, b) => row[b] - row[a]);
    lines.draw(row);
    view.say(view.sentence("says", {
      word: french[lines.chosen], best: names[best], share: Seeing.percent(row[best]),
      second: names[second], second_share: Seeing.percent(row[second]),
    }));
  };
});
