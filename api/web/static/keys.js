/* Jumping and keys. Single letters do nothing in fields, with another key held down, or where somebody has switched them off. */
(() => {
  const $ = id => document.getElementById(id), palette = $("palette");
  if (!palette) return;
  const ask = palette.querySelector("input"), list = $("pal-l");
  let hits = [], at = -1, timer, last;

  const choose = i => {
    hits.forEach((o, n) => o.setAttribute("aria-selected", n === i));
    at = i;
    if (i >= 0) { ask.setAttribute("aria-activedescendant", hits[i].id); hits[i].scrollIntoView({block: "nearest"}); }
    else ask.removeAttribute("aria-activedescendant");
  };
  const fill = page => {
    list.replaceChildren(); hits = [];
    page.querySelectorAll("#found .hits").forEach((s, g) => {
      const group = document.createElement("div"), head = document.createElement("p");
      group.setAttribute("role", "group"); head.className = "group"; head.id = "pal-g" + g; head.textContent = s.querySelector("h2").textContent;
      group.setAttribute("aria-labelledby", head.id); group.append(head);
      s.querySelectorAll("li").forEach(li => {
        const o = document.createElement("div"), what = document.createElement("span"), note = li.querySelector("small"), a = li.querySelector("a");
        o.id = "pal-" + hits.length; o.setAttribute("role", "option"); o.dataset.to = a.getAttribute("href");
        what.className = "what"; what.textContent = a.textContent.trim();
        if (note) { const n = document.createElement("small"); n.textContent = note.textContent; what.append(n); }
        const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
        svg.setAttribute("class", "ico"); svg.setAttribute("aria-hidden", "true"); use.setAttribute("href", "#i-" + s.dataset.icon); svg.append(use);
        o.append(svg, what); group.append(o); hits.push(o);
      });
      list.append(group);
    });
    ask.setAttribute("aria-expanded", hits.length > 0);
    $("pal-n").textContent = hits.length ? hits.length + " found" : "Nothing is called so";
    choose(hits.length ? 0 : -1);
  };
  const look = async () => {
    const q = ask.value.trim(); last = q;
    try {
      const answer = await fetch("/find?q=" + encodeURIComponent(q)), text = await answer.text();
      if (last === q && answer.ok) fill(new DOMParser().parseFromString(text, "text/html"));
    } catch { $("pal-n").textContent = "Offline"; }
  };
  const open = () => { if (!palette.open) { palette.showModal(); ask.select(); ask.focus(); look(); } };
  const go = o => { if (o) location.assign(o.dataset.to); };
  ask.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 120); });
  ask.addEventListener("keydown", e => {
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 6, PageUp: at - 6}[e.key];
    if (to !== undefined && hits.length) { e.preventDefault(); choose(e.key.startsWith("Page") ? Math.max(0, Math.min(hits.length - 1, to)) : (to + hits.length) % hits.length); }
    if (e.key === "Enter") { e.preventDefault(); go(hits[at]); }
  });
  list.addEventListener("click", e => go(e.target.closest("[role=option]")));
  palette.addEventListener("click", e => { if (e.target === palette) palette.close(); });
  document.querySelectorAll("a.jump").forEach(a => a.addEventListener("click", e => { if (!e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); open(); } }));

  const rows = () => [...document.querySelectorAll("#main tr.eng, #main tr.task, #main details.item")].filter(r => r.getClientRects().length);
  const move = by => {
    const all = rows(), is = all.findIndex(r => r.hasAttribute("data-cursor"));
    if (!all.length) return;
    const next = all[Math.max(0, Math.min(all.length - 1, is + by))];
    all.forEach(r => r.toggleAttribute("data-cursor", r === next));
    next.scrollIntoView({block: "nearest"});
    (next.querySelector("summary, a[href]"))?.focus({preventScroll: true});
  };
  const pick = by => {
    const all = [...document.querySelectorAll(".pick.zoom a")], is = all.findIndex(a => a.hasAttribute("aria-current"));
    all[is + by]?.click();
  };
  const to = href => { if (document.querySelector(`.nav a[href="${href}"], #main a[href="${href}"]`)) location.assign(href); };
  const does = {"/": () => document.querySelector("#main .find input")?.focus(), j: () => move(1), k: () => move(-1), t: () => to("/today"), n: () => to("/start"),
    "+": () => pick(-1), "-": () => pick(1), "?": () => $("keys").showModal()};
  addEventListener("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") { e.preventDefault(); open(); return; }
    if (document.body.dataset.keys === "off" || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.querySelector("dialog[open]")) return;
    if (e.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    const tab = /^[1-8]$/.test(e.key) && document.querySelectorAll(".tabs a")[e.key - 1];
    if (tab) { e.preventDefault(); tab.click(); return; }
    const act = does[e.key.toLowerCase()];
    if (act) { e.preventDefault(); act(); }
  });
})();
