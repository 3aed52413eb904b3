"use strict";
/* Draws the tables a page at a time. Whatever comes from a database goes into the page as text, never as markup. */
(async () => {
  const PAGE = 50;
  const unpack = async (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  };
  const make = (tag, text, kind) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const number = new Intl.NumberFormat("en");
  const size = (n) => (n >= 1e9 ? (n / 1e9).toFixed(1) + " GB" : n >= 1e6 ? (n / 1e6).toFixed(1) + " MB" : Math.ceil(n / 1e3) + " KB");
  const effort = (m) => (!m ? "" : m < 90 ? m + " min" : m < 960 ? (m / 60).toFixed(1) + " h" : (m / 480).toFixed(1) + " d");
  const figures = { number: (v) => number.format(v), size, effort, share: (v) => Math.floor(v * 100) + " %" };
  const colours = { "by itself": "good", done: "good", found: "good", equal: "good", "with work": "loss", losses: "loss",
    warning: "loss", ambiguous: "loss", not: "bad", failed: "bad", missing: "bad", error: "bad" };
  const cell = (value, kind) => {
    if (value === null || value === "") return make("td", "", figures[kind] ? "n" : "");
    if (figures[kind]) return make("td", figures[kind](value), "n");
    if (kind === "state") return make("td", value, colours[value] || "");
    if (kind === "date") return make("td", value, "date");
    if (kind === "path") {
      const cut = Math.max(value.lastIndexOf("/"), value.lastIndexOf("\\")) + 1, made = make("td", undefined, "path");
      made.append(make("span", value.slice(0, cut)), make("b", value.slice(cut)));
      return made;
    }
    const text = String(value), made = make("td", text.length > 130 ? text.slice(0, 129) + "…" : text, text.length > 28 ? "wide" : "");
    if (text.length > 130) made.title = text;
    return made;
  };
  const collator = new Intl.Collator("en", { numeric: true });
  const empty = (v) => v === null || v === "";
  const compare = (a, b, down) => {
    if (empty(a) || empty(b)) return empty(a) - empty(b); // what says nothing stays last, either way
    const found = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
    return down ? -found : found;
  };

  let details;
  const told = async (digest) => {
    details = details || (await unpack("details"));
    const [messages, counts, personal] = details.of[digest] || [[], [], []], box = make("div", undefined, "inner");
    if (counts.length) box.append(make("div", counts.map(([what, whole, partly, failed]) =>
      `${what.replace(/_/g, " ")}: ${whole} of ${whole + partly + failed}` + (partly ? `, ${partly} partly` : "") + (failed ? `, ${failed} not` : "")).join(" · ")));
    const list = make("ul");
    for (const [title, count, minutes, places] of messages) {
      const [severity, text] = details.titles[title].split("\t"), item = make("li");
      item.append(make("b", severity + " "), text + (count > 1 ? ` (${count} times)` : "") + (minutes ? `, ${effort(minutes)}` : "")
        + (places.length ? ": " + places.join("; ") + (count > places.length ? " …" : "") : ""));
      list.append(item);
    }
    if (messages.length) box.append(list);
    if (personal.length) {
      const columns = make("ul");
      for (const [table, column, kind, sure, why] of personal) columns.append(make("li", `${table}.${column}: ${kind}, ${Math.round(sure * 100)} % by ${why}`));
      box.append(make("div", "Columns that look personal"), columns);
    }
    if (!box.childNodes.length) box.append(make("div", "Nothing is known of what it holds."));
    return box;
  };
  const open = async (row, values, wide) => {
    if (row.nextSibling && row.nextSibling.className === "opened") return row.nextSibling.remove();
    const opened = make("tr", undefined, "opened"), inside = make("td");
    inside.colSpan = wide;
    opened.append(inside);
    row.after(opened);
    inside.append(await told(values[wide]));
  };

  class Table {
    constructor(key, data, element) {
      this.key = key; this.columns = data.columns; this.all = this.rows = data.rows; this.element = element;
      this.section = element.closest("section"); this.shown = PAGE; this.by = null; this.opens = key === "databases";
      const head = make("tr");
      this.columns.forEach(([title, kind], at) => {
        const cell = make("th", title, figures[kind] ? "n" : "");
        cell.tabIndex = 0;
        cell.onclick = () => this.sort(at, cell);
        cell.onkeydown = (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); this.sort(at, cell); } };
        head.append(cell);
      });
      this.body = make("tbody");
      const top = make("thead");
      top.append(head);
      element.append(top, this.body);
      this.more = this.section.querySelector(".more");
      this.more.onclick = () => { this.shown += PAGE * 4; this.draw(true); };
      const field = this.section.querySelector("input");
      let waiting;
      field.oninput = () => { clearTimeout(waiting); waiting = setTimeout(() => this.filter(field.value), 120); };
      if (this.all.length < 10) this.section.querySelector(".tools").hidden = true;
      this.draw();
    }
    filter(text) {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      this.texts = this.texts || this.all.map((r) => r.slice(0, this.columns.length).join("\n").toLowerCase());
      this.rows = words.length ? this.all.filter((_, n) => words.every((w) => this.texts[n].includes(w))) : this.all;
      if (this.by !== null) this.order();
      this.shown = PAGE;
      this.draw();
    }
    order() {
      const { by, down } = this;
      this.rows = [...this.rows].sort((a, b) => compare(a[by], b[by], down));
    }
    sort(at, cell) {
      const first = figures[this.columns[at][1]] ? true : false;
      this.down = this.by === at ? !this.down : first;
      this.by = at;
      this.element.querySelectorAll("th").forEach((h) => h.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", this.down ? "descending" : "ascending");
      this.order();
      this.draw();
    }
    draw(add) {
      const from = add ? this.body.querySelectorAll("tr:not(.opened)").length : 0, made = document.createDocumentFragment();
      for (const values of this.rows.slice(from, this.shown)) {
        const row = make("tr", undefined, this.opens ? "opens" : "");
        this.columns.forEach(([, kind], at) => row.append(cell(values[at], kind)));
        if (this.opens) {
          row.tabIndex = 0;
          row.onclick = () => open(row, values, this.columns.length);
          row.onkeydown = (e) => { if (e.key === "Enter") open(row, values, this.columns.length); };
        }
        made.append(row);
      }
      if (add) this.body.append(made); else this.body.replaceChildren(made);
      const left = this.rows.length - Math.min(this.shown, this.rows.length);
      this.more.hidden = !left;
      this.section.dataset.left = left ? `${number.format(left)} more in the page itself and in the CSV files beside it` : "";
      this.more.textContent = `More (${number.format(left)} left)`;
      this.section.querySelector(".count").textContent = this.rows.length === this.all.length ? "" : `${number.format(this.rows.length)} of ${number.format(this.all.length)}`;
    }
  }

  const data = await unpack("data");
  for (const element of document.querySelectorAll("table[data-table]")) {
    new Table(element.dataset.table, data[element.dataset.table], element);
    await new Promise((done) => setTimeout(done));
  }
  document.documentElement.dataset.ready = "yes";
})();
