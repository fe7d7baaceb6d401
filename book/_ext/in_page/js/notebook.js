// The notebook in the page: its cells, what is kept of them, the points, the download.

import {Bar} from "./bar.js";
import {Cell} from "./cell.js";
import {make} from "./dom.js";
import {HELP, editorKeys} from "./keys.js";
import {Notices, ask, table} from "./notices.js";
import {OwnCells} from "./own_cells.js";
import {boxOf, standing, tally} from "./points.js";
import {save, textOf, withAnswers} from "./released.js";
import {Running} from "./running.js";
import {tick} from "./tasks.js";
import {changedElsewhere, noRoom, warn} from "./warnings.js";
import {Work} from "./work.js";

export class Notebook {
  constructor(place, released, facts) {
    const {slug, files, pyodide, kernel} = place.dataset;
    Object.assign(this, {place, released, slug, sections: facts.sections, mistakes: facts.mistakes, release: facts.release, gathers: facts.gathers, bytes: facts.bytes});
    this.notices = new Notices(document.getElementById("nb-notices"));
    this.work = new Work(slug, {elsewhere: () => changedElsewhere(this), full: () => noRoom(this)});
    const voice = place.appendChild(make("div", {className: "nb-voice", aria: {live: "polite"}}));
    const addresses = {pyodide: absolute(pyodide), files: absolute(files), names: facts.files, python: absolute(kernel)};
    this.running = new Running(this, addresses, voice);
    this.own = new OwnCells(this);
    this.list = document.getElementById("nb-cells");
  }

  // ------------------------------------------------------------ cells
  // Until all cells are there, none can be used: a check needs the cells of its answers.
  async fill() {
    this.list.inert = true;
    this.cells = await this.madeOf([...this.list.querySelectorAll(":scope > section.nb-code")]);
    this.list.inert = false;
    const answers = new Map(this.cells.filter(cell => cell.kind === "solution").map(cell => [cell.check, cell]));
    for (const check of this.cells.filter(cell => cell.kind === "check")) {
      check.release = this.release;
      check.answer = answers.get(check.check) ?? null;
      check.answers = [...check.uses, check.check].map(name => answers.get(name)).filter(Boolean);
    }
    this.own.restore();
    addEventListener("beforeunload", event => this.work.write() || event.preventDefault());
    this.bar = new Bar(document.getElementById("nb-bar"), {
      runAll: () => this.running.runAll(), stop: () => this.running.stop(), retry: () => this.running.python.restart(),
      download: () => this.download(), startOver: () => this.startOver(), help: () => this.help(),
    }, this.bytes);
    warn(this);
    this.recall();
    this.showPoints();
  }

  // Nobody has to check again what was not changed.
  recall() {
    for (const cell of this.cells.filter(one => one.kind === "check")) {
      const box = boxOf(cell, this.work.data.results[cell.id]);
      if (box) cell.recalls(box);
    }
  }

  // Thirty editors at once would hold a phone up for a second: the page is listened to between them.
  async madeOf(sections) {
    const texts = new Map(this.released.cells.map(cell => [cell.id, textOf(cell)]));
    if (!sections.every(section => texts.has(section.dataset.id))) throw new Error(OTHER_RELEASE);
    const cells = [];
    for (const section of sections) {
      const text = texts.get(section.dataset.id);
      cells.push(new Cell(section, text, this.work.text(section.dataset.id) ?? text, this));
      await othersTurn();
    }
    return cells;
  }

  neighbour(cell, step) {
    return this.cells[this.cells.indexOf(cell) + step];
  }

  cellOf(element) {
    return this.cells.find(cell => cell.section.contains(element));
  }

  keysFor(cell) {
    return editorKeys(this, cell);
  }

  changed(cell) {
    if (!this.rebuilding) for (const subject of ["reset", "gathered"]) this.notices.hide(subject); // undoing it now would cost what is being written
    if (cell.own) this.own.keep();
    else this.work.setText(cell.id, cell.text, cell.released);
    this.showPoints();
  }

  // ------------------------------------------------------------ points, download, reset
  showPoints() {
    if (!this.cells) return;
    const results = this.work.data.results;
    for (const cell of this.cells.filter(one => one.kind === "check")) cell.says(standing(cell, results[cell.id]));
    this.bar.tally(tally(this.cells, results));
    tick(this.list, this.cells, results);
  }

  async download() {
    const cells = [...this.list.children].map(one => this.cellOf(one) ?? {id: one.dataset.id});
    save(withAnswers(this.released, cells), `${this.slug}.ipynb`);
    this.notices.show("saved", `${this.slug}.ipynb goes to your downloads: the notebook with your answers, to hand in or to open in Jupyter.`);
  }

  async startOver() {
    const content = make("p", {}, "Every cell goes back to its text as it was released, and your own cells go.");
    const answer = await ask("Reset the whole exercise?", content, ["Reset", "Download first", "Cancel"]);
    if (answer === "Download first") {
      await this.download();
      return this.startOver();
    }
    if (answer !== "Reset") return;
    const undo = this.work.reset();
    this.work.write();
    this.rebuild();
    this.notices.hide("stopped");
    this.notices.show("reset", "The exercise is as it was released.", {Undo: () => (undo(), this.work.write(), this.rebuild())});
  }

  // Shows what is kept, without loading the page again.
  rebuild() {
    this.rebuilding = true;
    this.own.clear();
    const data = structuredClone(this.work.data);
    for (const cell of this.cells) cell.replaceText(data.texts[cell.id]?.text ?? cell.released);
    this.work.data = data;
    this.own.restore();
    for (const cell of this.cells) cell.outputs.clear();
    this.recall();
    this.showPoints();
    this.work.soon();
    this.rebuilding = false;
  }

  // The editor's own undo brings the text back too.
  reset(cell) {
    const before = cell.text;
    cell.replaceText(cell.released);
    cell.outputs.clear();
    cell.editor.focus();
    this.notices.show("reset", "The cell is as it was released.", {Undo: () => (cell.replaceText(before), cell.editor.focus())});
  }

  saved() {
    if (this.work.write()) this.notices.show("saved", "Your work is kept in this browser as you write. To hand it in, or to have a copy, download the notebook.");
    else if (this.work.paused) changedElsewhere(this);
    else if (this.work.kept) noRoom(this);
    else warn(this);
  }

  async help() {
    await ask("Keys", table(HELP), ["Close"]);
  }
}

const OTHER_RELEASE = "This page and its notebook are of two releases. Load the page again; nothing that you wrote is lost.";

// A message, because a page that is not looked at waits a second for a timer.
const othersTurn = () => new Promise(resolve => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => (port1.close(), resolve());
  port2.postMessage(null);
});

const absolute = address => new URL(address, location.href).href;
