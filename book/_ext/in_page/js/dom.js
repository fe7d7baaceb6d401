// Elements without HTML text: whatever is shown stays text.

export function make(tag, properties = {}, ...children) {
  const {data, aria, ...rest} = properties;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(data ?? {})) element.dataset[name] = value;
  for (const [name, value] of Object.entries(aria ?? {})) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

export function button(text, action, properties = {}) {
  return make("button", {type: "button", className: "nb-button", onclick: action, ...properties}, text);
}

export const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
