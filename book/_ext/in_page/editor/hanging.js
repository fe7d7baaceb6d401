// Lines that are too long go on below, further in than they began: the indentation of Python stays to be seen.

import {RangeSetBuilder} from "@codemirror/state";
import {Decoration, EditorView, ViewPlugin} from "@codemirror/view";

const FURTHER = 2; // letters
const MARGIN = 6; // pixels that CodeMirror leaves before each line

const spacesOf = text => /^ */.exec(text)[0].length;

const hanging = spaces => Decoration.line({
  attributes: {style: `text-indent: -${spaces + FURTHER}ch; padding-left: calc(${spaces + FURTHER}ch + ${MARGIN}px)`},
});

function visibleLines(view) {
  const found = new RangeSetBuilder();
  for (const {from, to} of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at);
      found.add(line.from, line.from, hanging(spacesOf(line.text)));
      at = line.to + 1;
    }
  }
  return found.finish();
}

const plugin = ViewPlugin.define(view => ({
  lines: visibleLines(view),
  update(change) {
    if (change.docChanged || change.viewportChanged) this.lines = visibleLines(change.view);
  },
}), {decorations: one => one.lines});

export const wrapped = [EditorView.lineWrapping, plugin];
