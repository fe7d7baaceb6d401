// Printed text as a terminal shows it: colours (ANSI), a carriage return that begins the line again, a step back.

const TOKEN = /\x1b\[([0-9;]*)m|\x1b\[([0-2]?)K|\x1b\[[0-9;?]*[A-Za-z]|[\s\S]/gu; // other sequences show nothing
const ODD = /[\x1b\r\b]/;
const SHADES = [0, 95, 135, 175, 215, 255]; // of the 256 colours
const PLAIN = {};
const INK = "var(--nb-code-fg)", PAPER = "var(--pst-color-background)";
const ON = {1: "bold", 3: "italic", 4: "underline", 7: "inverse"};
const OFF = {22: "bold", 23: "italic", 24: "underline", 27: "inverse", 39: "color", 49: "ground"};

export class Terminal {
  // pre: the element that shows the text
  constructor(pre) {
    Object.assign(this, {pre, rest: "", shown: [], style: PLAIN});
  }

  // The last line is kept as it was printed: what comes next may write over it.
  write(text) {
    const whole = this.rest + text, end = whole.lastIndexOf("\n") + 1;
    for (const node of this.shown) node.remove();
    const done = drawn(whole.slice(0, end), this.style);
    this.style = done.style;
    this.rest = whole.slice(end);
    this.shown = drawn(this.rest, this.style).nodes;
    this.pre.append(...done.nodes, ...this.shown);
  }
}

// Returns the nodes of some lines, and the style in which the next one begins.
function drawn(text, style) {
  if (!ODD.test(text) && style === PLAIN) return {nodes: text ? [document.createTextNode(text)] : [], style};
  const nodes = [];
  for (const line of text.replaceAll("\r\n", "\n").split(/(?<=\n)/)) {
    const row = cellsOf(line, style);
    style = row.style;
    nodes.push(...runs(row.cells));
  }
  return {nodes, style};
}

// Returns the letters of a line, each with its style, after all that was written over them.
function cellsOf(line, style) {
  const cells = [];
  let at = 0;
  for (const [token, codes, erases] of line.matchAll(TOKEN)) {
    if (codes !== undefined) style = styled(style, codes);
    else if (erases !== undefined) cells.length = erases === "2" ? 0 : Math.min(at, cells.length);
    else if (token === "\r") at = 0;
    else if (token === "\b") at = Math.max(0, at - 1);
    else if (token === "\n") cells.push({letter: token, style});
    else if (!token.startsWith("\x1b")) cells[at++] = {letter: token, style};
  }
  return {cells, style};
}

function styled(style, codes) {
  const now = {...style}, numbers = codes.split(";").map(Number);
  while (numbers.length) {
    const code = numbers.shift();
    if (code === 0) for (const name of Object.keys(now)) delete now[name];
    else if (code in ON) now[ON[code]] = true;
    else if (code in OFF) delete now[OFF[code]];
    else if (code === 38 || code === 48) now[code === 38 ? "color" : "ground"] = mixed(numbers);
    else if (code >= 30 && code < 38 || code >= 90 && code < 98) now.color = code % 10 + (code >= 90 ? 8 : 0);
    else if (code >= 40 && code < 48 || code >= 100 && code < 108) now.ground = code % 10 + (code >= 100 ? 8 : 0);
  }
  return Object.keys(now).length ? now : PLAIN;
}

// Of the 16 named colours the number, of the others what CSS calls them.
function mixed(numbers) {
  const kind = numbers.shift();
  if (kind === 2) return `rgb(${numbers.splice(0, 3).join(" ")})`;
  const number = numbers.shift() ?? 0;
  if (number < 16) return number;
  if (number > 231) return `rgb(${Array(3).fill(8 + 10 * (number - 232)).join(" ")})`;
  const mix = number - 16;
  return `rgb(${[mix / 36, mix / 6 % 6, mix % 6].map(one => SHADES[Math.floor(one)]).join(" ")})`;
}

// Returns neighbours of one style as one node each.
function runs(cells) {
  const nodes = [];
  for (let from = 0, to = 0; from < cells.length; from = to) {
    const style = cells[from]?.style;
    while (to < cells.length && cells[to]?.style === style) to += 1;
    const text = Array.from(cells.slice(from, to), cell => cell?.letter ?? " ").join("");
    nodes.push(!style || style === PLAIN ? document.createTextNode(text) : span(text, style));
  }
  return nodes;
}

const inCss = color => (typeof color === "number" ? `var(--nb-ansi-${color})` : color ?? "");

function span(text, style) {
  const element = document.createElement("span");
  element.append(text);
  for (const name of ["bold", "italic", "underline"]) if (style[name]) element.classList.add(`nb-${name}`);
  const {color, ground} = style.inverse ? {color: style.ground ?? PAPER, ground: style.color ?? INK} : style;
  element.style.color = inCss(color);
  element.style.backgroundColor = inCss(ground);
  return element;
}
