/* Masks: hide the future, the padding or both, before the softmax or, wrongly, after it. */
"use strict";

Seeing.figure("masks", view => {
  const { tokens, scores } = view.data;
  const isPadding = tokens.map(token => token === "pad");

  function weightsOf(row, hidden, before) {
    if (before) return Seeing.softmax(row.map((score, j) => (hidden[j] ? -1e9 : score)));
    return Seeing.softmax(row).map((weight, j) => (hidden[j] ? 0 : weight));
  }

  function showRow(i, hidden, before) {
    const weights = weightsOf(scores[i], hidden, before);
    weights.forEach((weight, j) => {
      view.place(`cell${i}-${j}`).classList.toggle("hide", hidden[j]);
      view.share(`cell${i}-${j}`, weight);
      view.write(`score${i}-${j}`, hidden[j] && before ? "\u221210\u2079" : Seeing.number(scores[i][j], 1));
      view.write(`weight${i}-${j}`, Seeing.number(weight, 2));
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    view.write(`sum${i}`, Seeing.number(sum, 2));
    const seen = tokens.filter((_, j) => !hidden[j]).join(", ");
    view.write(`sees${i}`, view.sentence("sees", { token: tokens[i], row: i, seen }));
    return sum;
  }

  return () => {
    const future = view.setting("future"), padding = view.setting("padding");
    const before = view.setting("when") === "before";
    const hidden = tokens.map((_, i) => tokens.map((_, j) => (future && j > i) || (padding && isPadding[j])));
    const sums = hidden.map((row, i) => showRow(i, row, before));
    const count = hidden.flat().filter(Boolean).length;
    const least = sums.indexOf(Math.min(...sums));
    const which = future && padding ? "both" : future ? "future" : padding ? "padding" : "nothing";
    view.say(view.sentence(before || !count ? "whole" : "lost", {
      hidden: view.sentence(which, {}), count, row: least, sum: Seeing.number(sums[least], 2),
    }));
  };
});
