/* Shows what changed elsewhere while one looks: the server says that something did, and the page asks for itself again. What one types, what
   is chosen, where one is and what is open stay as they are. */
(() => {
  const foot = () => document.getElementById("live");
  const at = () => document.body.dataset.live;
  if (!at()) return;
  let stream, since = new URLSearchParams(at().split("?")[1]).get("since"), shown = document.body.dataset.shown, quiet, again, waits = false;

  const say = (text, state) => { const f = foot(); if (f && f.textContent !== text) f.textContent = text; if (f) f.dataset.state = state; };
  const live = () => { clearTimeout(quiet); quiet = setTimeout(lost, 40000); if (!waits) say("Live", "live"); };
  const lost = () => { say("Offline, showing " + shown, "offline"); };

  const fields = () => [...document.querySelectorAll("#main input, #main textarea, #main select")];
  const dirty = f => f.type === "hidden" ? false : f.type === "checkbox" || f.type === "radio" ? f.checked !== f.defaultChecked :
    f.tagName === "SELECT" ? [...f.options].some(o => o.selected !== o.defaultSelected) && f.selectedIndex !== Math.max(0, [...f.options].findIndex(o => o.defaultSelected)) :
    f.value !== f.defaultValue;
  const typing = () => { const a = document.activeElement; return !!a?.closest("#main") && a.matches("textarea, select, input:not([type=checkbox]):not([type=radio])"); };
  const chosen = () => { const s = getSelection(); return !!s && !s.isCollapsed && !!document.getElementById("main")?.contains(s.anchorNode); };
  const busy = () => typing() || chosen() || fields().some(dirty) || !!document.querySelector("#main :popover-open, dialog[open]");

  const name = f => f.name + "\n" + (f.type === "checkbox" || f.type === "radio" ? f.value : "") + "\n" + (f.form?.getAttribute("action") || "");
  const open = d => (d.id || d.querySelector("summary")?.textContent.trim() || "");
  const refresh = async () => {
    let text, to;
    try {
      const answer = await fetch(location.href, {headers: {Accept: "text/html"}});
      to = answer.url; text = answer.ok ? await answer.text() : "";
    } catch { lost(); return; }
    if (!text || new URL(to).pathname !== location.pathname) { location.reload(); return; }
    const page = new DOMParser().parseFromString(text, "text/html"), main = page.getElementById("main");
    if (!main) return;
    const kept = new Map(fields().filter(dirty).map(f => [name(f), f.type === "checkbox" || f.type === "radio" ? f.checked : f.value]));
    const opened = new Map([...document.querySelectorAll("#main details")].map(d => [open(d), d.open]));
    main.querySelectorAll("details").forEach(d => { if (opened.has(open(d))) d.open = opened.get(open(d)); });
    const focus = document.activeElement?.closest("#main") ? document.activeElement : null, y = scrollY;
    await htmx.swap({sourceElement: document.body, target: document.getElementById("main"), text: main.outerHTML, swap: "outerMorph", transition: false});
    fields().forEach(f => { if (kept.has(name(f))) { const v = kept.get(name(f)); if (typeof v === "boolean") f.checked = v; else f.value = v; } });
    if (focus?.isConnected && document.activeElement !== focus) focus.focus({preventScroll: true});
    if (scrollY !== y) scrollTo({top: y, behavior: "instant"});
    document.querySelectorAll(".nav a, .dock a").forEach(a => { // what waits is counted there
      const now = page.querySelector(`${a.closest(".nav") ? ".nav" : ".dock"} a[href="${CSS.escape(a.getAttribute("href"))}"] .count`), is = a.querySelector(".count");
      if (is && now) is.replaceWith(document.importNode(now, true)); else if (is) is.remove(); else if (now) a.append(document.importNode(now, true));
    });
    shown = page.body.dataset.shown; since = new URLSearchParams((page.body.dataset.live || at()).split("?")[1]).get("since"); waits = false;
    document.getElementById("stale").hidden = true; live();
  };
  const changed = () => {
    if (!busy()) { refresh(); return; }
    waits = true; document.getElementById("stale").hidden = false; say("Something changed", "live");
  };
  const listen = () => {
    clearTimeout(again);
    if (stream || document.hidden) return;
    const [path, query] = at().split("?"), q = new URLSearchParams(query); q.set("since", since);
    stream = new EventSource(path + "?" + q);
    stream.addEventListener("hello", live);
    stream.addEventListener("beat", live);
    stream.addEventListener("changed", e => { live(); since = e.lastEventId || since; changed(); });
    stream.onerror = () => { lost(); if (stream?.readyState === EventSource.CLOSED) { stop(); again = setTimeout(listen, 15000); } };
  };
  const stop = () => { clearTimeout(quiet); stream?.close(); stream = null; };
  document.addEventListener("visibilitychange", () => document.hidden ? stop() : listen());
  addEventListener("pagehide", stop);
  addEventListener("pageshow", e => { if (e.persisted) listen(); });
  addEventListener("offline", lost);
  document.addEventListener("DOMContentLoaded", () => document.querySelector("#stale button")?.addEventListener("click", refresh));
  if (document.readyState !== "loading") document.querySelector("#stale button")?.addEventListener("click", refresh);
  listen();
})();
