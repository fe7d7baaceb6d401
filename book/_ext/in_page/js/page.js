// Starts the notebook of this page. Python itself, which is large, is loaded when the first cell runs.

import {listen} from "./keys.js";
import {Notebook} from "./notebook.js";
import {fetchNotebook} from "./released.js";

const place = document.getElementById("notebook");
const facts = JSON.parse(document.getElementById("notebook-facts").textContent);

try {
  const released = await fetchNotebook(`${place.dataset.files}${place.dataset.slug}.ipynb`);
  const notebook = new Notebook(place, released, facts);
  await notebook.fill();
  listen(notebook);
} catch (error) {
  document.getElementById("nb-notices").append(error.message);
}
