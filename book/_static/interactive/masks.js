/* Masks: cells are hidden one by one or by the masks of the chapter, before the softmax or, wrongly, after it. */
"use strict";

Seeing.figure("masks", view => {
  const { tokens, scores } = view.data;
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const KINDS = { future: (i, j) => j > i, padding: (_, j) => tokens[j] === "pad" };
  const cells = tokens.flatMap((_, i) => tokens.map((_, j) => [i, j]));
  const button = (i, j) => view.place(`cell${i}-${j}`);
  const isHidden = (i, j) => button(i, j).ariaPressed === "true";
  let last = null; // the row painted last

  function hide(i, j, hidden) {
    button(i, j).ariaPressed = String(hidden);
    last = i;
  }

  /* A switch of a whole mask changes its cells, but not those that the other mask hides too. */
  function putOn(name, other) {
    for (const [i, j] of cells) {
      if (KINDS[name](i, j) && !(view.setting(other) && KINDS[other](i, j))) hide(i, j, view.setting(name));
    }
    last = null;
  }
  view.control("future").addEventListener("input", () => putOn("future", "padding"));
  view.control("padding").addEventListener("input", () => putOn("padding", "future"));

  /* With a mouse or a pen, whoever goes on with the button down paints all cells on the way. */
  const grid = button(0, 0).closest("table");
  const at = event => event.target.closest("button")?.dataset.slot.match(/\d/g).map(Number);
  let brush = null, painted = false;
  grid.addEventListener("pointerdown", event => {
    painted = false;
    brush = event.pointerType !== "touch" && at(event) ? { from: at(event), hidden: !isHidden(...at(event)) } : null;
  });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { brush = null; });
  grid.addEventListener("pointerover", event => {
    const here = at(event);
    if (!brush || event.buttons !== 1 || !here || (!painted && String(here) === String(brush.from))) return;
    painted = true;
    for (const cell of [brush.from, here]) hide(...cell, brush.hidden);
    show();
  });
  grid.addEventListener("click", event => {
    const here = at(event);
    if (painted || !here) return;
    hide(...here, !isHidden(...here));
    reach(...here);
    show();
  });

  /* One cell is reached by Tab, the others from it by the arrow keys. */
  function reach(i, j) {
    for (const cell of cells) button(...cell).tabIndex = -1;
    button(i, j).tabIndex = 0;
    button(i, j).focus();
  }
  for (const [i, j] of cells) {
    button(i, j).addEventListener("keydown", event => {
      const way = MOVES[event.key];
      if (!way) return;
      event.preventDefault();
      reach(...[i + way[0], j + way[1]].map(n => Math.min(Math.max(n, 0), tokens.length - 1)));
    });
  }

  function weightsOf(row, hidden, before) {
    if (before) return Seeing.softmax(row.map((score, j) => (hidden[j] ? -1e9 : score)));
    return Seeing.softmax(row).map((weight, j) => (hidden[j] ? 0 : weight));
  }

  function showRow(i, hidden, before) {
    const weights = weightsOf(scores[i], hidden, before);
    weights.forEach((weight, j) => {
      view.place(`weight${i}-${j}`).classList.toggle("hide", hidden[j]);
      view.share(`weight${i}-${j}`, weight);
      view.write(`score${i}-${j}`, hidden[j] && before ? "\u221210\u2079" : Seeing.number(scores[i][j], 1));
      view.write(`weight${i}-${j}`, Seeing.number(weight, 2));
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    view.write(`sum${i}`, Seeing.number(sum, 2));
    return sum;
  }

  /* Say which of the chapter's masks this is, and let the switches show it. */
  function kindOf(hidden) {
    const on = {};
    for (const [name, belongs] of Object.entries(KINDS)) {
      on[name] = cells.every(([i, j]) => hidden[i][j] || !belongs(i, j));
      view.control(name).checked = on[name];
    }
    const known = cells.every(([i, j]) => hidden[i][j] === ((on.future && KINDS.future(i, j)) || (on.padding && KINDS.padding(i, j))));
    return !known ? "own" : on.future && on.padding ? "both" : on.future ? "future" : on.padding ? "padding" : "nothing";
  }

  function rowSays(i, hidden) {
    const seen = tokens.filter((_, j) => !hidden[j]).join(", ");
    return view.sentence(seen ? "sees" : "nobody", { token: tokens[i], row: i, seen });
  }

  function show() {
    const before = view.setting("when") === "before";
    const hidden = tokens.map((_, i) => tokens.map((_, j) => isHidden(i, j)));
    const sums = hidden.map((row, i) => showRow(i, row, before));
    const count = hidden.flat().filter(Boolean).length;
    const least = sums.indexOf(Math.min(...sums));
    const all = view.sentence(before || !count ? "whole" : "lost", {
      hidden: view.sentence(kindOf(hidden), {}), count, row: least, sum: Seeing.number(sums[least], 2),
    });
    view.say(last === null ? all : `${rowSays(last, hidden[last])} ${all}`);
  }

  return show;
});
