/* Heads: numbers move from positions into heads and back. The style sheet lets them glide, unless motion is unwelcome. */
"use strict";

Seeing.figure("heads", view => {
  const { T, D, wide: room, tall, width, height, gap, top, labels } = view.data; // numbers are counted as they lie in memory

  /* Where each number stands in the array (H, T, d_k), read row by row. */
  function inHeads(heads, dealt) {
    const wide = D / heads;
    return labels.map((_, n) => {
      const t = Math.floor(n / D), j = n % D, head = Math.floor(j / wide);
      return dealt ? n : (head * T + t) * wide + (j % wide);
    });
  }

  /* How an array is drawn: rows of a block, numbers of a row, and where a block begins. */
  function drawing(stage, heads) {
    const rows = stage === "cut" ? heads : T, wide = stage === "whole" ? D : D / heads;
    const side = { whole: 1, cut: 2, heads }[stage]; // blocks side by side
    const step = wide * width + gap, line = rows * height + top;
    const left = (room - side * step + gap) / 2, above = (tall - (stage === "cut" ? 2 : 1) * line) / 2 + top;
    const corner = block => [left + (block % side) * step, above + Math.floor(block / side) * line];
    return { rows, wide, corner };
  }

  function move(n, at, { rows, wide, corner }) {
    const [x, y] = corner(Math.floor(at / (rows * wide)));
    const row = Math.floor(at / wide) % rows, column = at % wide;
    view.place(`number${n}`).style.transform = `translate(${x + column * width}px, ${y + row * height}px)`;
  }

  /* Write above each block what it is. */
  function name(block, stage, heads, { wide, corner }) {
    const [x, y] = corner(block), shown = stage === "cut" || (stage === "heads" && block < heads);
    view.write(`name${block}`, shown ? `${stage === "cut" ? "position" : "head"} ${block}` : "");
    view.set(`name${block}`, { x: shown ? x + wide * width / 2 : 0, y: shown ? y - 6 : 0 });
  }

  return () => {
    const stage = view.setting("stage"), heads = Number(view.setting("heads")), dealt = view.setting("dealt");
    const order = inHeads(heads, dealt), drawn = drawing(stage, heads), each = labels.length / heads;
    order.forEach((at, n) => {
      move(n, stage === "heads" ? at : n, drawn);
      view.set(`number${n}`, { class: `head${Math.floor(at / each)}` });
    });
    for (let block = 0; block < T; block++) name(block, stage, heads, drawn);
    const first = labels.filter((_, n) => order[n] < each).join(" ");
    view.say(view.sentence(stage === "heads" && dealt ? "dealt" : stage, { H: heads, d: D / heads, first }));
  };
});
