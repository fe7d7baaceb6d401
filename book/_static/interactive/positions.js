/* Positional encoding: hands of clocks, their numbers, and the dot product of two positions. */
"use strict";

Seeing.figure("positions", view => {
  const T = view.data.positions, CLOCKS = 8;
  const { left, width, top, height } = view.data.curve;
  const across = position => left + position * width / (T - 1);
  const down = share => top + (1 - share) * height;
  const dot = (speeds, distance) => speeds.reduce((sum, speed) => sum + Math.cos(speed * distance), 0);

  function turn(slot, angle, length = 100) {
    view.set(slot, { x2: (length * Math.sin(angle)).toFixed(1), y2: (-length * Math.cos(angle)).toFixed(1) });
  }

  function showHand(speed, pair, positions) {
    view.write("table-pair", pair);
    view.write("sine-dimension", 2 * pair);
    view.write("cosine-dimension", 2 * pair + 1);
    for (const [name, position] of Object.entries(positions)) {
      const angle = position * speed;
      turn(`${name}-hand`, angle, name === "here" ? 100 : 92);
      view.write(`table-${name}`, position);
      view.write(`${name}-angle`, Seeing.number(angle));
      view.write(`${name}-sine`, Seeing.number(Math.sin(angle)));
      view.write(`${name}-cosine`, Seeing.number(Math.cos(angle)));
    }
  }

  function showClocks(speeds, here, pair) {
    const step = Math.max(1, Math.floor(speeds.length / CLOCKS));
    view.write("row-here", here);
    for (let n = 0; n < CLOCKS; n++) {
      const k = n * step, clock = view.place(`clock${n}`);
      clock.style.visibility = k < speeds.length ? "" : "hidden"; // its room stays, so that nothing jumps
      if (k >= speeds.length) continue;
      clock.classList.toggle("chosen", k === pair);
      view.write(`clock-pair${n}`, `hand ${k}`);
      turn(`clock-hand${n}`, here * speeds[k]);
      view.write(`clock-sine${n}`, Seeing.number(Math.sin(here * speeds[k]), 2));
      view.write(`clock-cosine${n}`, Seeing.number(Math.cos(here * speeds[k]), 2));
    }
  }

  function showCurve(speeds, here, there) {
    const share = position => dot(speeds, position - here) / speeds.length;
    const points = Array.from({ length: T }, (_, n) => `${across(n).toFixed(1)},${down(share(n)).toFixed(1)}`);
    view.set("curve", { points: points.join(" ") });
    view.set("curve-here", { x1: across(here).toFixed(1), x2: across(here).toFixed(1) });
    view.set("curve-there", { cx: across(there).toFixed(1), cy: down(share(there)).toFixed(1) });
    view.write("most", speeds.length);
  }

  function show() {
    const speeds = view.data.speeds[view.setting("model")];
    view.control("pair").max = speeds.length - 1; // the browser moves the slider back if it stands beyond
    const here = view.setting("here"), there = view.setting("there"), pair = view.setting("pair");
    for (const [name, value] of Object.entries({ here, there, pair })) view.label(name, String(value));
    showHand(speeds[pair], pair, { here, there });
    showClocks(speeds, here, pair);
    showCurve(speeds, here, there);
    view.say(view.sentence("says", {
      here, there, pair, distance: Math.abs(here - there), even: 2 * pair, odd: 2 * pair + 1,
      dot: Seeing.number(dot(speeds, here - there), 2), most: speeds.length,
      speed: Seeing.number(speeds[pair], 4), round: Seeing.number(2 * Math.PI / speeds[pair], 1),
      part: Seeing.number(Math.cos(speeds[pair] * (here - there)), 2),
    }));
  }

  view.control("along").addEventListener("click", () => {
    if (Math.max(view.setting("here"), view.setting("there")) < T - 1) {
      for (const name of ["here", "there"]) view.control(name).value = view.setting(name) + 1;
      show();
    }
  });
  return show;
});
