// Draws openapi.json as a page. Everything is made of text nodes: nothing in the document is ever read as markup.
"use strict";

const methods = ["get", "post", "put", "patch", "delete"];
let doc;

// el makes an element: el("a", {href: "#x"}, "text", child, …).
function el(name, attrs, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attrs || {})) if (v !== undefined) e.setAttribute(k, v);
  e.append(...children.filter((c) => c !== undefined && c !== null && c !== ""));
  return e;
}

// deref follows a $ref within the document, and an allOf that only adds a description.
function deref(o) {
  while (o && o.$ref) o = o.$ref.slice(2).split("/").reduce((at, key) => at[key.replace(/~1/g, "/").replace(/~0/g, "~")], doc);
  if (o && o.allOf && o.allOf.length === 1) return { ...deref(o.allOf[0]), ...o, allOf: undefined };
  return o;
}

// prose shows **bold** and `code`, and a paragraph for each empty line.
function prose(text) {
  return (text || "").trim().split(/\n\s*\n/).filter(Boolean).map((para) =>
    el("p", {}, ...para.replace(/\n/g, " ").split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
      if (part.startsWith("**")) return el("strong", {}, part.slice(2, -2));
      if (part.startsWith("`")) return el("code", {}, part.slice(1, -1));
      return part;
    })));
}

function kind(schema) {
  const s = deref(schema);
  if (s.type === "array") return "list of " + kind(s.items);
  if (s.format === "date") return "date";
  if (s.format === "date-time") return "instant";
  return { string: "text", integer: "number", boolean: "yes or no", object: "object" }[s.type] || "any";
}

// allowed says in words what a value must be like.
function allowed(schema) {
  const s = deref(schema), out = [];
  if (s.enum) out.push("one of " + s.enum.join(", "));
  if (s.minimum !== undefined && s.maximum !== undefined) out.push(`${s.minimum} to ${s.maximum}`);
  if (s["x-allowed"]) out.push(s["x-allowed"]);
  if (s.minLength && s.maxLength) out.push(`${s.minLength} to ${s.maxLength} characters`);
  if (s.maxItems) out.push(`${s.minItems || 0} to ${s.maxItems} items`);
  if (s.default !== undefined) out.push(`${s.default} when left out`);
  if (s.type === "array") { const inner = allowed(s.items); if (inner) out.push("each " + inner); }
  return out.join("; ");
}

// sentence says what a field is, and what is allowed.
function sentence(about, schema) {
  return [about, allowed(schema)].filter(Boolean).join(" — ");
}

function rowsOf(schema) {
  const s = deref(schema);
  return Object.entries(s.properties || {}).map(([name, p]) => ({ name, schema: p, must: (s.required || []).includes(name) }));
}

// nested returns the object that a field holds, or holds a list of.
function nested(schema) {
  const s = deref(schema);
  if (s.type === "array") return nested(s.items);
  return s.properties ? s : null;
}

function fields(schema, depth = 0) {
  const rows = rowsOf(schema);
  if (!rows.length) return el("p", {}, kind(schema));
  const body = rows.map((r) => {
    const s = deref(r.schema), inner = nested(r.schema);
    const about = el("td", {}, sentence(s.description, r.schema));
    if (inner && depth < 4) {
      const d = el("details", {}, el("summary", {}, "its fields"));
      d.addEventListener("toggle", () => { if (d.children.length === 1) d.append(el("div", { class: "nested" }, fields(inner, depth + 1))); });
      about.append(d);
    }
    return el("tr", {}, el("td", {}, el("code", {}, r.name), r.must ? el("span", { class: "must", title: "required" }, " *") : ""), el("td", {}, kind(r.schema)), about);
  });
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Field"), el("th", {}, "Kind"), el("th", {}, "What, and what is allowed"))), el("tbody", {}, ...body)));
}

// example makes up a value; only the fields that are required when brief is set.
function example(schema, brief, depth = 0) {
  const s = deref(schema);
  if (s.example !== undefined) return s.example;
  if (s.enum) return s.enum[0];
  if (s.default !== undefined) return s.default;
  switch (s.type) {
    case "array": return depth > 5 ? [] : [example(s.items, brief, depth + 1)];
    case "integer": return s.minimum ?? 42;
    case "boolean": return true;
    case "object": {
      if (s.additionalProperties && s.additionalProperties !== true) return { getMe: example(s.additionalProperties, brief, depth + 1) };
      const out = {};
      for (const r of rowsOf(s)) if ((r.must || (!brief && depth < 2)) && depth < 6) out[r.name] = example(r.schema, brief, depth + 1);
      return out;
    }
  }
  return s.format === "date-time" ? "2026-03-31T16:00:00Z" : s.format === "date" ? "2026-03-31" : "text";
}

const json = (v) => el("pre", { tabindex: "0" }, el("code", {}, JSON.stringify(v, null, 2)));

function parameters(list) {
  if (!list.length) return [];
  const body = list.map((p) => el("tr", {},
    el("td", {}, el("code", {}, p.name), p.required ? el("span", { class: "must", title: "required" }, " *") : ""), el("td", {}, p.in),
    el("td", {}, sentence(p.description, p.schema))));
  return [el("h4", {}, "Parameters"), el("div", { class: "wide" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", {}, "Name"), el("th", {}, "In"), el("th", {}, "What, and what is allowed"))), el("tbody", {}, ...body)))];
}

function curl(path, method, params, body) {
  const lines = [`curl -X ${method.toUpperCase()} "$TICKMARK${path.replace(/{(\w+)}/g, (_, name) => {
    const p = params.find((x) => x.name === name);
    return deref(p.schema).example || name;
  })}"`, `-H "Authorization: Bearer $TOKEN"`];
  if (params.some((p) => p.name === "Idempotency-Key")) lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (body) lines.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(example(body, true))}'`);
  return el("pre", { tabindex: "0" }, el("code", {}, lines.join(" \\\n  ")));
}

function response(code, ref) {
  const r = deref(ref), content = Object.values(r.content || {})[0];
  const d = el("details", {}, el("summary", {}, el("code", {}, code), " ", r.description));
  d.addEventListener("toggle", () => {
    if (d.children.length > 1) return;
    const inner = el("div", { class: "nested" });
    for (const [name, h] of Object.entries(r.headers || {})) inner.append(el("p", {}, el("code", {}, name), ": ", deref(h).description || ""));
    if (content) {
      if (content.schema.$ref !== "#/components/schemas/Problem") inner.append(fields(content.schema), json(example(content.schema, false)));
      else inner.append(el("p", {}, "A problem, as described under ", el("a", { href: "#problems" }, "Problems"), "."));
    }
    d.append(inner);
  });
  return d;
}

function who(op) {
  const reach = op["x-reach"] || {}, roles = deref({ $ref: "#/components/schemas/Role" }).enum.filter((role) => reach[role]);
  if (!roles.length) return [];
  const text = roles.map((role) => `${role} (${reach[role]})`).join(", ");
  return [el("h4", {}, "Who may"), el("p", {}, text)];
}

function operation(path, method, op, shared) {
  const params = [...(shared || []), ...(op.parameters || [])].map(deref);
  const body = op.requestBody && deref(op.requestBody).content["application/json"].schema;
  const a = el("article", { id: op.operationId, "aria-labelledby": op.operationId + "-title" },
    el("h3", { id: op.operationId + "-title" }, op.summary, " ", el("small", {}, op.operationId)),
    el("p", { class: "path" }, el("code", {}, el("b", { class: method }, method), " ", path)), ...prose(op.description), ...who(op), ...parameters(params));
  if (body) a.append(el("h4", {}, deref(op.requestBody).required ? "Body" : "Body, which may be left out"), fields(body));
  a.append(el("h4", {}, "Example"), curl(path, method, params, body), el("h4", {}, "Answers"));
  for (const [code, ref] of Object.entries(op.responses).sort()) a.append(response(code, ref));
  return a;
}

function problems() {
  const s = el("section", { id: "problems" }, el("h2", {}, "Problems"),
    ...prose("Every refusal is a problem (RFC 9457). `code` is stable and for programs, `detail` is for people, `field` names what is wrong."),
    fields({ $ref: "#/components/schemas/Problem" }));
  const rows = Object.values(doc.components.responses).filter((r) => r.description.includes(": ")).map((r) => {
    const [code, ...text] = r.description.split(": ");
    return el("tr", { id: code }, el("td", {}, el("code", {}, code)), el("td", {}, text.join(": ")));
  });
  s.append(el("div", { class: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Code"), el("th", {}, "Meaning"))), el("tbody", {}, ...rows))));
  return s;
}

function draw() {
  const main = document.getElementById("content"), index = document.getElementById("index");
  document.getElementById("version").textContent = doc.info.version;
  main.replaceChildren(el("section", { id: "about" }, ...prose(doc.info.description)));
  for (const tag of doc.tags) {
    const section = el("section", { id: "tag-" + tag.name }, el("h2", {}, tag.name[0].toUpperCase() + tag.name.slice(1)), ...prose(tag.description));
    const list = el("ul");
    for (const [path, item] of Object.entries(doc.paths)) {
      for (const method of methods) {
        const op = item[method];
        if (!op || !op.tags.includes(tag.name)) continue;
        section.append(operation("/api/v1" + path, method, op, item.parameters));
        list.append(el("li", { "data-words": [op.summary, op.operationId, path, method].join(" ").toLowerCase() },
          el("a", { href: "#" + op.operationId }, op.summary)));
      }
    }
    main.append(section);
    index.append(el("div", { class: "group" }, el("h2", {}, el("a", { href: "#tag-" + tag.name }, section.firstChild.textContent)), list));
  }
  main.append(problems());
  index.append(el("h2", {}, el("a", { href: "#problems" }, "Problems")));
}

function filter(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const group of document.querySelectorAll(".group")) {
    let shown = 0;
    for (const li of group.querySelectorAll("li")) {
      li.hidden = !wanted.every((w) => li.dataset.words.includes(w));
      shown += li.hidden ? 0 : 1;
    }
    group.hidden = shown === 0;
  }
}

async function start() {
  const menu = document.getElementById("menu");
  if (matchMedia("(max-width: 52rem)").matches) menu.removeAttribute("open");
  document.getElementById("index").addEventListener("click", () => { if (matchMedia("(max-width: 52rem)").matches) menu.removeAttribute("open"); });
  document.getElementById("filter").addEventListener("input", (e) => filter(e.target.value));
  try {
    const res = await fetch("/api/v1/openapi.json");
    if (!res.ok) throw new Error(res.status);
    doc = await res.json();
    draw();
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch (err) {
    document.getElementById("content").replaceChildren(el("p", { role: "alert" }, "The document could not be read: ", String(err.message || err)));
  }
}

start();
