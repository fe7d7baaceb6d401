// What the checks said in this browser, and their points. A result counts only for the answer that it was given for.

import {digest} from "./work.js";

const MOST = 5000; // letters of a box that is kept

export const SIGNS = {right: "✓ ", partly: "◐ ", wrong: "✗ ", plain: ""};

// What a box, or a result that was kept, tells of.
export function stateOf({right, earned}) {
  if (right === null || right === undefined) return "plain";
  return right ? "right" : earned > 0 ? "partly" : "wrong";
}

export function tally(cells, results) {
  const sum = {earned: 0, of: 0, right: 0, checks: 0, elsewhere: 0, library: "", written: 0, answered: 0, writtenCells: 0};
  for (const cell of cells) {
    if (cell.kind === "check") addCheck(sum, cell, results[cell.id]);
    else if (cell.kind === "written") {
      sum.written += cell.points;
      sum.writtenCells += 1;
      sum.answered += cell.changed ? 1 : 0;
    }
  }
  return sum;
}

function addCheck(sum, cell, result) {
  if (cell.needs) {
    sum.elsewhere += cell.points;
    sum.library = cell.needs;
    return;
  }
  sum.checks += 1;
  sum.of += cell.points;
  if (!result || !counts(cell, result)) return;
  sum.earned += result.earned;
  sum.right += result.right ? 1 : 0;
}

// An answer that was changed since has to be checked again, and so has one that uses it; after a new release, all.
export function counts(cell, result) {
  return result.release === cell.release && result.answers === answersOf(cell, one => one.text);
}

// The answers that a check judges: its own, and those that it may build on.
const answersOf = (cell, textOf) => digest(JSON.stringify(cell.answers.map(textOf)));

export function resultOf(cell, messages) {
  const box = messages.findLast(one => one.what === "box" && typeof one.points === "number");
  if (!box || !(box.earned >= 0 && box.earned <= box.points && box.points <= cell.points)) return null;
  const answers = answersOf(cell, one => one.lastText); // what Python has run, whatever stands there by now
  const result = {earned: box.earned, of: box.points, right: box.right === true, release: cell.release, answers};
  return JSON.stringify(box).length <= MOST ? {...result, box} : result;
}

// The box that was kept with a result, where it counts and is one that can be shown.
export function boxOf(cell, result) {
  const box = result && counts(cell, result) ? result.box : null;
  return typeof box?.title === "string" && Array.isArray(box.lines) && box.lines.every(line => typeof line === "string") ? box : null;
}

// What stands beside a check.
export function standing(cell, result) {
  if (cell.needs) return `needs ${cell.needs}`;
  if (!result) return "";
  if (!counts(cell, result)) return "changed since the check";
  return `${SIGNS[stateOf(result)]}${result.earned} of ${result.of}`;
}
