/* The decoder, step by step. Python prepared the steps; this leafs through them. */
"use strict";

Seeing.figure("decoder", view => {
  const { steps } = view.data;
  const back = view.control("back"), next = view.control("next");
  let at = 0;

  function go(by) {
    at = Math.min(Math.max(at + by, 0), steps.length - 1);
    show();
  }
  back.addEventListener("click", () => go(-1));
  next.addEventListener("click", () => go(1));

  const look = (step, n) => (n === step.now ? "now" : step.sees[n] === "seen" ? "seen" : "hide");

  function show() {
    const step = steps[at];
    for (const row of ["given", "sees", "answers"]) {
      step[row].forEach((text, n) => {
        view.write(row + n, text);
        view.place(row + n).classList.remove("now", "seen", "hide");
        view.place(row + n).classList.add(look(step, n));
      });
    }
    step.logits.forEach((text, n) => {
      view.write(`logit${n}`, text);
      view.place(`logit${n}`).classList.toggle("best", n === step.best);
    });
    // Not `disabled`: a button that is switched off while it has the focus would lose it.
    back.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at === steps.length - 1));
    view.say(step.says);
  }
  return show;
});
