// Two small helps; the book is complete without them.
(() => {
  // What scrolls sideways on a narrow screen can be reached with the Tab key, and then scrolled with the arrow keys.
  // (The theme does this for code and tables; long formulas are ours.)
  const reach = () => {
    for (const formula of document.querySelectorAll(".katex-display")) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  reach();
  addEventListener("resize", reach);

  // Paper is white: print in the light theme, whatever the screen shows.
  const page = document.documentElement;
  let onScreen = null;
  matchMedia("print").addEventListener("change", media => {
    if (media.matches) [onScreen, page.dataset.theme] = [page.dataset.theme, "light"];
    else if (onScreen !== null) page.dataset.theme = onScreen;
  });
})();
