// The list of tasks above the notebook: what is right, or answered in words, gets a tick.

import {make} from "./dom.js";
import {counts} from "./points.js";

export function tick(list, cells, results) {
  const done = cell => (cell.kind === "written" ? cell.changed : results[cell.id]?.right && counts(cell, results[cell.id]));
  for (const link of list.querySelectorAll('td > a[href^="#task-"]')) {
    const number = link.hash.slice("#task-".length);
    const graded = cells.filter(cell => cell.section.dataset.task === number && ["check", "written"].includes(cell.kind));
    const ticked = graded.length > 0 && graded.every(done), before = link.previousElementSibling;
    if (ticked && !before) link.before(make("span", {className: "nb-tick", role: "img", aria: {label: "Done:"}}, "✓ "));
    else if (!ticked) before?.remove();
  }
}
