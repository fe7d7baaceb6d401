// The notebook in the page: its cells, what is kept, what runs, and in which order.

import {Bar} from "./bar.js";
import {Cell, ownSection} from "./cell.js";
import {counted, make} from "./dom.js";
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
    Object.assign(this, {place, released, slug, sections: facts.sections, release: facts.release, removed: []});
    this.notices = new Notices(document.getElementById("nb-notices"));
    this.voice = place.appendChild(make("div", {className: "nb-voice", aria: {live: "polite"}}));
    this.work = new Work(slug, {elsewhere: () => this.changedElsewhere(), full: () => this.noRoom()});
    this.bar = new Bar(document.getElementById("nb-bar"), {
      runAll: () => this.runAll(), stop: () => this.stop(), download: () => this.download(),
      startOver: () => this.startOver(), help: () => this.help(), retry: () => this.python.restart(),
    }, facts.bytes);
    this.python = new Python({pyodide: absolute(pyodide), files: absolute(files), python: absolute(kernel)}, {
      state: (name, says) => this.pythonIs(name, says), bytes: seen => this.bar.bytes(seen),
      started: (cell, number) => this.started(cell, number), passed: () => this.passed(), message: (cell, message) => cell.heard(message),
      done: (cell, fine) => this.done(cell, fine),
    });
    this.fill();
  }

  // ------------------------------------------------------------ cells
  fill() {
    this.list = document.getElementById("nb-cells");
    const texts = new Map(this.released.cells.map(cell => [cell.id, textOf(cell)]));
    const sections = [...this.list.querySelectorAll(":scope > section.nb-code")];
    if (!sections.every(section => texts.has(section.dataset.id))) throw new Error(OTHER_RELEASE);
    this.cells = sections.map(section => {
      const text = texts.get(section.dataset.id);
      return new Cell(section, text, this.work.text(section.dataset.id) ?? text, this);
    });
    const answers = new Map(this.cells.filter(cell => cell.kind === "solution").map(cell => [cell.check, cell]));
    for (const check of this.cells.filter(cell => cell.kind === "check")) {
      check.release = this.release;
      check.answer = answers.get(check.check) ?? null;
      check.answers = [...check.uses, check.check].map(name => answers.get(name)).filter(Boolean);
    }
    this.restoreOwn();
    addEventListener("beforeunload", event => this.work.write() || event.preventDefault());
    this.warn();
    this.showPoints();
  }

  restoreOwn() {
    const known = new Set(this.released.cells.map(cell => cell.id));
    for (const {id, after, text} of this.work.data.own) {
      this.insert(ownSection(id), this.placeOf(after), text);
    }
    for (const [id, {text}] of Object.entries(this.work.data.texts)) {
      if (known.has(id)) continue; // the release dropped this cell: its text is kept as a cell of the learner's own
      delete this.work.data.texts[id];
      this.insert(ownSection(newId()), this.list.lastElementChild, text);
      this.keepOwn();
    }
  }

  // The cell of that name, or the last one where it is gone; null is the place before all.
  placeOf(id) {
    return id === null ? null : [...this.list.children].find(one => one.dataset.id === id) ?? this.list.lastElementChild;
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
    this.removed.push({id: cell.id, after: cell.section.previousElementSibling?.dataset.id ?? null, text: cell.text});
    (this.neighbour(cell, 1) ?? this.neighbour(cell, -1))?.select();
    this.python.drop(cell);
    this.cells = this.cells.filter(one => one !== cell);
    cell.section.remove();
    this.keepOwn();
    this.offerUndo();
  }

  offerUndo() {
    const count = this.removed.length;
    if (count) this.notices.show("deleted", `${counted(count, "cell")} deleted.`, {Undo: () => this.undoRemove()});
    else this.notices.hide("deleted");
  }

  undoRemove() {
    const last = this.removed.pop();
    if (!last) return;
    this.insert(ownSection(last.id), this.placeOf(last.after), last.text).select();
    this.keepOwn();
    this.offerUndo();
  }

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
    if (!this.rebuilding) this.notices.hide("reset"); // undoing it now would cost what is being written
    if (cell.own) this.keepOwn();
    else this.work.setText(cell.id, cell.text, cell.released);
    this.showPoints();
  }

  // ------------------------------------------------------------ running
  run(cell) {
    if (!cell.runs) return;
    if (!this.python.worker) this.python.start();
    this.wanted = cell;
    this.start([...neededFor(this.cells, cell), cell]);
  }

  start(cells) {
    for (const one of cells) if (one !== this.python.running) one.waits(this.python.ready);
    this.python.run(cells);
  }

  // The output is what one wants to see; the next cell is selected where it stands.
  runAndGoOn(cell) {
    this.run(cell);
    (this.neighbour(cell, 1) ?? cell).section.focus({preventScroll: true});
  }

  runAndAdd(cell) {
    this.run(cell);
    this.add(cell, "below");
  }

  runAll() {
    if (!this.python.worker) this.python.start();
    this.wanted = null;
    this.start(this.cells.filter(cell => cell.runs));
  }

  // A check whose answer is no Python, or stopped with an error, says so: the learner may look at the check alone.
  started(cell, number) {
    cell.starts(number);
    const stopped = cell.answer?.stopped;
    if (!stopped) return true;
    const syntax = /^(Syntax|Indentation|Tab)Error$/.test(stopped.kind);
    const line = stopped.line ? ` (line ${stopped.line})` : "";
    const says = `The cell with your answer stopped with an error${line}: ${stopped.text}`;
    if (syntax) cell.heard({what: "box", title: cell.title, right: false, lines: [says], read: "", earned: 0, points: cell.points});
    else cell.heard({what: "note", text: says});
    return !syntax;
  }

  passed() {
    const right = cell => cell.kind === "check" && this.work.data.results[cell.id]?.right;
    return this.cells.filter(cell => right(cell) && counts(cell, this.work.data.results[cell.id])).map(cell => cell.check);
  }

  done(cell, fine) {
    cell.ends(fine);
    if (fine === null) return;
    if (cell.kind === "check") this.work.setResult(cell.id, resultOf(cell, cell.messages));
    if (cell === this.wanted) cell.showOutput();
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
    if (name === "failed") this.notices.hide("stopped");
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
    this.removed = [];
    this.offerUndo();
    for (const cell of this.cells.filter(one => one.own)) cell.section.remove();
    this.cells = this.cells.filter(one => !one.own);
    const data = structuredClone(this.work.data);
    for (const cell of this.cells) cell.replaceText(data.texts[cell.id]?.text ?? cell.released);
    this.work.data = data;
    this.restoreOwn();
    for (const cell of this.cells) cell.outputs.clear();
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
    else if (this.work.paused) this.changedElsewhere();
    else if (this.work.kept) this.noRoom();
    else this.warn();
  }

  async help() {
    await ask("Keys", table(HELP), ["Close"]);
  }

  // ------------------------------------------------------------ warnings
  warn() {
    if (!this.work.kept) {
      this.notices.show("storage", "This browser keeps nothing for this site (private mode, or storage is off): download the notebook before you leave.");
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

const OTHER_RELEASE = "This page and its notebook are of two releases. Load the page again; nothing that you wrote is lost.";

const absolute = address => new URL(address, location.href).href;

const newId = () => `own-${crypto.getRandomValues(new Uint32Array(2)).join("").slice(0, 16)}`;

function standing(cell, result) {
  if (cell.needs) return `needs ${cell.needs}`;
  if (!result) return "";
  if (!counts(cell, result)) return "changed since the check";
  return `${result.right ? "✓ " : ""}${result.earned} of ${result.of}`;
}
