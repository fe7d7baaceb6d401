// What the keys do: first those of the page, then the editor's own, then those of CodeMirror.

import {Prec, countColumn} from "@codemirror/state";
import {keymap} from "@codemirror/view";
import {defaultKeymap, historyKeymap, indentLess, indentMore} from "@codemirror/commands";
import {getIndentUnit} from "@codemirror/language";
import {closeBracketsKeymap} from "@codemirror/autocomplete";

/** The page's keys, before all others; each function returns true when the key is done with. */
export function pageKeys(keys) {
  return Prec.highest(keymap.of(Object.entries(keys).map(([key, act]) => ({key, run: () => act() === true}))));
}

/** Tab: indent the selected lines, or write spaces up to the next stop. */
function indent(view) {
  const {state} = view;
  if (state.readOnly) return false;
  if (!state.selection.main.empty) return indentMore(view);
  const {head} = state.selection.main;
  const line = state.doc.lineAt(head);
  const column = countColumn(line.text, state.tabSize, head - line.from);
  const unit = getIndentUnit(state);
  const spaces = " ".repeat(unit - (column % unit));
  view.dispatch(state.update(state.replaceSelection(spaces), {scrollIntoView: true, userEvent: "input.indent"}));
  return true;
}

/** Escape: give the focus away, so that the next Tab goes on to what follows the editor. */
function leave(view) {
  view.contentDOM.blur();
  return true;
}

const escape = {key: "Escape", run: leave};

export const textKeys = keymap.of([escape, ...defaultKeymap, ...historyKeymap]);

export const codeKeys = keymap.of([
  escape,
  {key: "Tab", run: indent, shift: indentLess},
  ...closeBracketsKeymap,
  ...defaultKeymap,
  ...historyKeymap,
]);
