// The released notebook, and the same with the learner's text in it.

export async function fetchNotebook(address) {
  const reply = await fetch(address, {cache: "no-cache"});
  if (!reply.ok) throw new Error(`The notebook could not be loaded (${reply.status}). Load the page again.`);
  return reply.json();
}

export const textOf = cell => (Array.isArray(cell.source) ? cell.source.join("") : cell.source);

// nbformat keeps a text as its lines, each with its end.
const linesOf = text => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

// cells: what the page shows, in its order: {id, own, text}; prose has no text of its own and stays as it was.
export function withAnswers(notebook, cells) {
  const filled = structuredClone(notebook);
  const changed = new Map(cells.filter(cell => !cell.own && cell.text !== undefined).map(cell => [cell.id, cell.text]));
  for (const cell of filled.cells) {
    if (changed.has(cell.id)) cell.source = linesOf(changed.get(cell.id));
  }
  let before = null;
  for (const cell of cells) {
    if (cell.own) insertAfter(filled.cells, before, ownCell(cell));
    before = cell.id;
  }
  return filled;
}

function insertAfter(cells, id, cell) {
  cells.splice(id === null ? 0 : cells.findIndex(one => one.id === id) + 1, 0, cell);
}

function ownCell({id, text}) {
  return {cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source: linesOf(text)};
}

export function save(notebook, name) {
  const file = new Blob([JSON.stringify(notebook, null, 1) + "\n"], {type: "application/x-ipynb+json"});
  const link = Object.assign(document.createElement("a"), {href: URL.createObjectURL(file), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
