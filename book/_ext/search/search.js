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

  function says(query, {total, close}, shown) {
    if (!total) return `Nothing is like “${query}”. Try another word.`;
    const first = shown < total ? ` Shown are the first ${shown}.` : "";
    if (close) return `Nothing has “${query}” as it is written. ${counted(total)} are close to it, the best first.${first}`;
    return `${counted(total)} with “${query}”, the best first.${first}`;
  }

  // A place for results: what is said of them, which a screen reader hears when it changes, the list, the button.
  function results() {
    const said = make("p", {className: "book-results-said", role: "status"}), list = make("ol");
    const more = make("button", {type: "button", className: "book-results-more", hidden: true});
    let query = "", found = null;

    const tell = () => {
      const shown = list.children.length, left = found.total - shown;
      said.textContent = says(query, found, shown);
      more.hidden = !left;
      more.textContent = `Show ${Math.min(left, BookSearch.MOST)} more`;
    };
    more.addEventListener("click", () => {
      const shown = list.children.length;
      found = BookSearch.find(query, shown + BookSearch.MOST);
      list.append(...found.results.slice(shown).map(item));
      tell();
      list.children[shown].querySelector("a").focus(); // the button may be gone, and reading goes on here
    });
    const clear = (text = "") => {
      said.textContent = text;
      list.replaceChildren();
      more.hidden = true;
    };
    const fill = asked => {
      [query, found] = [asked, BookSearch.find(asked)];
      list.replaceChildren(...found.results.map(item));
      tell();
    };
    return {parts: [said, list, more], clear, fill};
  }

  async function show(field, place) {
    const query = field.value.trim();
    if (!query) return place.clear();
    try {
      await loaded();
    } catch {
      return place.clear("The search could not be loaded. Check the connection, and type again.");
    }
    if (query === field.value.trim()) place.fill(query); // else a later key asks for something else
  }

  function listen(field, box) {
    const place = results();
    let timer;
    box.append(...place.parts);
    field.addEventListener("focus", () => loaded().catch(() => {})); // while one begins to type
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => show(field, place), WAIT);
    });
    show(field, place);
  }

  const page = document.querySelector(".book-search-page"), dialog = document.getElementById("pst-search-dialog");
  if (page) {
    const field = page.querySelector("input");
    field.value = new URLSearchParams(location.search).get("q") ?? "";
    listen(field, page.querySelector(".book-results"));
    field.focus();
  } else if (dialog) {
    const box = make("div", {className: "book-results"});
    dialog.append(box);
    listen(dialog.querySelector("input"), box);
    box.addEventListener("click", event => event.target.closest("a") && dialog.close());
  }
})();
