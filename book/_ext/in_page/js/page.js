// Starts the notebook of this page. Python itself, which is large, is loaded when the first cell runs.

import {listen} from "./keys.js";
import {Notebook} from "./notebook.js";
import {fetchNotebook} from "./released.js";

const place = document.getElementById("notebook");
const facts = JSON.parse(document.getElementById("notebook-facts").textContent);

// The task that the address names, unless the reader goes elsewhere meanwhile.
let named = document.getElementById(location.hash.slice(1));
for (const does of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(does, () => { named = null; }, {once: true, passive: true});

try {
  const released = await fetchNotebook(`${place.dataset.files}${place.dataset.slug}.ipynb`);
  const notebook = new Notebook(place, released, facts);
  await notebook.fill();
  // It has moved, and once the page is painted one knows what the bar covers.
  requestAnimationFrame(() => requestAnimationFrame(() => named?.scrollIntoView()));
  listen(notebook);
} catch (error) {
  document.getElementById("nb-notices").append(error.message);
}
