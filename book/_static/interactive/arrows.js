/* Arrows: a query and three states in the plane, moved by pointer, finger or arrow keys; scores and weights follow. */
"use strict";

Seeing.figure("arrows", view => {
  const { names, start, unit, furthest, step } = view.data;
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  let points = start.map(point => [...point]); // the query first

  const held = value => Math.min(Math.max(Math.round(value / step) * step, -furthest), furthest);
  const called = n => (n ? `state of ${names[n - 1]}` : "query");

  function move(n, x, y) {
    points[n] = [held(x), held(y)];
    show();
  }

  /* Where a pointer is, in units of the plane. */
  function under(event) {
    const svg = view.root.querySelector(".seeing-plane");
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [x / unit, -y / unit];
  }

  function bring(n) {
    const handle = view.place(`handle${n}`);
    for (const [name, value] of Object.entries({
      tabindex: 0, role: "slider", "aria-label": `${called(n)}: arrow keys move its tip`,
      "aria-valuemin": -furthest, "aria-valuemax": furthest,
    })) handle.setAttribute(name, value);
    handle.addEventListener("pointerdown", event => {
      handle.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      event.preventDefault();
    });
    handle.addEventListener("pointermove", event => handle.hasPointerCapture(event.pointerId) && move(n, ...under(event)));
    handle.addEventListener("keydown", event => {
      const way = MOVES[event.key];
      if (!way) return;
      event.preventDefault();
      const far = event.shiftKey ? 4 * step : step;
      move(n, points[n][0] + far * way[0], points[n][1] + far * way[1]);
    });
  }

  function showArrow(n, width) {
    const [x, y] = points[n], across = unit * x, down = -unit * y;
    view.set(`line${n}`, { x2: across, y2: down, "stroke-width": width });
    view.set(`handle${n}`, {
      transform: `translate(${across} ${down})`,
      "aria-valuenow": x, "aria-valuetext": `${Seeing.number(x, 2)} to the right, ${Seeing.number(y, 2)} up`,
    });
    view.set(`head${n}`, { transform: `rotate(${(Math.atan2(down, across) * 180 / Math.PI).toFixed(1)})` });
    view.set(`name${n}`, { x: x > 2 || (x < 0 && x > -2) ? -20 : 20, y: y >= 0 ? -12 : 22 });
  }

  function show() {
    const [query, ...states] = points;
    const scores = states.map(state => Seeing.dot(query, state)), weights = Seeing.softmax(scores);
    const value = [0, 1].map(i => Seeing.dot(weights, states.map(state => state[i])));
    showArrow(0, 4);
    states.forEach((_, n) => {
      showArrow(n + 1, 2 + 8 * weights[n]);
      view.write(`score${n}`, Seeing.number(scores[n], 2));
      view.share(`score${n}`, scores[n] / (2 * furthest ** 2));
      view.write(`weight${n}`, Seeing.number(weights[n], 3));
      view.share(`weight${n}`, weights[n]);
    });
    view.set("hull", { points: states.map(([x, y]) => `${unit * x},${-unit * y}`).join(" ") });
    view.set("value", { transform: `translate(${(unit * value[0]).toFixed(1)} ${(-unit * value[1]).toFixed(1)})` });
    const best = weights.indexOf(Math.max(...weights));
    view.say(view.sentence("says", {
      x: Seeing.number(query[0], 2), y: Seeing.number(query[1], 2), best: names[best],
      scores: scores.map(score => Seeing.number(score, 2)).join(", "), share: Seeing.percent(weights[best]),
      right: Seeing.number(value[0], 2), up: Seeing.number(value[1], 2),
    }));
  }

  points.forEach((_, n) => bring(n));
  view.control("again").addEventListener("click", () => {
    points = start.map(point => [...point]);
    show();
  });
  return show;
});
