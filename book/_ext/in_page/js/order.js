// Which cells a cell needs: the set-up, the given code and the answers above it that this Python has not run as they are
// now, and cells to play with or of the learner's own that define a function which these use. The answers that a check
// judges run in any case: a cell further down may have defined their names anew. So a check judges what stands in the
// page, after a reload too, and as a grader would, from top to bottom.

const NEEDED = new Set(["setup", "given", "solution"]), MAY_HELP = new Set(["plain", "own"]);
const DEFINED = /^(?:def|class)\s+([^\W\d]\w*)/gm;

export function neededFor(cells, cell) {
  const above = cells.slice(0, cells.indexOf(cell));
  const helpers = helpersOf(cell.answers ?? [cell], above.filter(one => MAY_HELP.has(one.kind)));
  return above.filter(one => (NEEDED.has(one.kind) || helpers.has(one)) && (one.ranText !== one.text || cell.answers?.includes(one)));
}

// A cell above that gives a name, and has not run.
export function definedAbove(cells, cell, name) {
  const gives = new RegExp(`^(?:(?:def|class)\\s+${name}\\b|${name}\\s*=(?!=))`, "m");
  return cells.slice(0, cells.indexOf(cell)).find(one => one.ranText !== one.text && gives.test(one.text));
}

function helpersOf(users, others) {
  const found = new Set();
  for (const texts = users.map(one => one.text); texts.length;) {
    const words = new Set(texts.pop().match(/\w+/g));
    for (const one of others) {
      if (found.has(one) || ![...one.text.matchAll(DEFINED)].some(([, name]) => words.has(name))) continue;
      found.add(one);
      texts.push(one.text);
    }
  }
  return found;
}
