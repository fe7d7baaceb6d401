// The search field of the theme, and the page search.html: results while one types. What is searched is loaded when
// somebody searches, as scripts, for a page opened from a disk can read no files.
(() => {
  const here = document.currentScript.src, root = document.documentElement.dataset.content_root ?? "./";
  const WAIT = 120; // milliseconds without a key
  let loading = null;

  const load = name => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = new URL(name, here).href;
    script.onload = done;
    script.onerror = () => failed(new Error(name));
    document.head.append(script);
  });

  const loaded = () => (loading ??= load("minisearch.js").then(() => load("ranking.js")).then(() => load("sections.js"))
    .catch(error => { loading = null; throw error; }));

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const pieces = parts => parts.map(([text, found]) => (found ? make("mark", {}, text) : text));

  function item({page, anchor, title, chapter, parts}) {
    const link = make("a", {href: `${root}${page}.html${anchor && "#"}${anchor}`}, ...pieces(title));
    const head = make("p", {className: "book-result-title"}, link);
    if (chapter) head.append(" ", make("span", {className: "book-result-chapter"}, chapter));
    return make("li", {}, head, make("p", {className: "book-result-text"}, ...pieces(parts)));
  }

  const counted = number => `${number} section${number === 1 ? "" : "s"}`;

  function says(query, {total, close}) {
    if (!total) return `Nothing is like “${query}”. Try another word.`;
    if (close) return `Nothing has “${query}” as it is written. This is close to it:`;
    return `${counted(total)} with “${query}”, the best first:`;
  }

  async function show(field, place) {
    const query = field.value.trim();
    if (!query) return place.replaceChildren();
    try {
      await loaded();
    } catch {
      return place.replaceChildren(make("p", {}, "The search could not be loaded. Check the connection, and type again."));
    }
    if (query !== field.value.trim()) return; // a later key asks for something else
    const found = BookSearch.find(query);
    place.replaceChildren(make("p", {className: "book-results-said", role: "status"}, says(query, found)),
      make("ol", {}, ...found.results.map(item)));
  }

  function listen(field, place) {
    let timer;
    field.addEventListener("focus", () => loaded().catch(() => {})); // while one begins to type
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => show(field, place), WAIT);
    });
  }

  const page = document.querySelector(".book-search-page"), dialog = document.getElementById("pst-search-dialog");
  if (page) {
    const field = page.querySelector("input"), place = page.querySelector(".book-results");
    field.value = new URLSearchParams(location.search).get("q") ?? "";
    listen(field, place);
    field.focus();
    show(field, place);
  } else if (dialog) {
    const place = make("div", {className: "book-results"});
    dialog.append(place);
    listen(dialog.querySelector("input"), place);
    place.addEventListener("click", event => event.target.closest("a") && dialog.close());
  }
})();
