// Small helps; the book is complete without them.
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

  // Paper is white: print in the light theme, whatever the screen shows.
  const page = document.documentElement;
  let onScreen = null;
  matchMedia("print").addEventListener("change", media => {
    if (media.matches) [onScreen, page.dataset.theme] = [page.dataset.theme, "light"];
    else if (onScreen !== null) page.dataset.theme = onScreen;
  });
})();
