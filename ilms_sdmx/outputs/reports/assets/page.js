"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* Light, dark or as the system says. */
  const theme = document.querySelector(".theme");
  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const announce = () => document.dispatchEvent(new CustomEvent("themechange", { detail: { dark: dark() } }));
  if (theme) {
    theme.hidden = false;
    theme.addEventListener("click", () => {
      document.documentElement.dataset.theme = dark() ? "light" : "dark";
      announce();
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);

  /* Tables: a sort button in each heading, a search box, a choice where a heading asks for one. */
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const ordered = (column, numeric, sign) => (a, b) => {
    const [x, y] = [key(a, column), key(b, column)];
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * (numeric ? Number(x) - Number(y) : collator.compare(x, y));
  };
  const sort = (table, heading) => {
    const column = heading.cellIndex;
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    rows.sort(ordered(column, heading.classList.contains("number"), up ? 1 : -1));
    table.tBodies[0].append(...rows);
  };
  const filter = (table, search, choices, shown) => {
    const wanted = search.value.trim().toLocaleLowerCase();
    const rows = [...table.tBodies[0].rows];
    let count = 0;
    for (const row of rows) {
      const chosen = choices.every(([column, select]) => !select.value || key(row, column) === select.value);
      row.hidden = !(chosen && (!wanted || row.textContent.toLocaleLowerCase().includes(wanted)));
      count += !row.hidden;
    }
    shown.textContent = words.shown.replace("{shown}", count).replace("{all}", rows.length);
  };
  /* A text that a spreadsheet would take for a formula is quoted. */
  const quoted = (text) => {
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const download = (table) => {
    const lines = [table.tHead.rows[0], ...[...table.tBodies[0].rows].filter((row) => !row.hidden)];
    const cell = (node) => quoted(node.dataset.value ?? node.innerText.trim());
    const text = lines.map((row) => [...row.cells].map(cell).join(",")).join("\r\n");
    const address = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" }));
    make("a", { href: address, download: (table.id || "table") + ".csv" }).click();
    URL.revokeObjectURL(address);
  };
  const choice = (table, heading) => {
    const values = new Set([...table.tBodies[0].rows].map((row) => key(row, heading.cellIndex)).filter(Boolean));
    const select = make("select", {}, make("option", { value: "", textContent: words.all }));
    for (const value of [...values].sort(collator.compare)) select.append(make("option", { value, textContent: value }));
    return [heading.cellIndex, select, make("label", {}, heading.dataset.name ?? heading.textContent.trim(), select)];
  };
  const enhance = (table) => {
    const headings = [...table.tHead.rows[0].cells];
    const shown = make("span", { className: "shown" });
    shown.setAttribute("role", "status");
    const search = make("input", { type: "search" });
    const choices = headings.filter((h) => "filter" in h.dataset).map((h) => choice(table, h));
    const update = () => filter(table, search, choices, shown);
    const save = make("button", { type: "button", textContent: words.download });
    save.addEventListener("click", () => download(table));
    const tools = make("div", { className: "tools" }, make("label", {}, words.search, search), ...choices.map((c) => c[2]), save, shown);
    tools.addEventListener("input", update);
    (table.closest(".scroll") ?? table).before(tools);
    for (const heading of headings) {
      const button = make("button", { type: "button", className: "sort", title: words.sort }, ...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading));
      heading.replaceChildren(button);
    }
    update();
  };
  document.querySelectorAll("table[data-interactive]").forEach(enhance);

  /* What a cell of the source became, shown next to the pointer or the focus. */
  const card = make("div", { className: "card", hidden: true });
  card.setAttribute("role", "status");
  const show = (event) => {
    const cell = event.target.closest?.("[data-card]");
    card.hidden = !cell;
    if (!cell) return;
    card.replaceChildren(...cell.dataset.card.split("\n").map((line) => make("div", { textContent: line })));
    const box = cell.getBoundingClientRect();
    const left = Math.min(box.left, innerWidth - card.offsetWidth - 8);
    const below = box.bottom + 6 + card.offsetHeight < innerHeight;
    card.style.left = Math.max(8, left) + "px";
    card.style.top = (below ? box.bottom + 6 : box.top - card.offsetHeight - 6) + "px";
  };
  if (document.querySelector("[data-card]")) {
    document.body.append(card);
    for (const name of ["mouseover", "focusin"]) document.addEventListener(name, show);
    document.addEventListener("scroll", () => { card.hidden = true; }, true);
  }
  /* A link to a row that a filter hides shows the row again. */
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const hidden = target?.closest("tr[hidden]");
    if (hidden) { hidden.hidden = false; target.scrollIntoView(); }
    const folded = target?.closest("details:not([open])");
    if (folded) { folded.open = true; target.scrollIntoView(); }
  });
})();
