/* The Transformer: a box opens when it is pointed at or reached by Tab, and leads to its section when it is followed. */
"use strict";

Seeing.figure("transformer", view => {
  const { parts } = view.data;
  const boxes = [...view.root.querySelectorAll("[data-part]")];
  const steps = [...view.root.querySelectorAll(".seeing-inside li")];
  let { opened } = view.data, touched = null;

  function open(part) {
    opened = part;
    show();
  }

  for (const box of boxes) {
    const part = box.dataset.part;
    box.addEventListener("pointerover", event => event.pointerType === "mouse" && open(part));
    box.addEventListener("focus", () => open(part));
    // A finger cannot point: its first touch opens the box, the next one follows the link.
    box.addEventListener("pointerdown", event => { touched = event.pointerType === "touch" && opened !== part; });
    box.addEventListener("click", event => {
      if (touched) event.preventDefault();
      touched = false;
      open(part);
    });
  }

  function show() {
    const { name, what, inside, section, address } = parts[opened];
    for (const box of boxes) box.classList.toggle("open", box.dataset.part === opened);
    view.write("part", name);
    steps.forEach((_, n) => view.write(`step${n}`, inside[n] ?? ""));
    view.write("link", section);
    view.set("link", { href: address });
    view.say(view.sentence("says", { name, what, section }));
  }
  return show;
});
