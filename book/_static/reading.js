// Small helps; the book is complete without them.
(() => {
  // What scrolls can be reached with the Tab key, and then scrolled with the arrow keys. Each is asked when it has got its
  // size, and all are asked before one is changed, so that the page need not be laid out once for each (see theme_script.py).
  const SCROLLING = "article pre, .katex-display, .cell_output > .output, .jp-RenderedHTMLCommon, .pst-scrollable-table-container";
  const scrolls = one => one.scrollWidth > one.clientWidth
    || (one.scrollHeight > one.clientHeight && !one.matches(".katex-display"));
  const sizes = new ResizeObserver(entries => {
    for (const [one, reached] of entries.map(({target}) => [target, scrolls(target)])) {
      if (reached) one.tabIndex = 0;
      else one.removeAttribute("tabindex");
    }
  });
  const watch = within => { for (const one of within.querySelectorAll(SCROLLING)) sizes.observe(one); };
  watch(document);
  new MutationObserver(changes => {
    for (const added of changes.flatMap(change => [...change.addedNodes]).filter(one => one.nodeType === Node.ELEMENT_NODE)) {
      if (added.matches(SCROLLING)) sizes.observe(added);
      watch(added);
    }
  }).observe(document.getElementById("main-content"), {subtree: true, childList: true});

  // The button that copies code has its name in its picture, where WebKit does not look; it is there by then.
  addEventListener("DOMContentLoaded", () => {
    for (const title of document.querySelectorAll(".copybtn title")) title.closest("button").ariaLabel = title.textContent;
  });

  // The script of the menu of downloads, when somebody comes near it.
  const later = document.querySelector("script[data-later]"), menu = document.querySelector('[data-bs-toggle="dropdown"]');
  const fetchLater = () => {
    const script = document.createElement("script");
    script.src = later.src;
    script.onload = () => menu.dataset.wanted && bootstrap.Dropdown.getOrCreateInstance(menu).show();
    document.head.append(script);
  };
  if (later && menu) {
    for (const event of ["pointerover", "focusin"]) menu.parentElement.addEventListener(event, fetchLater, {once: true});
    menu.addEventListener("click", () => { if (!window.bootstrap) menu.dataset.wanted = "yes"; });
  }

  // The theme marks in the contents the last section that came by, and so still one at the top of the page, above all of them.
  const contents = document.getElementById("pst-page-toc-nav"), title = document.querySelector("article h1");
  if (contents && title) {
    new IntersectionObserver(entries => {
      if (!entries.at(-1).isIntersecting) return;
      for (const one of contents.querySelectorAll(".active")) one.classList.remove("active");
      for (const one of contents.querySelectorAll("[aria-current]")) one.removeAttribute("aria-current");
    }, {rootMargin: "0px 0px -70% 0px"}).observe(title);
  }

  // The theme scrolls the menu to where it was last, or near the page that is read, which may still lie beyond an edge.
  addEventListener("load", () => {
    const pages = document.querySelector(".bd-sidebar-primary"), here = pages?.querySelector(".current > a");
    if (!here) return;
    const [frame, box] = [pages, here].map(one => one.getBoundingClientRect());
    if (box.top < frame.top || box.bottom > frame.bottom) pages.scrollTop += box.top - frame.top - frame.height / 2;
  });

  // Paper is white: print in the light theme, whatever the screen shows.
  const page = document.documentElement;
  let onScreen = null;
  matchMedia("print").addEventListener("change", media => {
    if (media.matches) [onScreen, page.dataset.theme] = [page.dataset.theme, "light"];
    else if (onScreen !== null) page.dataset.theme = onScreen;
  });
})();
