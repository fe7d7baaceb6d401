// The page's side of Python: starts the worker, hands it one cell at a time, and ends it when it does not stop by itself.

export class Python {
  // on: {state(name, says), bytes(seen), message(cell, message), started(cell), done(cell, fine), idle()}
  constructor(addresses, on) {
    Object.assign(this, {addresses, on, worker: null, queue: [], running: null, ready: false, number: 0});
  }

  start() {
    this.ready = false;
    this.worker = new Worker(new URL("worker.js", import.meta.url), {type: "module"});
    this.worker.onmessage = ({data}) => this.heard(data);
    this.worker.onerror = event => {
      event.preventDefault?.();
      this.heard({what: "failed", says: event.message || "the worker could not be loaded"});
    };
    this.worker.postMessage({what: "start", ...this.addresses});
    this.on.state("loading");
  }

  heard(data) {
    if (data.what === "bytes") this.on.bytes(data.seen);
    else if (data.what === "ready") this.nowReady();
    else if (data.what === "failed") this.fail(data.says);
    else if (data.what === "died") this.died(data.says);
    else if (data.what === "done") this.finished(data.fine);
    else if (this.running) this.on.message(this.running, data);
  }

  nowReady() {
    this.ready = true;
    this.on.state("ready");
    this.next();
  }

  // Cells wait until Python is ready; each is a {id, text} of the page.
  run(cells) {
    const again = cell => cell !== this.running || cell.text !== cell.ranText;
    this.queue.push(...cells.filter(cell => again(cell) && !this.queue.includes(cell)));
    this.next();
  }

  next() {
    if (!this.ready || this.running) return;
    this.running = this.queue.shift() ?? null;
    if (!this.running) return;
    this.number += 1;
    this.on.started(this.running, this.number);
    this.worker.postMessage({what: "run", id: this.running.id, number: this.number, source: this.running.text});
    this.on.state("busy");
  }

  finished(fine) {
    const cell = this.running;
    this.running = null;
    this.on.done(cell, fine);
    if (!this.queue.length) this.on.state("ready");
    this.next();
  }

  fail(says) {
    this.forget();
    this.on.state("failed", says);
  }

  // Python itself broke down (a stack too deep, no memory left): only a new one helps.
  died(says) {
    this.restart();
    this.on.state("restarted", `Python broke down (${says}).`);
  }

  // Ends whatever runs, an endless loop too, and starts anew: the variables are gone, the text in the page is not.
  restart() {
    this.forget();
    this.start();
  }

  forget() {
    this.worker?.terminate();
    const left = [this.running, ...this.queue].filter(Boolean);
    Object.assign(this, {worker: null, queue: [], running: null, ready: false, number: 0});
    for (const cell of left) this.on.done(cell, null);
  }
}
