// The bar above the notebook: how Python is, the points reached, and what concerns the whole notebook.

import {button, counted, make} from "./dom.js";

const SAYS = {
  loading: "Loading Python …",
  ready: "Python is ready.",
  busy: "Python is running a cell …",
  fetching: "Loading what the cell imports …",
};

export class Bar {
  // act: {runAll, stop, download, startOver, help, retry}; bytes: what the progress bar counts to
  constructor(place, act, bytes) {
    this.total = bytes.core + bytes.numpy;
    this.says = make("span", {className: "nb-says", role: "status"});
    this.loading = make("progress", {className: "nb-loading", max: this.total, value: 0, hidden: true, aria: {label: "Loading Python"}});
    this.megabytes = make("span", {className: "nb-megabytes", aria: {hidden: "true"}});
    this.retry = button("Try again", act.retry, {hidden: true});
    this.stop = button("Restart Python", act.stop, {className: "nb-button nb-stop"});
    this.points = make("progress", {className: "nb-points", max: 1, value: 0, aria: {label: "Points reached"}});
    this.reached = make("span", {className: "nb-reached"});
    // How Python is and the button that stops it stay in sight on a phone too, where there is no room for more.
    place.replaceChildren(
      make("div", {className: "nb-bar-line nb-now"},
        make("span", {className: "nb-python"}, this.says, this.loading, this.megabytes, this.retry), this.stop),
      make("div", {className: "nb-bar-line nb-whole"},
        button("Run all", act.runAll), button("Keys", act.help, {title: "Keyboard shortcuts"}),
        button("Download .ipynb", act.download), button("Reset exercise", act.startOver)),
      make("div", {className: "nb-bar-line nb-reached-line"}, this.points, this.reached));
    const seen = new ResizeObserver(() => covers(place));
    for (const one of [place, place.firstElementChild]) seen.observe(one);
    this.state("off");
  }

  state(name, says = "") {
    this.place = name;
    const now = this.words(name, says);
    if (this.says.textContent !== now) this.says.textContent = now; // each change is read out
    this.loading.hidden = this.megabytes.hidden = name !== "loading";
    this.retry.hidden = name !== "failed";
    this.stop.disabled = name === "failed";
    this.stop.textContent = {off: "Start Python", busy: "Stop", fetching: "Stop"}[name] ?? "Restart Python";
    this.stop.title = name === "off" ? "Loads Python into this page" : "Ends what runs and starts Python again";
    if (name === "loading") this.bytes(0);
  }

  words(name, says) {
    if (name === "off") return `Python (${this.size}) loads when you run a cell.`;
    if (name === "failed") return `Python could not be loaded (${says}). Check the connection, or load the page again.`;
    return SAYS[name];
  }

  get size() {
    return `${(this.total / 1e6).toFixed(0)} MB`;
  }

  bytes(seen) {
    this.loading.value = Math.min(seen, this.total);
    this.megabytes.textContent = `${(Math.min(seen, this.total) / 1e6).toFixed(0)} of ${this.size}`;
  }

  tally({earned, of, right, checks, elsewhere, library, written, answered, writtenCells}) {
    this.points.max = of || 1;
    this.points.value = earned;
    const parts = [`${earned} of ${counted(of, "point")}`, `${right} of ${counted(checks, "check")} right`];
    if (written) parts.push(`${answered} of ${writtenCells} written (${counted(written, "point")}, graded by a person)`);
    if (elsewhere) parts.push(`${counted(elsewhere, "point")} need${elsewhere === 1 ? "s" : ""} ${library}`);
    this.reached.textContent = parts.join(" · ");
  }
}

// What is scrolled to stops below what stays in sight: the bar, or on a phone its first line.
function covers(bar) {
  const stays = getComputedStyle(bar).display === "contents" ? bar.firstElementChild : bar;
  const height = parseFloat(getComputedStyle(stays).top) + stays.offsetHeight;
  document.documentElement.style.setProperty("--nb-covered", `${height}px`);
}
