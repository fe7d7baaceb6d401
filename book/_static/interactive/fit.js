/* Lists whose length changes: of words, of rows, of cells. Shared by several figures. */
"use strict";

/* Give a list as many entries as are asked for, `least` at least: the last is copied, so its make is known to Python alone. */
Seeing.fit = (list, count, least = 1) => {
  while (list.children.length > Math.max(count, least)) list.lastElementChild.remove();
  while (list.children.length < count) {
    const entry = list.lastElementChild.cloneNode(true), n = list.children.length;
    for (const place of [entry, ...entry.querySelectorAll("[data-slot]")]) {
      if (place.dataset.slot) place.dataset.slot = place.dataset.slot.replace(/\d+$/, n);
    }
    for (const button of entry.querySelectorAll("input")) Object.assign(button, { value: n, checked: false });
    list.append(entry);
  }
  return [...list.children];
};
