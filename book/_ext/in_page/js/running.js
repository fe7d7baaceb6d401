// Running the cells of the notebook: in which order, what the page says meanwhile, what is made of the results.

import {definedAbove, neededFor} from "./order.js";
import {spoken} from "./outputs.js";
import {counts, resultOf} from "./points.js";
import {Python} from "./python.js";

const AGAIN = "Python starts again. What it had computed is gone, what you wrote is not: a check runs the cells above that it needs.";
const STOPPED = `The cell was stopped. ${AGAIN}`;

export class Running {
  // addresses: of Pyodide, of the files of the exercise, of our own Python; voice: the element that is read out
  constructor(notebook, addresses, voice) {
    Object.assign(this, {notebook, voice, wanted: null});
    this.python = new Python(addresses, {
      state: (name, says) => this.pythonIs(name, says), bytes: seen => notebook.bar.bytes(seen),
      started: (cell, number) => this.started(cell, number), passed: () => this.passed(),
      message: (cell, message) => cell.heard(this.advised(cell, message)), done: (cell, fine) => this.done(cell, fine),
    });
  }

  run(cell) {
    if (!cell.runs) return;
    this.wanted = cell;
    this.start([...neededFor(this.notebook.cells, cell), cell]);
  }

  // The output is what one wants to see; the next cell is selected where it stands.
  runAndGoOn(cell) {
    this.run(cell);
    (this.notebook.neighbour(cell, 1) ?? cell).section.focus({preventScroll: true});
  }

  runAndAdd(cell) {
    this.run(cell);
    this.notebook.own.add(cell, "below");
  }

  runAll() {
    this.wanted = null;
    this.start(this.notebook.cells.filter(cell => cell.runs));
  }

  start(cells) {
    this.notebook.notices.hide("gathered"); // it was read, and would lie over what comes out
    if (!this.python.started) this.python.start();
    for (const one of cells) if (one !== this.python.running) one.waits(this.python.ready);
    this.python.run(cells);
  }

  gather(by, notebooks, before) {
    if (!this.python.started) this.python.start();
    return this.python.gather(by, notebooks, before);
  }

  drop(cell) {
    this.python.drop(cell);
  }

  // A check whose answer is no Python, or stopped with an error, says so: the learner may look at the check alone.
  started(cell, number) {
    cell.starts(number);
    const stopped = cell.answer?.stopped;
    if (!stopped) return true;
    const syntax = /^(Syntax|Indentation|Tab)Error$/.test(stopped.kind);
    const line = stopped.line ? ` (line ${stopped.line})` : "";
    const says = `The cell with your answer stopped with an error${line}: ${stopped.text}`;
    const {title, points} = cell;
    if (syntax) cell.heard({what: "box", title, right: false, lines: [says], read: "", python: "", earned: 0, points});
    else cell.heard({what: "note", text: says});
    return !syntax;
  }

  // After a reload a cell to play with knows nothing of those above it.
  advised(cell, message) {
    const name = message.kind === "NameError" && !message.advice && /^NameError: name '(\w+)' is not defined/.exec(message.text)?.[1];
    if (!name || !definedAbove(this.notebook.cells, cell, name)) return message;
    return {...message, advice: `A cell above gives ${name} and has not run: run it first, or press Run all.`};
  }

  // The checks that have passed, and count.
  passed() {
    const {cells, work} = this.notebook;
    const right = cell => work.data.results[cell.id]?.right && counts(cell, work.data.results[cell.id]);
    return cells.filter(cell => cell.kind === "check" && right(cell)).map(cell => cell.check);
  }

  done(cell, fine) {
    cell.ends(fine);
    if (fine === null) return;
    this.notebook.notices.hide("stopped"); // Python goes on: it need not cover the page any longer
    if (cell.kind === "check") this.notebook.work.setResult(cell.id, resultOf(cell, cell.messages));
    if (cell === this.wanted) cell.showOutput();
    if (!this.python.queue.length) this.voice.textContent = spoken(cell.messages, fine);
    this.notebook.showPoints();
  }

  // Python starts when a cell runs, or by this button; from then on it stops.
  stop() {
    if (!this.python.started) return this.python.start();
    this.python.restart();
    this.notebook.notices.show("stopped", STOPPED);
  }

  pythonIs(name, says) {
    const {bar, cells, notices} = this.notebook;
    if (name === "loading") for (const cell of cells) cell.forgotten();
    if (name === "restarted") notices.show("stopped", `${says} ${AGAIN}`);
    else bar.state(name, says);
    if (name === "failed") notices.hide("stopped");
  }
}
