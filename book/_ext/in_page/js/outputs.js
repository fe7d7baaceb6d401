// What came of a cell, below it: printed text, pictures, the boxes of the checks, errors.

import {make} from "./dom.js";
import {SIGNS, stateOf} from "./points.js";
import {Terminal} from "./terminal.js";

const MOST = 500;

export class Outputs {
  // sections, mistakes: where in the book it is explained, and where all known mistakes stand
  constructor(place, {sections, mistakes}) {
    Object.assign(this, {place, links: {sections, mistakes}, stale: false});
  }

  // The old output stays until the first new one, so that the page does not jump.
  begin() {
    this.stale = true;
  }

  end() {
    if (this.stale) this.clear();
  }

  clear() {
    this.place.replaceChildren();
    this.stale = false;
  }

  add(message) {
    if (this.stale) this.clear();
    if (this.place.childElementCount >= MOST) return; // the kernel sends fewer
    if (message.what === "text") this.text(message);
    else this.place.append({box: one => box(one, this.links), picture, error, note}[message.what](message));
  }

  text({stream, text}) {
    if (this.place.lastElementChild?.dataset.stream !== stream) {
      const pre = scrolling(make("pre", {className: `nb-text nb-${stream}`, data: {stream}}));
      this.place.append(pre);
      this.terminal = new Terminal(pre);
    }
    this.terminal.write(text);
  }
}

// Wide text scrolls by itself; then it has to be reached by keyboard too.
function scrolling(element, label = "Output") {
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", label);
  return element;
}

function box(message, {sections, mistakes}) {
  const {lines, read, python, unnamed} = message;
  const shown = make("div", {className: `nb-box nb-${stateOf(message)}`},
    make("strong", {}, heading(message)),
    ...lines.map(line => make("div", {}, ...marked(line))));
  if (read) {
    const place = Object.hasOwn(sections, read) ? make("a", {href: sections[read]}, read) : read;
    shown.append(make("div", {className: "nb-read"}, "Read: ", place));
  }
  if (unnamed && mistakes) {
    const href = `${mistakes}?q=${encodeURIComponent(unnamed)}`;
    shown.append(make("div", {className: "nb-read"}, make("a", {href}, "Which mistake is this?")));
  }
  if (python) {
    const words = scrolling(make("pre", {}, python), "Python's words");
    shown.append(make("details", {className: "nb-python-said"}, make("summary", {}, "Python said"), words));
  }
  return shown;
}

// The sign says without colours what the colours say.
function heading(message) {
  const {title, earned, points} = message;
  const of = points && typeof earned === "number" ? `: ${Number(earned.toPrecision(6))} of ${points} points` : "";
  return SIGNS[stateOf(message)] + title + of;
}

// In the sentences of the checks `x` is code and *x* is stressed, as in the notebooks.
function marked(line) {
  const parts = line.split(/(`[^`]+`|\*[^\s*](?:[^*]*[^\s*])?\*)/);
  return parts.map((part, at) => (at % 2 ? make(part[0] === "`" ? "code" : "em", {}, part.slice(1, -1)) : part));
}

function note({text}) {
  return make("div", {className: "nb-note"}, text);
}

// The theme leaves the ground of a picture of the class dark-light as it is.
function picture({png, width, height, alt}) {
  return make("img", {className: "nb-picture dark-light", src: `data:image/png;base64,${png}`, width, height, alt});
}

function error({text, trace, advice}) {
  const shown = make("div", {className: "nb-error"});
  if (advice) shown.append(make("div", {className: "nb-advice"}, advice));
  shown.append(trace ? scrolling(make("pre", {className: "nb-trace"}, trace)) : make("div", {}, text));
  return shown;
}

// What a screen reader is told when a cell is done.
export function spoken(messages, fine) {
  const boxes = messages.filter(one => one.what === "box").map(one => [heading(one), ...one.lines].join(". "));
  const errors = messages.filter(one => one.what === "error" && one.trace).map(one => one.text);
  const said = [...boxes, ...errors].join(" ");
  return said || (fine ? "The cell is done." : "The cell was not finished.");
}
