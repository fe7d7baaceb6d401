/* Lines from the chosen word of one list to all words of another, as thick as the weights. Shared by several figures. */
"use strict";

/* The lists of a figure, whose left one is made of the radio buttons called `name`. */
Seeing.Lines = class {
  constructor(view, name) {
    Object.assign(this, { view, name });
    // A mouse chooses by pointing; a finger by touching, the keyboard by its arrows, as in any group of radio buttons.
    view.root.querySelector(".seeing-from").addEventListener("pointerover", event => {
      const button = event.target.closest("label")?.control;
      if (event.pointerType !== "mouse" || !button || button.checked || button.matches(":disabled")) return;
      button.checked = true;
      button.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  get chosen() { return Number(this.view.setting(this.name)); }

  draw(weights, written = weight => weight.toFixed(2)) {
    const from = this.chosen + 0.5;
    weights.forEach((weight, n) => {
      this.view.set(`thread${n}`, { d: `M0 ${from}C45 ${from} 55 ${n + 0.5} 100 ${n + 0.5}` });
      this.view.share(`thread${n}`, weight);
      this.view.share(`to${n}`, weight);
      this.view.write(`weight${n}`, written(weight));
    });
  }
};
