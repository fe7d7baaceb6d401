// What a learner has done in one notebook, kept in this browser: the texts that differ from the release, cells of their
// own, and what the checks said. Nothing of it leaves the browser.

const FORM = 1;

export class Work {
  // on: {elsewhere()} is called when another tab changes the same notebook; {full()} when there is no room.
  constructor(slug, on) {
    this.key = keyOf(slug);
    this.on = on;
    this.kept = storageWorks();
    const found = read(this.key);
    this.data = found.data ?? empty();
    this.unread = found.unread;
    this.paused = false;
    addEventListener("storage", event => {
      if (event.key !== this.key && event.key !== null) return;
      this.paused = true;
      on.elsewhere();
    });
    addEventListener("pageshow", event => event.persisted && this.compare());
    addEventListener("pagehide", () => this.write());
    document.addEventListener("visibilitychange", () => this.write());
  }

  text(id) {
    return this.data.texts[id]?.text;
  }

  setText(id, text, released) {
    if (text === released) delete this.data.texts[id];
    else this.data.texts[id] = {text, base: digest(released)};
    this.soon();
  }

  // Whether the released text was another one when the learner began to change it.
  outdated(id, released) {
    return id in this.data.texts && this.data.texts[id].base !== digest(released);
  }

  setResult(id, result) {
    if (result) this.data.results[id] = result;
    else delete this.data.results[id];
    this.soon();
  }

  setOwn(cells) {
    this.data.own = cells;
    this.soon();
  }

  soon() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), 300);
  }

  // Returns whether all is kept.
  write() {
    clearTimeout(this.timer);
    if (!this.dirty || this.paused || !this.kept) return !this.dirty;
    try {
      this.last = JSON.stringify(this.data);
      localStorage.setItem(this.key, this.last);
      this.dirty = false;
    } catch {
      this.on.full();
    }
    return !this.dirty;
  }

  // A page that the browser took from its memory may have missed what another tab wrote.
  compare() {
    if (!this.last || localStorage.getItem(this.key) === this.last) return;
    this.paused = true;
    this.on.elsewhere();
  }

  // This tab's version counts, whatever another tab wrote.
  keepMine() {
    this.paused = false;
    this.dirty = true;
    this.write();
  }

  reset() {
    const before = this.data;
    this.data = empty();
    this.soon();
    return () => {
      this.data = before;
      this.soon();
    };
  }
}

const keyOf = slug => `attention-notebook:${slug}`;

// What this browser keeps of another exercise; it is only looked at.
export function keptOf(slug) {
  try {
    const data = JSON.parse(localStorage.getItem(keyOf(slug)));
    return fits(data) ? data : empty();
  } catch {
    return empty(); // nothing is kept, or it cannot be read
  }
}

const empty = () => ({form: FORM, texts: {}, own: [], results: {}});

// A page that may keep nothing has a stand-in, which the theme needs (pages/templates/layout.html).
function storageWorks() {
  try {
    if (!(localStorage instanceof Storage)) return false;
    localStorage.setItem("attention-notebook", "");
    localStorage.removeItem("attention-notebook");
    return true;
  } catch {
    return false;
  }
}

// What cannot be read is set aside under another name, not thrown away.
function read(key) {
  let text = null;
  try {
    text = localStorage.getItem(key);
    if (text === null) return {data: null, unread: false};
    const data = JSON.parse(text);
    if (!fits(data)) throw new Error("another form");
    return {data, unread: false};
  } catch {
    if (text !== null) setAside(key, text);
    return {data: null, unread: text !== null};
  }
}

function setAside(key, text) {
  try {
    let number = 1;
    while (localStorage.getItem(`${key}:unread-${number}`) !== null) number += 1;
    localStorage.setItem(`${key}:unread-${number}`, text);
  } catch { /* no room: the first write will tell */ }
}

const isText = value => typeof value === "string";
const isObject = value => value !== null && typeof value === "object" && !Array.isArray(value);

function fits({form, texts, own, results}) {
  return form === FORM && isObject(texts) && Array.isArray(own) && isObject(results)
    && Object.values(texts).every(one => isText(one?.text) && isText(one.base))
    && own.every(one => isText(one?.id) && isText(one.text))
    && Object.values(results).every(one => Number.isFinite(one?.earned) && Number.isFinite(one.of));
}

export function digest(text) {
  let sum = 5381;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 33) ^ text.charCodeAt(at)) >>> 0;
  return sum.toString(36);
}
