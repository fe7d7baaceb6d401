// One cell of the notebook in the page: the editor or text field, its buttons, and what came of it.

import {button, make} from "./dom.js";
import {makeEditor} from "./editor.min.js";
import {gather} from "./gathering.js";
import {Outputs} from "./outputs.js";

const LOCKED = new Set(["setup", "given", "check"]);
const PLACEHOLDER = "Write your answer here. Markdown and $formulas$ are welcome.";
const SET_UP = "Set-up: loads the checks. Runs by itself.";
const GIVEN = "Given code, which you need not read. Runs by itself.";
const BADGES = {setup: "set-up", given: "given", check: "check", solution: "your answer", written: "in your own words",
  plain: "to play with", own: "your own cell"};

export class Cell {
  // notebook: the one that it belongs to
  constructor(section, released, text, notebook) {
    const {id, kind, points, needs, check, title, uses} = section.dataset;
    Object.assign(this, {section, released, notebook, id, kind, check, title, needs: needs ?? ""});
    this.points = Number(points ?? 0);
    this.uses = (uses ?? "").split(" ");
    this.own = kind === "own";
    this.locked = LOCKED.has(kind);
    this.runs = kind !== "written";
    this.ranText = null; // the text that this Python has run to its end, or runs
    this.lastText = null; // the text that this Python was given last
    this.marked = null; // the line of the last error
    this.stopped = null; // the error with which the cell last stopped
    this.messages = [];
    this.fill(text);
  }

  fill(text) {
    nameAsGroup(this.section);
    this.section.addEventListener("focus", leaveEditor);
    const place = make("div", {className: "nb-editor"});
    this.prompt = make("span", {className: "nb-prompt", aria: {hidden: "true"}}, this.runs ? "[ ]" : "");
    this.badge = make("span", {className: "nb-badge"}, this.badgeText());
    this.result = make("span", {className: "nb-result"});
    this.tools = make("div", {className: "nb-tools"}, this.prompt, this.badge, this.result, ...this.buttons());
    this.output = make("div", {className: "nb-output"});
    this.section.querySelector(".nb-source")?.remove();
    const about = this.kind === "setup" ? SET_UP : this.section.dataset.folded ? GIVEN : "";
    this.section.append(about ? folded(place, about) : place, this.tools, this.output);
    this.section.tabIndex = -1;
    this.outputs = new Outputs(this.output, this.notebook);
    this.editor = makeEditor({
      parent: place, text: this.shownText(text), readOnly: this.locked, label: this.section.getAttribute("aria-label"),
      language: this.runs ? "python" : "text", wrap: true, placeholder: this.runs ? "" : PLACEHOLDER,
      onChange: () => this.edited(), keys: this.notebook.keysFor(this),
    });
    this.edited(false);
  }

  badgeText() {
    const points = this.points ? ` · ${this.points} point${this.points === 1 ? "" : "s"}` : "";
    const by = this.kind === "written" ? ", graded by a person" : "";
    return BADGES[this.kind] + points + by + (this.locked ? " · locked" : "");
  }

  buttons() {
    const name = this.section.getAttribute("aria-label");
    const named = (text, action, more = {}) => button(text, action, {aria: {label: `${text}: ${name}`}, ...more});
    this.runsAs = this.kind === "check" ? "Check" : "Run";
    const runOrStop = () => (this.stops ? this.notebook.running.stop() : this.notebook.running.run(this));
    this.runButton = this.runs ? named(this.runsAs, runOrStop, {className: "nb-button nb-run"}) : null;
    this.resetButton = this.own
      ? named("Delete", () => this.notebook.own.remove(this))
      : named("Reset", () => this.notebook.reset(this));
    const brings = this.kind === "solution" && this.notebook.gathers;
    const bringButton = brings ? named("Bring my functions", () => gather(this.notebook, this)) : null;
    return [this.runButton, bringButton, this.locked ? null : this.resetButton].filter(Boolean);
  }

  // What the release says in place of a written answer is no text of the learner's: the editor is empty instead.
  shownText(text) {
    return !this.runs && text === this.released ? "" : text;
  }

  get text() {
    const text = this.editor.text();
    return this.runs || text.trim() ? text : this.released;
  }

  get changed() {
    return this.text.trim() !== this.released.trim();
  }

  edited(tell = true) {
    if (!this.own) this.resetButton.hidden = !this.changed;
    this.mark(null);
    if (tell) this.notebook.changed(this);
  }

  replaceText(text) {
    if (text !== this.text) this.editor.setText(this.shownText(text));
  }

  waits(ready) {
    this.state("waiting", ready ? "[…]" : "[…] waits for Python");
  }

  starts(number) {
    this.messages = [];
    this.stopped = null;
    this.ranText = this.lastText = this.text;
    this.mark(null);
    this.outputs.begin();
    this.state("running", "[*]");
    this.number = number;
  }

  heard(message) {
    const said = message.what === "error" && !message.trace && this.messages.some(one => one.right === false);
    this.messages.push(message);
    if (said) return; // the box above it has said all
    this.outputs.add(message);
    if (message.what !== "error") return;
    this.stopped = message;
    if (message.line) this.mark(message.line);
  }

  // The box of an earlier visit: the next output takes its place.
  recalls(box) {
    this.outputs.add({what: "note", text: "From an earlier visit:"});
    this.outputs.add({...box, what: "box"});
  }

  mark(line) {
    if (line !== this.marked) this.editor.markLine(line);
    this.marked = line;
  }

  // fine: true, false, or null where Python was stopped meanwhile
  ends(fine) {
    if (fine === null && this.section.dataset.state === "running") this.outputs.add({what: "note", text: "Stopped."});
    this.outputs.end();
    if (!fine) this.ranText = null; // it runs again when something needs it
    this.state(fine ? "done" : fine === null ? "idle" : "error", fine === null ? "[ ]" : `[${this.number}]`);
  }

  state(name, prompt) {
    this.section.dataset.state = name;
    this.prompt.textContent = prompt;
    this.section.setAttribute("aria-busy", String(name === "running"));
    clearTimeout(this.waitsToStop);
    this.offersToStop(false);
    // Not at once, so that a second click on Run stops nothing.
    if (name === "running") this.waitsToStop = setTimeout(() => this.offersToStop(true), 1500);
  }

  offersToStop(stops) {
    this.stops = stops;
    const does = stops ? "Stop" : this.runsAs;
    if (!this.runButton || this.runButton.textContent === does) return;
    this.runButton.textContent = does;
    this.runButton.setAttribute("aria-label", `${does}: ${this.section.getAttribute("aria-label")}`);
  }

  // Python was started anew: what this cell defined is gone.
  forgotten() {
    this.ranText = this.lastText = this.stopped = null;
    if (this.runs) this.state("idle", "[ ]");
  }

  says(text) {
    this.result.textContent = text;
  }

  // As far as it fits; its beginning where it does not.
  showOutput() {
    const {top, bottom} = this.output.getBoundingClientRect();
    const block = bottom - top < innerHeight - 200 ? "nearest" : "start";
    if (top !== bottom) this.output.scrollIntoView({block});
  }

  select() {
    this.section.focus({preventScroll: true});
    this.section.scrollIntoView({block: "nearest"});
  }
}

// WebKit writes what is typed where the selection is, though the keyboard is elsewhere: in the text that was just left.
function leaveEditor() {
  if (getSelection().anchorNode?.parentElement?.closest(".cm-content")) getSelection().removeAllRanges();
}

function nameAsGroup(section) {
  section.setAttribute("role", "group");
}

// Such code is for the machine: it is there for those who ask.
function folded(place, about) {
  return make("details", {className: "nb-folded"}, make("summary", {}, about), place);
}

export function ownSection(id) {
  return make("section", {className: "nb-cell nb-code nb-own", data: {id, kind: "own"}, aria: {label: "Your own cell"}});
}
