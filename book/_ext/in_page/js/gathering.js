// What a learner wrote in the exercises of other chapters, brought into an answer of this one.

import {fetchNotebook, withAnswers} from "./released.js";
import {keptOf} from "./work.js";

const NONE = "This browser keeps no work on the exercises whose functions are needed here. Do them first, or paste the functions.";
const WAITS = "Your functions come as soon as Python is ready and no cell runs.";

// gathers: {by: the module that makes the text, from: slugs}
export async function gather(notebook, cell) {
  const {notices, running, gathers: {by, from}} = notebook;
  const begun = from.filter(slug => Object.keys(keptOf(slug).texts).length);
  if (!begun.length) return notices.show("gathered", NONE);
  notices.show("gathered", WAITS);
  try {
    const kept = await Promise.all(begun.map(async slug => [slug, JSON.stringify(await asLeft(slug))]));
    const text = await running.gather(by, Object.fromEntries(kept), cell.text);
    const before = cell.text;
    cell.replaceText(text);
    notices.show("gathered", found(text), {Undo: () => cell.replaceText(before)});
  } catch (error) {
    notices.show("gathered", `Your functions could not be brought: ${error.message}`);
  }
}

// The first line of the text says it: how many were found, and what was not.
const found = text => text.split("\n", 1)[0].replace(/^# /, "");

// The notebook of an exercise as it was left in its page.
async function asLeft(slug) {
  const released = await fetchNotebook(`${slug}/${slug}.ipynb`);
  const {texts, own} = keptOf(slug);
  const cells = released.cells.map(({id}) => ({id, text: texts[id]?.text}));
  for (const {id, after, text} of own) cells.splice(cells.findIndex(one => one.id === after) + 1, 0, {id, text, own: true});
  return withAnswers(released, cells);
}
