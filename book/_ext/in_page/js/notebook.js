// The notebook in the page: its cells, what is kept, what runs, and in which order.

import {Bar} from "./bar.js";
import {Cell, ownSection} from "./cell.js";
import {make} from "./dom.js";
import {HELP, editorKeys} from "./keys.js";
import {Notices, ask, table} from "./notices.js";
import {spoken} from "./outputs.js";
import {counts, resultOf, tally} from "./points.js";
import {Python} from "./python.js";
import {neededFor} from "./order.js";
import {save, textOf, withAnswers} from "./released.js";
import {Work} from "./work.js";

export class Notebook {
  constructor(place, released, facts) {
    const {slug, files, pyodide, kernel} = place.dataset;
    Object.assign(this, {place, released, slug, sections: facts.sections});
    this.notices = new Notices(document.getElementById("nb-notices"));
    this.voice = place.appendChild(make("div", {className: "nb-voice", aria: {live: "polite"}}));
    this.work = new Work(slug, {elsewhere: () => this.changedElsewhere(), full: () => this.noRoom()});
    this.bar = new Bar(document.getElementById("nb-bar"), {
      runAll: () => this.runAll(), stop: () => this.stop(), download: () => this.download(),
      startOver: () => this.startOver(), help: () => this.help(), retry: () => this.python.restart(),
    }, facts.bytes);
    this.python = new Python({pyodide: absolute(pyodide), files: absolute(files), python: absolute(kernel)}, {
      state: (name, says) => this.pythonIs(name, says), bytes: seen => this.bar.bytes(seen),
      started: (cell, number) => cell.starts(number), message: (cell, message) => cell.heard(message),
      done: (cell, fine) => this.done(cell, fine),
    });
    this.fill();
  }

  // ------------------------------------------------------------ cells
  fill() {
    this.list = document.getElementById("nb-cells");
    const texts = new Map(this.released.cells.map(cell => [cell.id, textOf(cell)]));
    const sections = [...this.list.querySelectorAll(":scope > section.nb-code")];
    this.cells = sections.map(section => {
      const text = texts.get(section.dataset.id);
      return new Cell(section, text, this.work.text(section.dataset.id) ?? text, this);
    });
    for (const check of this.cells.filter(cell => cell.kind === "check")) {
      check.answer = this.cells.find(cell => cell.kind === "solution" && cell.check === check.check) ?? null;
    }
    this.restoreOwn();
    this.warn();
    this.showPoints();
  }

  restoreOwn() {
    const known = new Set(this.released.cells.map(cell => cell.id));
    for (const {id, after, text} of this.work.data.own) {
      const before = [...this.list.children].find(one => one.dataset.id === after);
      this.insert(ownSection(id), before ?? (after === null ? null : this.list.lastElementChild), text);
    }
    for (const [id, {text}] of Object.entries(this.work.data.texts)) {
      if (known.has(id)) continue; // the release dropped this cell: its text is kept as a cell of the learner's own
      delete this.work.data.texts[id];
      this.insert(ownSection(newId()), this.list.lastElementChild, text);
      this.keepOwn();
    }
  }

  insert(section, after, text) {
    if (after) after.after(section);
    else this.list.prepend(section);
    const cell = new Cell(section, "", text, this);
    this.cells.push(cell);
    const place = new Map([...this.list.children].map((one, at) => [one, at]));
    this.cells.sort((a, b) => place.get(a.section) - place.get(b.section));
    return cell;
  }

  add(cell, where) {
    const after = where === "below" ? cell.section : cell.section.previousElementSibling;
    const own = this.insert(ownSection(newId()), after, "");
    this.keepOwn();
    own.editor.focus();
  }

  remove(cell) {
    if (!cell.own) return this.notices.show("locked", "Only cells of your own can be deleted.");
    const after = cell.section.previousElementSibling;
    this.neighbour(cell, 1)?.select() ?? this.neighbour(cell, -1)?.select();
    this.undoRemove = () => {
      this.undoRemove = () => {};
      this.notices.hide("deleted");
      this.insert(ownSection(cell.id), after, cell.text).select();
      this.keepOwn();
    };
    this.cells = this.cells.filter(one => one !== cell);
    cell.section.remove();
    this.keepOwn();
    this.notices.show("deleted", "Your cell is deleted.", {Undo: () => this.undoRemove()});
  }

  undoRemove() {}

  keepOwn() {
    this.work.setOwn(this.cells.filter(cell => cell.own).map(cell => (
      {id: cell.id, after: cell.section.previousElementSibling?.dataset.id ?? null, text: cell.text})));
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
    if (cell.own) this.keepOwn();
    else this.work.setText(cell.id, cell.text, cell.released);
    this.showPoints();
  }

  // ------------------------------------------------------------ running
  run(cell) {
    if (!cell.runs) return;
    if (!this.python.worker) this.python.start();
    const cells = [...neededFor(this.cells, cell), cell];
    for (const one of cells) if (one !== this.python.running) one.waits();
    this.python.run(cells);
  }

  runAndGoOn(cell) {
    this.run(cell);
    (this.neighbour(cell, 1) ?? cell).select();
  }

  runAndAdd(cell) {
    this.run(cell);
    this.add(cell, "below");
  }

  runAll() {
    if (!this.python.worker) this.python.start();
    const cells = this.cells.filter(cell => cell.runs);
    for (const one of cells) if (one !== this.python.running) one.waits();
    this.python.run(cells);
  }

  done(cell, fine) {
    cell.ends(fine);
    if (fine === null) return;
    if (cell.kind === "check") this.work.setResult(cell.id, resultOf(cell, cell.messages));
    if (!this.python.queue.length) this.voice.textContent = spoken(cell.messages, fine);
    this.showPoints();
  }

  stop() {
    this.python.restart();
    this.notices.show("stopped", "Python was stopped and starts again. What it had computed is gone, what you wrote is not: "
      + "a check runs the cells above that it needs.");
  }

  pythonIs(name, says) {
    if (name === "loading") for (const cell of this.cells) cell.forgotten();
    if (name === "restarted") this.notices.show("stopped", `${says} It starts again; nothing that you wrote is lost.`);
    else this.bar.state(name, says);
  }

  // ------------------------------------------------------------ points, download, reset
  showPoints() {
    if (!this.cells) return;
    const results = this.work.data.results;
    for (const cell of this.cells.filter(one => one.kind === "check")) cell.says(standing(cell, results[cell.id]));
    this.bar.tally(tally(this.cells, results));
  }

  async download() {
    const cells = [...this.list.children].map(one => this.cellOf(one) ?? {id: one.dataset.id});
    save(withAnswers(this.released, cells), `${this.slug}.ipynb`);
  }

  async startOver() {
    const content = make("p", {}, "Every cell goes back to the exercise as it was released, and your own cells go.");
    const answer = await ask("Start over?", content, ["Start over", "Download first", "Cancel"]);
    if (answer === "Download first") {
      await this.download();
      return this.startOver();
    }
    if (answer !== "Start over") return;
    const undo = this.work.reset();
    this.work.write();
    this.rebuild();
    this.notices.show("reset", "The exercise is as it was released.", {Undo: () => (undo(), this.work.write(), this.rebuild())});
  }

  // Shows what is kept, without loading the page again.
  rebuild() {
    for (const cell of this.cells.filter(one => one.own)) cell.section.remove();
    this.cells = this.cells.filter(one => !one.own);
    const data = structuredClone(this.work.data);
    for (const cell of this.cells) cell.replaceText(data.texts[cell.id]?.text ?? cell.released);
    this.work.data = data;
    this.restoreOwn();
    for (const cell of this.cells) cell.outputs.clear();
    this.showPoints();
    this.work.soon();
  }

  saved() {
    this.work.write();
    if (this.work.kept) this.notices.show("saved", "Your work is kept in this browser as you write. To hand it in, or to have a copy, download the notebook.");
  }

  async help() {
    await ask("Keys", table(HELP), ["Close"]);
  }

  // ------------------------------------------------------------ warnings
  warn() {
    if (!this.work.kept) {
      this.notices.show("storage", "This browser keeps nothing for this site (private mode, or storage is off): download the notebook before you leave.");
      addEventListener("beforeunload", event => this.cells.some(cell => !cell.locked && cell.changed) && event.preventDefault());
    }
    if (this.work.unread) this.notices.show("unread", "What this browser kept of this notebook could not be read. It is set aside, and you begin with the exercise as released.");
    if (this.cells.some(cell => !cell.own && this.work.outdated(cell.id, cell.released))) {
      this.notices.show("release", "The exercise has been changed since you began. Your answers are kept; Reset at a cell shows its new text.");
    }
  }

  noRoom() {
    this.notices.show("storage", "There is no room left in this browser's storage: your last changes are not kept. Download the notebook before you leave.");
  }

  changedElsewhere() {
    this.notices.show("elsewhere", "This notebook was changed in another tab. Nothing that you write here is kept until you choose.", {
      "Load that version": () => location.reload(),
      "Keep this one": () => this.work.keepMine(),
    });
  }
}

const absolute = address => new URL(address, location.href).href;

const newId = () => `own-${crypto.getRandomValues(new Uint32Array(2)).join("").slice(0, 16)}`;

function standing(cell, result) {
  if (cell.needs) return `needs ${cell.needs}`;
  if (!result) return "";
  if (!counts(cell, result)) return "changed since the check";
  return `${result.right ? "✓ " : ""}${result.earned} of ${result.of}`;
}
