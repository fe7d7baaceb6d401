// Cells of the learner's own, between those of the release: added, deleted, brought back, kept.

import {Cell, ownSection} from "./cell.js";
import {counted} from "./dom.js";

export class OwnCells {
  constructor(notebook) {
    Object.assign(this, {notebook, removed: []});
  }

  restore() {
    const {work, released, list} = this.notebook;
    for (const {id, after, text} of work.data.own) this.insert(ownSection(id), this.placeOf(after), text);
    const known = new Set(released.cells.map(cell => cell.id));
    for (const [id, {text}] of Object.entries(work.data.texts)) {
      if (known.has(id)) continue; // the release dropped this cell: its text is kept as a cell of the learner's own
      delete work.data.texts[id];
      this.insert(ownSection(newId()), list.lastElementChild, text);
      this.keep();
    }
  }

  // The cell of that name, or the last one where it is gone; null is the place before all.
  placeOf(id) {
    const {list} = this.notebook;
    return id === null ? null : [...list.children].find(one => one.dataset.id === id) ?? list.lastElementChild;
  }

  insert(section, after, text) {
    const {list, cells} = this.notebook;
    if (after) after.after(section);
    else list.prepend(section);
    const cell = new Cell(section, "", text, this.notebook);
    cells.push(cell);
    const place = new Map([...list.children].map((one, at) => [one, at]));
    cells.sort((a, b) => place.get(a.section) - place.get(b.section));
    return cell;
  }

  add(cell, where) {
    const after = where === "below" ? cell.section : cell.section.previousElementSibling;
    const own = this.insert(ownSection(newId()), after, "");
    this.keep();
    own.editor.focus();
  }

  remove(cell) {
    const {notebook} = this;
    if (!cell.own) return notebook.notices.show("locked", "Only cells of your own can be deleted.");
    this.removed.push({id: cell.id, after: before(cell), text: cell.text});
    (notebook.neighbour(cell, 1) ?? notebook.neighbour(cell, -1))?.select();
    notebook.running.drop(cell);
    this.takeOut([cell]);
    this.keep();
    this.offerUndo();
  }

  takeOut(cells) {
    for (const cell of cells) cell.section.remove();
    this.notebook.cells = this.notebook.cells.filter(one => !cells.includes(one));
  }

  // Before what is kept is shown anew.
  clear() {
    this.removed = [];
    this.offerUndo();
    this.takeOut(this.notebook.cells.filter(cell => cell.own));
  }

  offerUndo() {
    const count = this.removed.length;
    const {notices} = this.notebook;
    if (count) notices.show("deleted", `${counted(count, "cell")} deleted.`, {Undo: () => this.undo()});
    else notices.hide("deleted");
  }

  undo() {
    const last = this.removed.pop();
    if (!last) return;
    this.insert(ownSection(last.id), this.placeOf(last.after), last.text).select();
    this.keep();
    this.offerUndo();
  }

  keep() {
    const own = this.notebook.cells.filter(cell => cell.own);
    this.notebook.work.setOwn(own.map(cell => ({id: cell.id, after: before(cell), text: cell.text})));
  }
}

const before = cell => cell.section.previousElementSibling?.dataset.id ?? null;

const newId = () => `own-${crypto.getRandomValues(new Uint32Array(2)).join("").slice(0, 16)}`;
