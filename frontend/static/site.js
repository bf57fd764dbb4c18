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
    if (event.key === "Escape" && box() && hits().includes(document.activeElement)) box().focus();
    if (event.key === "ArrowDown") move(event, 1);
    if (event.key === "ArrowUp") move(event, -1);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) find("form.editor")?.requestSubmit();
  });

  // A second click on the same form while the first is on its way would do it twice; one of pieces that htmx swaps may be pressed again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || event.submitter?.matches("[hx-post]") || form.matches("[hx-post]")) return;
    if (Date.now() - (form.dataset.sent ?? 0) < 5000) event.preventDefault();
    else form.dataset.sent = Date.now();
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

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

  // Leaving with unsaved words asks first; and this browser keeps them, until they are saved or forgotten, for whoever wrote them.
  const mine = (key) => key.startsWith("words:");
  const drafts = () => Object.keys(localStorage).filter(mine);
  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  const stale = (draft) => !draft || Date.now() - draft.at > 30 * 24 * 3600 * 1000;
  drafts().forEach((key) => stale(read(key)) && localStorage.removeItem(key));
  if (new URLSearchParams(location.search).has("done")) {
    drafts().forEach((key) => read(key)?.sent && localStorage.removeItem(key));
  }
  find("form[action='/logout']")?.addEventListener("submit", () => drafts().forEach((key) => localStorage.removeItem(key)));

  const draft = find("form[data-keep]");
  if (draft) {
    const key = `words:${draft.dataset.keep}:${draft.getAttribute("action").replace(/&title=.*/, "")}`;
    const typed = () => [...new FormData(draft)].filter(([name, text]) => typeof text === "string" && !["id", "baseRevision", "kind"].includes(name) && !name.startsWith("shown."));
    const first = JSON.stringify(typed());
    const offer = find("#unsaved"); // not beside a merge, whose pieces fit into no other form
    let changed = false;
    let timer = 0;
    const keep = (sent) => {
      clearTimeout(timer);
      if (!offer) return;
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), sent, words: typed() }));
      } catch {
        // There is no room, or keeping is forbidden here; the page still asks before it is left.
      }
    };
    const put = (words) => {
      const sets = Map.groupBy ? Map.groupBy(words, ([name]) => name) : new Map(words.map((pair) => [pair[0], words.filter(([name]) => name === pair[0])]));
      for (const field of draft.elements) {
        const texts = (sets.get(field.name) ?? []).map(([, text]) => text);
        if (field.type === "checkbox" || field.type === "radio") field.checked = texts.includes(field.value);
        else if (texts.length && field.type !== "hidden" && field.tagName !== "BUTTON") field.value = texts[0].replaceAll("\r\n", "\n");
      }
      draft.querySelectorAll("details").forEach((details) => (details.open = true));
    };
    draft.addEventListener("input", () => {
      changed = true;
      clearTimeout(timer);
      timer = setTimeout(keep, 400, false);
    });
    draft.addEventListener("submit", () => {
      changed = false;
      keep(true);
    });
    addEventListener("pagehide", () => changed && keep(false));
    addEventListener("beforeunload", (event) => changed && event.preventDefault());
    const kept = read(key);
    if (kept?.sent) localStorage.setItem(key, JSON.stringify({ ...kept, sent: false })); // it came back: it was not saved
    if (offer && kept && JSON.stringify(kept.words) !== first) {
      const time = offer.querySelector("time");
      time.dateTime = new Date(kept.at).toISOString();
      time.textContent = new Date(kept.at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
      offer.hidden = false;
      offer.addEventListener("click", ({ target }) => {
        if (target.value === "back") put(kept.words);
        if (target.value === "drop") localStorage.removeItem(key);
        changed ||= target.value === "back";
        if (target.value) offer.hidden = true;
        if (target.value) draft.querySelector("input:not([type=hidden]), textarea")?.focus();
      });
    }
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

  // On the ladder the arrow keys go from tick to tick: along a customer's rail, and up and down to the nearest of the next one's.
  find(".grid tbody")?.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td, th");
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !cell || event.ctrlKey || event.metaKey || event.altKey || cell.closest(".why")) return;
    const rows = [...event.currentTarget.querySelectorAll("tr:not(.why)")];
    const row = rows[rows.indexOf(cell.parentElement) + step[0]];
    const ticks = [...(row?.querySelectorAll("td a") ?? [])].map((link) => [link, link.parentElement.cellIndex - cell.cellIndex]);
    const ahead = ticks.filter(([, by]) => !step[1] || by * step[1] > 0);
    const [nearest] = ahead.sort(([, one], [, other]) => Math.abs(one) - Math.abs(other));
    event.preventDefault();
    nearest?.[0].focus();
  });

  // What one reads may change meanwhile: then the page says so, once, and stays as it is. It listens only while it is looked at.
  const live = find("[data-live]");
  if (live) {
    const query = "subscription($ids:[ID!]!,$after:String){nodeChanged(ids:$ids,after:$after){deleted}}";
    const variables = JSON.stringify({ ids: [live.dataset.live], after: live.dataset.after });
    let source;
    const listen = () => {
      source?.close();
      if (document.hidden || live.querySelector("p")) return;
      source = new EventSource(`/graphql?${new URLSearchParams({ query, variables })}`);
      source.addEventListener("next", ({ data }) => {
        source.close();
        if (JSON.parse(data).data) live.append(live.querySelector("template").content);
      });
      source.addEventListener("complete", () => source.close());
    };
    document.addEventListener("visibilitychange", listen);
    addEventListener("pagehide", () => source?.close());
    addEventListener("pageshow", listen);
  }

  // The explorer asks the API itself; what a subscription tells is added as it comes, until something else is asked.
  let hearing;
  find("form.editor")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = form.querySelector(".answer");
    answer.setAttribute("aria-busy", "true");
    hearing?.abort();
    hearing = new AbortController();
    try {
      const variables = JSON.parse(form.elements.variables.value || "{}");
      const body = JSON.stringify({ query: form.elements.document.value, variables });
      const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
      const response = await fetch("/graphql", { method: "POST", headers, body, signal: hearing.signal });
      if (response.headers.get("content-type").startsWith("text/event-stream")) {
        answer.textContent = "";
        answer.removeAttribute("aria-busy");
        const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) answer.append(piece.value);
      } else answer.textContent = JSON.stringify(await response.json(), null, 2);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      answer.textContent = String(problem);
    }
    answer.removeAttribute("aria-busy");
  });
})();
