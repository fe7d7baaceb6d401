// One line that is marked as the place of an error, until the mark is moved or its line is deleted.

import {StateEffect, StateField} from "@codemirror/state";
import {Decoration, EditorView} from "@codemirror/view";

const mark = StateEffect.define();
const line = Decoration.line({class: "cm-errorLine"});

function marks(doc, number) {
  const there = Number.isInteger(number) && number >= 1 && number <= doc.lines;
  return there ? Decoration.set([line.range(doc.line(number).from)]) : Decoration.none;
}

export const markedLine = StateField.define({
  create: () => Decoration.none,
  update: (shown, {changes, effects, state}) =>
    effects.reduce((now, effect) => (effect.is(mark) ? marks(state.doc, effect.value) : now), shown.map(changes)),
  provide: field => EditorView.decorations.from(field),
});

/** Mark a line, counted from 1, or none; a number that no line has marks none. */
export const markLine = number => ({effects: mark.of(number)});
