// What a page does beyond its HTML: keys for the search, the count said aloud, and the explorer. All of it is optional.
(() => {
  "use strict";
  const find = (selector) => document.querySelector(selector);
  const box = () => find("#q");
  const shortcuts = () => localStorage.getItem("shortcuts") !== "off";
  const writing = (element) => element.closest("input, textarea, select, [contenteditable]");
  const hits = () => [...document.querySelectorAll(".hit a:first-child")].filter((link) => link.closest("h2, h3"));

  function move(event, by) {
    const all = hits();
    const at = all.indexOf(document.activeElement);
    if (!all.length || (at < 0 && document.activeElement !== box())) return;
    event.preventDefault();
    (all[at + by] ?? (at + by < 0 ? box() : all[at])).focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    const single = event.key === "/" && !event.ctrlKey && !event.metaKey && shortcuts() && !writing(event.target);
    const chord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (box() && (single || chord)) {
      event.preventDefault();
      box().focus();
      box().select();
    }
    if (event.key === "ArrowDown") move(event, 1);
    if (event.key === "ArrowUp") move(event, -1);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) find("form.editor")?.requestSubmit();
  });

  // Results that came as one types: the address follows, the count is announced, and what came too late is dropped.
  document.addEventListener("htmx:after:swap", () => {
    const count = find("#results #count");
    if (!count || !find("#said")) return;
    history.replaceState(null, "", count.dataset.at);
    find("#said").textContent = count.textContent;
    if (find("#asked")) find("#asked").textContent = count.dataset.q || "All that fits";
  });

  // Single-key shortcuts can be turned off; the control is only there where it works.
  const choice = find("#shortcuts");
  if (choice) {
    choice.closest("[hidden]").hidden = false;
    choice.checked = shortcuts();
    choice.addEventListener("change", () => localStorage.setItem("shortcuts", choice.checked ? "on" : "off"));
  }

  // Leaving with unsaved words asks first.
  const draft = find("form[data-keep]");
  if (draft) {
    let changed = false;
    draft.addEventListener("input", () => (changed = true));
    draft.addEventListener("submit", () => (changed = false));
    addEventListener("beforeunload", (event) => changed && event.preventDefault());
  }

  // Words that were marked in the text before one begins to write are what the comment is about, unless one says otherwise.
  const speak = find("form[data-quotes]");
  if (speak) {
    let marked = "";
    document.addEventListener("selectionchange", () => {
      const chosen = getSelection();
      const inside = chosen.anchorNode?.parentElement?.closest("article .prose, article .lede");
      if (inside && !chosen.isCollapsed) marked = chosen.toString().trim().slice(0, 300);
    });
    speak.elements.body.addEventListener("focus", () => {
      const field = speak.elements.quote;
      if (!marked || field.value) return;
      field.value = marked;
      field.closest("details").open = true;
      marked = "";
    });
  }

  // The explorer asks the API itself.
  find("form.editor")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = form.querySelector(".answer");
    answer.setAttribute("aria-busy", "true");
    try {
      const variables = JSON.parse(form.elements.variables.value || "{}");
      const body = JSON.stringify({ query: form.elements.document.value, variables });
      const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
      answer.textContent = JSON.stringify(await response.json(), null, 2);
    } catch (problem) {
      answer.textContent = String(problem);
    }
    answer.removeAttribute("aria-busy");
  });
})();
