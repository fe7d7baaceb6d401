// Which cells a cell needs: the set-up, the given code and the answers above it that this Python has not run as they are
// now. The answers that a check judges run in any case: a cell further down may have defined their names anew. So a check
// judges what stands in the page, after a reload too, and as a grader would, from top to bottom.

const NEEDED = new Set(["setup", "given", "solution"]);

export function neededFor(cells, cell) {
  const above = cells.slice(0, cells.indexOf(cell));
  return above.filter(one => NEEDED.has(one.kind) && (one.ranText !== one.text || cell.answers?.includes(one)));
}
