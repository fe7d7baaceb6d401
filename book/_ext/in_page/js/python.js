// The page's side of Python: starts the worker, hands it one cell at a time, and ends it when it does not stop by itself.

export class Python {
  // on: {state(name, says), bytes(seen), message(cell, message), started(cell, number), done(cell, fine), passed()}
  // started returns false for a cell that is not to be run after all; passed gives the names of the checks passed so far.
  constructor(addresses, on) {
    Object.assign(this, {addresses, on, worker: null, queue: [], running: null, ready: false, number: 0});
    Object.assign(this, {starts: 0, gathering: null});
    this.kept = new Map(); // all that a worker has loaded, by address: the next one may have no connection
    this.script = null; // the address of the worker's own script, once it has come
  }

  get started() {
    return this.worker !== null || this.starting;
  }

  async start() {
    const mine = this.starts += 1;
    this.ready = false;
    this.starting = true;
    this.on.state("loading");
    try {
      this.script ??= await scriptOf(new URL("worker.js", import.meta.url));
    } catch (error) {
      if (mine === this.starts) this.heard({what: "failed", says: `worker.js: ${error.message}`});
      return;
    }
    if (mine !== this.starts) return; // started anew, or given up, meanwhile
    this.starting = false;
    this.worker = new Worker(this.script, {type: "module"});
    this.worker.onmessage = ({data}) => this.heard(data);
    this.worker.onerror = event => {
      event.preventDefault?.();
      this.heard({what: "failed", says: event.message || "the worker could not be loaded"});
    };
    this.worker.postMessage({what: "start", ...this.addresses, kept: this.kept});
  }

  heard(data) {
    if (data.what === "bytes") this.on.bytes(data.seen);
    else if (data.what === "file") this.kept.set(data.address, data.blob);
    else if (data.what === "ready") this.nowReady();
    else if (data.what === "failed") this.fail(data.says);
    else if (data.what === "gathered") this.gathered(data);
    else if (!this.running) return; // a late word of a cell that is over
    else if (data.what === "died") this.died(data.says);
    else if (data.what === "fetching") this.on.state("fetching");
    else if (data.what === "running") this.on.state("busy");
    else if (data.what !== "done") this.on.message(this.running, data);
    else if (data.id === this.running.id) this.finished(data.fine === true);
  }

  nowReady() {
    this.ready = true;
    this.on.state("ready");
    if (this.gathering) this.worker.postMessage(this.gathering.asks);
    this.next();
  }

  // Lets a module of the exercise read other notebooks, {slug: text}; gives what its text_in returns for this text before.
  gather(by, notebooks, before) {
    return new Promise((resolve, reject) => {
      this.gathering = {asks: {what: "gather", by, notebooks, before}, resolve, reject};
      if (this.ready) this.worker.postMessage(this.gathering.asks);
    });
  }

  gathered({text, says}) {
    if (says) this.gathering?.reject(new Error(says));
    else this.gathering?.resolve(text);
    this.gathering = null;
  }

  // Cells wait until Python is ready; each is a {id, text} of the page.
  run(cells) {
    const again = cell => cell !== this.running || cell.text !== cell.ranText;
    this.queue.push(...cells.filter(cell => again(cell) && !this.queue.includes(cell)));
    this.next();
  }

  // A cell that is deleted need not run.
  drop(cell) {
    this.queue = this.queue.filter(one => one !== cell);
  }

  next() {
    if (!this.ready || this.running) return;
    this.running = this.queue.shift() ?? null;
    if (!this.running) return;
    this.number += 1;
    const {id, text} = this.running;
    if (this.on.started(this.running, this.number) === false) return this.finished(false);
    this.worker.postMessage({what: "run", id, number: this.number, source: text, passed: this.on.passed()});
    this.on.state("busy");
  }

  finished(fine) {
    const cell = this.running;
    this.running = null;
    try {
      this.on.done(cell, fine);
    } finally {
      if (!this.queue.length) this.on.state("ready");
      this.next();
    }
  }

  fail(says) {
    this.forget();
    this.on.state("failed", says);
  }

  // Python itself broke down (a stack too deep, no memory left): only a new one helps.
  died(says) {
    const broke = `Python broke down: ${meaning(says)}`;
    this.on.message(this.running, {what: "note", text: broke});
    this.restart();
    this.on.state("restarted", broke);
  }

  // Ends whatever runs, an endless loop too, and starts anew: the variables are gone, the text in the page is not.
  restart() {
    this.forget();
    this.start();
  }

  forget() {
    this.starts += 1;
    this.starting = false;
    this.worker?.terminate();
    const left = [this.running, ...this.queue].filter(Boolean);
    Object.assign(this, {worker: null, queue: [], running: null, ready: false, number: 0});
    for (const cell of left) this.on.done(cell, null);
  }
}

// What a browser says when Python breaks down, and what helps.
const MEANINGS = [
  [/call stack|recursion/i, "calls went too deep. Does a function call itself without end?"],
  [/exit\(/, "the cell ended it."],
  [/memory|allocation/i, "there was no memory left. Make what the cell builds smaller."],
];

const meaning = says => MEANINGS.find(([pattern]) => pattern.test(says))?.[1] ?? says;

// A script as an address within this page: it stays when the connection goes.
async function scriptOf(address) {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(reply.status);
  return URL.createObjectURL(new Blob([await reply.text()], {type: "text/javascript"}));
}
