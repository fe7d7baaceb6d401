// Sentences above the notebook that stay until they are dismissed, and questions in a dialog.

import {button, make} from "./dom.js";

const LASTING = new Set(["elsewhere", "storage"]);

export class Notices {
  constructor(place) {
    this.place = place;
  }

  // actions: {"Undo": function}; one notice a subject. What would cost work cannot be dismissed, only answered.
  show(subject, text, actions = {}) {
    this.hide(subject);
    const notice = make("div", {className: "nb-notice", data: {subject}}, make("span", {}, text));
    for (const [name, act] of Object.entries(actions)) {
      notice.append(button(name, () => (notice.remove(), act())));
    }
    if (!LASTING.has(subject)) notice.append(button("×", () => notice.remove(), {aria: {label: "Dismiss"}, className: "nb-button nb-dismiss"}));
    this.place.append(notice);
  }

  hide(subject) {
    this.place.querySelector(`[data-subject="${subject}"]`)?.remove();
  }
}

// Returns the name of the button that was pressed, or "" for Escape.
export function ask(title, content, names) {
  return new Promise(answer => {
    const dialog = make("dialog", {className: "nb-dialog", aria: {label: title}}, make("h2", {}, title), content,
      make("form", {method: "dialog", className: "nb-answers"}, ...names.map(name => make("button", {value: name, className: "nb-button"}, name))));
    dialog.onclose = () => (dialog.remove(), answer(dialog.returnValue));
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function table(rows) {
  return make("table", {className: "nb-keys"}, make("tbody", {}, ...rows.map(([key, does]) =>
    make("tr", {}, make("th", {scope: "row"}, key), make("td", {}, does)))));
}
