// The editor of a notebook's cells: Python, or the plain text of a written answer.
// `build.mjs` makes ../js/editor.min.js of this file and the parts of CodeMirror that it names.

import {EditorState} from "@codemirror/state";
import {EditorView, placeholder as emptySays} from "@codemirror/view";
import {history, isolateHistory} from "@codemirror/commands";
import {indentOnInput, indentUnit} from "@codemirror/language";
import {pythonLanguage} from "@codemirror/lang-python";
import {closeBrackets} from "@codemirror/autocomplete";
import {anyLook, codeLook} from "./look.js";
import {codeKeys, pageKeys, textKeys} from "./keys.js";
import {wrapped} from "./hanging.js";
import {markLine, markedLine} from "./marked_line.js";

const HINT = "Escape leaves the editor";
const LANGUAGES = {
  python: [pythonLanguage, indentUnit.of("    "), indentOnInput(), closeBrackets(), codeLook, codeKeys],
  text: [EditorView.contentAttributes.of({spellcheck: "true", autocorrect: "on", autocapitalize: "sentences"}), textKeys],
};

let made = 0;

/** Return the element that says how the editor is left; only screen readers read it out, as its description. */
function makeHint() {
  const hint = document.createElement("span");
  hint.id = `editor-hint-${++made}`;
  hint.textContent = HINT;
  hint.hidden = true;
  return hint;
}

/** Put one text in the place of all there is: one step of the history. */
function replace(view, text) {
  const insert = view.state.toText(text);
  if (insert.eq(view.state.doc)) return;
  view.dispatch({
    changes: {from: 0, to: view.state.doc.length, insert},
    annotations: isolateHistory.of("full"),
  });
}

/**
 * Make an editor in an element.
 *
 * label: its name for screen readers. language: "python" (the default) or "text", where Tab goes on to the next
 * element and spelling is checked. wrap: whether long lines are broken.
 * placeholder: what an empty editor says. keys: what keys of the page do, such as
 * {"Shift-Enter": () => true}; a function returns true when the editor shall do nothing more with the key.
 * onChange: told the new text after each change, one by setText too.
 */
export function makeEditor({parent, text, label, readOnly, onChange, keys, language, wrap, placeholder}) {
  const hint = makeHint();
  const changed = EditorView.updateListener.of(({docChanged, state}) => docChanged && onChange?.(state.doc.toString()));
  const extensions = [
    pageKeys(keys ?? {}),
    LANGUAGES[language ?? "python"],
    history(),
    anyLook,
    markedLine,
    changed,
    EditorState.readOnly.of(readOnly ?? false),
    EditorView.contentAttributes.of({"aria-label": label, "aria-describedby": hint.id, tabindex: "0"}),
    wrap ? (language === "text" ? EditorView.lineWrapping : wrapped) : [],
    placeholder ? emptySays(placeholder) : [],
  ];
  const view = new EditorView({parent, doc: text, extensions});
  view.dom.append(hint);
  return {
    text: () => view.state.doc.toString(),
    setText: replacement => replace(view, replacement),
    focus: () => view.focus(),
    hasFocus: () => view.hasFocus,
    blur: () => view.contentDOM.blur(),
    destroy: () => view.destroy(),
    markLine: number => view.dispatch(markLine(number)),
    dom: view.dom,
  };
}
