// Jupyter's keys. In a cell's text: Shift-, Ctrl- and Alt-Enter run it, Escape leaves. On a cell: one letter each.

const runKeys = (notebook, cell) => ({
  "Shift-Enter": () => notebook.running.runAndGoOn(cell),
  "Ctrl-Enter": () => notebook.running.run(cell),
  "Mod-Enter": () => notebook.running.run(cell),
  "Alt-Enter": () => notebook.running.runAndAdd(cell),
});

export function editorKeys(notebook, cell) {
  const keys = {...runKeys(notebook, cell), Escape: () => cell.select(), "Mod-s": () => notebook.saved()};
  return Object.fromEntries(Object.entries(keys).map(([name, act]) => [name, () => (act(), true)]));
}

const LETTERS = {
  Enter: (notebook, cell) => (cell.select(), cell.editor.focus()),
  " ": () => {}, // would scroll the page away
  ArrowUp: (notebook, cell) => notebook.neighbour(cell, -1)?.select(),
  k: (notebook, cell) => notebook.neighbour(cell, -1)?.select(),
  ArrowDown: (notebook, cell) => notebook.neighbour(cell, 1)?.select(),
  j: (notebook, cell) => notebook.neighbour(cell, 1)?.select(),
  a: (notebook, cell) => notebook.own.add(cell, "above"),
  b: (notebook, cell) => notebook.own.add(cell, "below"),
  dd: (notebook, cell) => notebook.own.remove(cell),
  z: notebook => notebook.own.undo(),
  ii: notebook => notebook.running.stop(),
  "00": notebook => notebook.running.stop(),
  h: notebook => notebook.help(),
  Tab: (notebook, cell) => cell.section.querySelector(".nb-tools button:not([hidden])").focus(),
};

const TWICE = 1000; // milliseconds between the two letters of D D
const WALKS = new Set(["ArrowUp", "ArrowDown", "j", "k"]); // what a key that is held may do again and again

// Letters count where a cell itself has the focus, not its text or a button.
export function listen(notebook) {
  let before = "", when = 0;
  notebook.place.addEventListener("keydown", event => {
    const modified = event.ctrlKey || event.metaKey;
    if (!modified) event.stopPropagation(); // the book's own keys: "/" would go to the search field
    if (modified && event.key === "s") {
      event.preventDefault();
      notebook.saved();
    }
    const cell = notebook.cellOf(event.target);
    if (!cell || cell.section !== event.target || event.timeStamp - when > TWICE) before = "";
    when = event.timeStamp;
    if (!cell || cell.section !== event.target || event.repeat && !WALKS.has(event.key)) return;
    const act = find(event, before, notebook, cell);
    before = act ? "" : event.key;
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function find(event, before, notebook, cell) {
  if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey)) {
    const name = event.shiftKey ? "Shift" : event.altKey ? "Alt" : "Ctrl";
    return runKeys(notebook, cell)[`${name}-Enter`];
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  if (event.key === "Tab" && !cell.section.querySelector(".nb-tools button:not([hidden])")) return null;
  const act = LETTERS[before + event.key] ?? LETTERS[event.key];
  return act && (() => act(notebook, cell));
}

export const HELP = [
  ["Shift+Enter", "run the cell and go to the next"],
  ["Ctrl+Enter", "run the cell"],
  ["Alt+Enter", "run the cell and add one of your own below"],
  ["Escape", "leave the text: the cell itself is selected, and Tab moves on"],
  ["Enter", "write in the selected cell"],
  ["↑ ↓ or K J", "select the cell above or below"],
  ["A, B", "add a cell of your own above or below"],
  ["D D, Z", "delete a cell of your own, and bring it back"],
  ["I I or 0 0", "stop Python and start it again"],
  ["Tab, Shift+Tab", "in code: indent more or less"],
  ["Ctrl+/", "in code: comment the lines out or in"],
  ["Ctrl+Z", "in a text: undo"],
  ["H", "show this list"],
];
