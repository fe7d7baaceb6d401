// Starts the notebook of this page. Python itself is loaded at once: whoever came here wants to run it.

import {listen} from "./keys.js";
import {Notebook} from "./notebook.js";
import {fetchNotebook} from "./released.js";

const place = document.getElementById("notebook");
const facts = JSON.parse(document.getElementById("notebook-facts").textContent);

try {
  const released = await fetchNotebook(`${place.dataset.files}${place.dataset.slug}.ipynb`);
  const notebook = new Notebook(place, released, facts);
  listen(notebook);
  notebook.running.python.start();
} catch (error) {
  document.getElementById("nb-notices").append(error.message);
}
