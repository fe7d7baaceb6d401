// What the editor looks like: layout, and colours that the stylesheet of the page names.

import {EditorView, highlightSpecialChars, lineNumbers} from "@codemirror/view";
import {bracketMatching, syntaxHighlighting} from "@codemirror/language";
import {classHighlighter} from "@lezer/highlight";

// Font, size and line height are those of the element around the editor. Each property may be left out by the page.
const layout = EditorView.theme({
  "&": {
    color: "var(--nb-code-fg, inherit)",
    backgroundColor: "var(--nb-code-bg, transparent)",
  },
  // The frame of the focus lies over the code: nothing around the editor cuts it off, no marked line covers it.
  "&.cm-focused": {outline: "none"},
  "&.cm-focused::after": {
    content: '""',
    position: "absolute",
    inset: "0",
    border: "2px solid var(--nb-focus, currentcolor)",
    pointerEvents: "none",
  },
  ".cm-scroller": {fontFamily: "inherit", lineHeight: "inherit"},
  ".cm-content": {caretColor: "var(--nb-caret, currentcolor)"},
  ".cm-line::selection, .cm-line ::selection": {backgroundColor: "var(--nb-selection, highlight)"},
  ".cm-gutters": {
    color: "var(--nb-gutter, inherit)",
    backgroundColor: "var(--nb-gutter-bg, transparent)",
    border: "none",
  },
  ".cm-errorLine": {backgroundColor: "var(--nb-error-line, transparent)"},
  ".cm-specialChar": {color: "var(--nb-wrong, inherit)"},
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--nb-bracket, transparent)",
    outline: "1px solid var(--nb-bracket-line, currentcolor)",
  },
  "&.cm-focused .cm-nonmatchingBracket": {
    backgroundColor: "transparent",
    outline: "1px dashed var(--nb-wrong, currentcolor)",
  },
});

export const anyLook = [layout, highlightSpecialChars()];

export const codeLook = [
  lineNumbers(),
  bracketMatching(),
  syntaxHighlighting(classHighlighter),
];
