/* What the interactive figures share. The page is complete without it: Python wrote every number that stands there
   (book/_ext/figures/), and these scripts write others into the same places, so nothing moves when they start.
   No drawing library: the pictures are there before any script, which then sets a few attributes of their SVG.
   Classic scripts: modules do not load from file:// in every browser. */
"use strict";

const Seeing = {
  // ---- numbers as the page writes them (the same as in markup.py) ----

  number(value, digits = 3) {
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
  },

  weight(value) {
    if (value === 0 || value >= 0.0001) return value.toFixed(4);
    const [mantissa, exponent] = value.toExponential(1).split("e");
    const raised = String(Number(exponent)).replace(/./g, sign => "\u207B\u2070\u00B9\u00B2\u00B3\u2074\u2075\u2076\u2077\u2078\u2079"["-0123456789".indexOf(sign)]);
    return mantissa + "\u00B710" + raised;
  },

  /* A text in parts: the small letters of Unicode are larger than a typeface has them (legible in markup.py). */
  legible(text) {
    return text.split(/([\u207B\u2070-\u2079\u00B9\u00B2\u00B3\u1D40]+|[\u2080-\u2089\u2090-\u209C]+)/).map((part, n) => (n % 2
      ? Object.assign(document.createElement("span"), { className: part < "\u2080" ? "above" : "below", textContent: part }) : part));
  },

  percent: value => (value >= 0.0005 ? (100 * value).toFixed(1) + "%" : "less than 0.1%"),

  // ---- mathematics ----

  dot: (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0),

  softmax(scores) {
    const highest = Math.max(...scores);
    const powers = scores.map(score => Math.exp(score - highest)); // shifted: cannot overflow
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map(power => power / total);
  },

  entropy: weights => -weights.reduce((bits, w) => bits + (w > 0 ? w * Math.log2(w) : 0), 0),

  // ---- figures ----

  /* Bring to life every figure called `name`: `start(view)` returns the function that draws the present state. */
  figure(name, start) {
    for (const root of document.querySelectorAll(`.seeing[data-figure="${name}"]`)) {
      const view = new Seeing.View(root);
      const draw = start(view);
      view.root.addEventListener("input", draw);
      for (const fieldset of view.root.querySelectorAll("fieldset:disabled")) fieldset.disabled = false;
      draw(); // a browser may have kept other settings over a reload
    }
  },

  /* Fetch the scripts of a figure, each once and in order. */
  load(root) {
    for (const file of root.dataset.scripts.split(" ")) {
      if (Seeing.loaded.has(file)) continue;
      Seeing.loaded.add(file);
      document.head.append(Object.assign(document.createElement("script"), { src: Seeing.folder + file, async: false }));
    }
  },
  loaded: new Set(),
  folder: document.currentScript.src.replace(/[^/]*$/, ""),

  /* Fetch them when the figure comes near, or all at the first key: who goes on by Tab must find their controls. */
  watch() {
    const figures = document.querySelectorAll(".seeing");
    const near = new IntersectionObserver(
      entries => entries.filter(entry => entry.isIntersecting).forEach(entry => Seeing.load(entry.target)),
      { rootMargin: "800px" },
    );
    figures.forEach(root => near.observe(root));
    addEventListener("keydown", () => figures.forEach(Seeing.load), { once: true, capture: true });
  },

  View: class {
    constructor(root) {
      this.root = root;
      this.words = root.querySelector(".seeing-says");
      this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
      this.gather();
    }

    /* Find all places; once more where a script has added some. */
    gather() {
      this.places = new Map([...this.root.querySelectorAll("[data-slot]")].map(place => [place.dataset.slot, place]));
    }

    place(slot) { return this.places.get(slot); }

    /* The setting of a control: a number for a slider, true or false for a checkbox, else its value. */
    setting(name) {
      const control = this.control(name);
      if (control.type === "checkbox") return control.checked;
      if (control.type === "radio") return this.root.querySelector(`input[name="${name}"]:checked`).value;
      return control.type === "range" ? Number(control.value) : control.value;
    }

    control(name) { return this.root.querySelector(`[name="${name}"]`); }

    /* Say what the number of a slider means, beside it and to screen readers. */
    label(name, text) {
      this.write(name, text);
      this.control(name).setAttribute("aria-valuetext", text);
    }

    write(slot, text) {
      const place = this.place(slot);
      if (place.textContent !== String(text)) place.replaceChildren(...Seeing.legible(String(text)));
    }

    /* Set attributes of a drawing, numbers with one decimal at most. */
    set(slot, attributes) {
      for (const [name, value] of Object.entries(attributes)) {
        this.place(slot).setAttribute(name, typeof value === "number" ? Number(value.toFixed(1)) : value);
      }
    }

    share(slot, share) { this.place(slot).style.setProperty("--share", share.toFixed(4)); }

    /* Fill the {places} of a sentence; unchanged words are not written again, so that they are not read again. */
    sentence(name, values) {
      return this.data.sentences[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
    }

    say(text) {
      if (this.words.textContent !== text) this.words.textContent = text;
    }
  },
};
Seeing.watch();
