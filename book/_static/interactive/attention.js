/* Attention by hand: lines from one query to three keys, and the four steps with their numbers. */
"use strict";

Seeing.figure("attention", view => {
  const { queries, keys, values } = view.data;
  const root = Math.sqrt(keys[0].length), lines = new Seeing.Lines(view, "query");

  function showScores(scores, divisor) {
    scores.forEach((score, n) => {
      view.write(`score${n}`, Seeing.number(score));
      view.write(`divisor${n}`, Seeing.number(divisor, 2));
      view.write(`scaled${n}`, Seeing.number(score / divisor));
    });
  }

  function showMixture(weights) {
    values.forEach((value, n) => {
      view.write(`times${n}`, Seeing.weight(weights[n]));
      value.forEach((part, i) => view.write(`part${n}-${i}`, Seeing.number(weights[n] * part)));
    });
    values[0].forEach((_, i) => {
      view.write(`output${i}`, Seeing.number(Seeing.dot(weights, values.map(value => value[i]))));
    });
  }

  return () => {
    const query = lines.chosen;
    const temperature = view.setting("temperature");
    const divisor = (view.setting("scale") ? root : 1) * temperature;
    const scores = keys.map(key => Seeing.dot(queries[query], key));
    const weights = Seeing.softmax(scores.map(score => score / divisor));
    view.label("temperature", temperature.toFixed(2));
    lines.draw(weights, Seeing.weight);
    showScores(scores, divisor);
    showMixture(weights);
    const [best, second, last] = [0, 1, 2].sort((a, b) => weights[b] - weights[a]);
    view.say(view.sentence("says", {
      query, divisor: Seeing.number(divisor, 2), best, second, last,
      share: Seeing.percent(weights[best]), second_share: Seeing.percent(weights[second]),
      last_share: Seeing.percent(weights[last]),
    }));
  };
});
