/* The bottleneck: a string of growing length, a vector that stays as it is, and what was measured of the letters. */
"use strict";

Seeing.figure("bottleneck", view => {
  const { means, units, longest, wide, tile: largest, box } = view.data;
  const middle = wide / 2, one = value => value.toFixed(1);
  const percent = share => (100 * share).toFixed(0) + "%";

  function letters(n, left, tile, top) {
    const boxes = Array.from({ length: n }, (_, i) =>
      `M${one(left + i * tile + 1)} ${top}h${one(tile - 2)}v${largest - 2}h${one(2 - tile)}z`);
    return { d: boxes.join("") };
  }

  function draw(n, share, attention) {
    const tile = Math.min(largest, (wide - 8) / n), left = (wide - n * tile) / 2, right = wide - left;
    const funnel = (top, near) => ({
      d: `M${one(left)} ${top}L${middle - box / 2} ${near}H${middle + box / 2}L${one(right)} ${top}z`,
      visibility: attention ? "hidden" : "visible",
    });
    view.set("read", letters(n, left, tile, 21));
    view.set("written", letters(n, left, tile, 177));
    view.set("inward", funnel(44, 86));
    view.set("outward", funnel(174, 132));
    view.write("size", attention ? `${n} × ${units}` : units);
    const filled = share * (n * tile - 2);
    view.set("right", { x: right - 1 - filled, width: filled });
    view.set("across", {
      d: Array.from({ length: n }, (_, i) => `M${one(left + (i + 0.5) * tile)} 44V174`).join(""),
      visibility: attention ? "visible" : "hidden",
    });
  }

  return () => {
    const n = view.setting("length"), attention = view.setting("attention");
    const shares = { without: means.without[n - 1], with: means.with[n - 1] };
    view.label("length", String(n));
    draw(n, attention ? shares.with : shares.without, attention);
    for (const [name, share] of Object.entries(shares)) {
      view.write(`share-${name}`, percent(share));
      view.share(`share-${name}`, share);
    }
    view.say(view.sentence(attention ? "looking" : n === 1 ? "one" : "says", {
      n, units, each: Seeing.number(units / n, 1), without: percent(shares.without), with: percent(shares.with),
      beyond: n > longest ? view.sentence("beyond", { longest }) : "",
    }));
  };
});
