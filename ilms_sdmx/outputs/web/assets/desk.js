"use strict";
const desk = $("#desk");
const address = desk.dataset.address;
let state = Number(desk.dataset.state);
let shown = 0;        // number of the sheet that is shown
let current = null;   // cell that has the focus of the grid
let names = [];
let refreshing = 0;
let loading = null;   // rows that are on their way

// The sheet ------------------------------------------------------------------------------------

async function drawSheet(number, keep) {
  shown = number;
  const box = $("#sheet");
  const [left, top] = [box.scrollLeft, box.scrollTop];
  box.innerHTML = await part(`${address}/sheet?state=${state}&sheet=${number}`);
  for (const tab of $$("#tabs button")) {
    tab.setAttribute("aria-pressed", String(Number(tab.dataset.number) === number));
  }
  if (keep) await rowsUpTo(keep);
  const again = keep && cellAt(keep);
  current = again || $("td[data-a]", box);
  if (current) current.tabIndex = 0;
  if (keep) box.scrollTo(left, top);
  watchEnd();
}

const cellAt = (name) => $(`td[data-a="${CSS.escape(name)}"]`, $("#sheet"));

// Further rows come when the last ones are seen.
const watcher = new IntersectionObserver(async (entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watcher.disconnect();
  await moreRows();
});

// Rows of a cell that is further down than what is drawn.
async function rowsUpTo(name) {
  const row = Number(name.replace(/^[A-Z]+/, ""));
  for (;;) {
    if (loading) await loading;
    const next = Number($("#sheet table").dataset.next);
    if (!next || next > row) return;
    await moreRows();
  }
}

function moreRows() {
  loading = loading || fetchRows().finally(() => { loading = null; });
  return loading;
}

async function fetchRows() {
  const table = $("#sheet table");
  const next = Number(table.dataset.next);
  if (!next) return;
  table.dataset.next = "0";
  const text = await part(`${address}/sheet?state=${state}&sheet=${shown}&from=${next}`);
  const holder = document.createElement("tbody");
  holder.innerHTML = text;
  const count = holder.children.length;
  $("tbody", table).append(...holder.children);
  const last = Number(table.getAttribute("aria-rowcount")) - 1;
  if (next + count <= last) table.dataset.next = String(next + count);
  watchEnd();
}

function watchEnd() {
  watcher.disconnect();
  const table = $("#sheet table");
  if (table && Number(table.dataset.next)) watcher.observe($("tbody tr:last-child", table));
}

function focusCell(cell) {
  if (!cell) return;
  if (current) current.tabIndex = -1;
  current = cell;
  cell.tabIndex = 0;
  cell.focus();
}

// The next cell with anything in a direction.
function neighbour(cell, rows, columns) {
  if (columns) {
    let other = cell;
    do { other = columns > 0 ? other.nextElementSibling : other.previousElementSibling; }
    while (other && !other.dataset.a);
    return other && other.matches("td") ? other : null;
  }
  const letters = cell.dataset.a.replace(/\d+$/, "");
  let row = cell.parentElement;
  let nearest = null;
  while ((row = rows > 0 ? row.nextElementSibling : row.previousElementSibling)) {
    const same = $(`td[data-a^="${letters}"]`, row);
    if (same && same.dataset.a.replace(/\d+$/, "") === letters) return same;
    nearest = nearest || $("td[data-a]", row);
  }
  return nearest;
}

$("#sheet").addEventListener("keydown", (event) => {
  const cell = event.target.closest("td[data-a]");
  if (!cell) return;
  const moves = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
  if (moves[event.key]) {
    event.preventDefault();
    const flip = $("#sheet table").dir === "rtl" ? -1 : 1;
    focusCell(neighbour(cell, moves[event.key][0], moves[event.key][1] * flip));
  } else if (event.key === "Home") {
    event.preventDefault();
    focusCell($("td[data-a]", cell.parentElement));
  } else if (event.key === "End") {
    event.preventDefault();
    focusCell($$("td[data-a]", cell.parentElement).pop());
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    openCell(cell, true);
  }
});
$("#sheet").addEventListener("focusin", (event) => {
  const cell = event.target.closest("td[data-a]");
  if (cell) say(`${cell.dataset.a}: ${roleWord(cell.dataset.role)}`);
});
$("#sheet").addEventListener("click", (event) => {
  const cell = event.target.closest("td[data-a]");
  if (!cell) return;
  focusCell(cell);
  openCell(cell, false);
});

function roleWord(role) {
  const option = $(`#role option[value="${role}"]`);
  const legend = $(`.legend .swatch.${role || "none"}`);
  if (option) return option.textContent;
  return legend ? legend.parentElement.textContent.trim() : role;
}

// One cell -------------------------------------------------------------------------------------

function openCell(cell, byKey) {
  const box = $("#cell");
  $("[data-cell-name]", box).textContent = cell.dataset.a;
  const copy = cell.cloneNode(true);
  $(".sign", copy)?.remove();
  $("[data-cell-text]", box).textContent = copy.textContent;
  $("[data-cell-role]", box).textContent = roleWord(cell.dataset.role);
  $("[data-cell-rule]", box).textContent = cell.dataset.rule;
  const list = $("[data-cell-findings]", box);
  list.replaceChildren();
  for (const text of (cell.dataset.findings || "").split("\n").filter(Boolean)) {
    const item = document.createElement("li");
    item.textContent = text;
    list.append(item);
  }
  $("#sources").replaceChildren();
  box.dataset.cell = cell.dataset.a;
  box.hidden = false;
  if (byKey) $("#cell-title").focus();
}

$("#cell").addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeCell();
});
function closeCell() {
  $("#cell").hidden = true;
  focusCell(current);
}

$("#mark").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const of = form.of.value.split(/[\s,;]+/).filter(Boolean).map((cell) => cell.toUpperCase());
  await edit("mark", {
    sheet: names[shown], cell: $("#cell").dataset.cell, role: form.role.value,
    extent: form.extent.value, why: form.why.value, of,
  });
});

// Questions ------------------------------------------------------------------------------------

function outline(item, isOn) {
  for (const cell of $$("td.asked")) cell.classList.remove("asked");
  if (!isOn) return;
  for (const [sheet, name] of JSON.parse(item.dataset.cells)) {
    if (sheet === names[shown]) cellAt(name)?.classList.add("asked");
  }
}
for (const name of ["focusin", "mouseover"]) {
  $("#side").addEventListener(name, (event) => {
    const item = event.target.closest(".question");
    if (item) outline(item, true);
  });
}

async function goTo(sheet, name) {
  const number = names.indexOf(sheet);
  if (number >= 0 && number !== shown) await drawSheet(number);
  await rowsUpTo(name);
  const cell = cellAt(name);
  if (!cell) return;
  cell.scrollIntoView({block: "center", inline: "center"});
  focusCell(cell);
}

$("#side").addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-answer]");
  if (!form) return;
  event.preventDefault();
  const choice = $('input[name="choice"]:checked', form);
  const typed = $("input[data-search], input[data-typed]", form);
  let action = choice ? choice.value : "";
  let value = choice ? choice.dataset.value || "" : "";
  if (action === "typed" || (!action && typed && typed.value)) {
    action = "set";
    value = typed.dataset.code || typed.value.trim();
  }
  if (!action) { $("input", form).focus(); return; }
  const similar = Boolean(form.similar && form.similar.checked);
  const item = form.closest(".question");
  outline(item, true);
  for (const cell of $$("td.asked")) cell.classList.add("pending");
  await edit("answer", {line: Number(form.dataset.answer), action, value: action === "set" ? value : "", similar});
});

// Typed search in a codelist: a list box with the arrows.
let searching = 0;
$("#side").addEventListener("input", async (event) => {
  const box = event.target;
  const form = box.closest("form");
  const other = form && $('input[value="typed"]', form);
  if (box.matches("[data-search], [data-typed]") && other) other.checked = true;
  if (!box.matches("[data-search]")) return;
  delete box.dataset.code;
  const turn = ++searching;
  await wait(120);
  if (turn !== searching) return;
  const query = new URLSearchParams({codelist: box.dataset.search, prefix: box.dataset.prefix, q: box.value});
  const found = box.value ? await (await fetch(`/codes?${query}`)).json() : [];
  if (turn !== searching || !Array.isArray(found)) return;
  const list = document.getElementById(box.getAttribute("aria-controls"));
  list.replaceChildren();
  for (const [number, code] of found.entries()) {
    const item = document.createElement("li");
    item.id = `${list.id}-${number}`;
    item.setAttribute("role", "option");
    item.dataset.code = code.value;
    item.textContent = `${code.name} (${code.value})`;
    list.append(item);
  }
  list.hidden = !found.length;
  box.setAttribute("aria-expanded", String(Boolean(found.length)));
  box.removeAttribute("aria-activedescendant");
  say(found.length ? `${found.length}` : desk.dataset.nothing);
});
function choose(box, item) {
  const list = document.getElementById(box.getAttribute("aria-controls"));
  box.value = item.textContent;
  box.dataset.code = item.dataset.code;
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}
$("#side").addEventListener("keydown", (event) => {
  const box = event.target;
  if (!box.matches("[data-search]")) return;
  const list = document.getElementById(box.getAttribute("aria-controls"));
  if (list.hidden) return;
  const items = $$("li", list);
  let at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    at = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
    for (const [number, item] of items.entries()) item.setAttribute("aria-selected", String(number === at));
    box.setAttribute("aria-activedescendant", items[at].id);
    items[at].scrollIntoView({block: "nearest"});
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    choose(box, items[at]);
  } else if (event.key === "Escape") {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
  }
});

document.addEventListener("click", async (event) => {
  const option = event.target.closest('[role="option"]');
  if (option) {
    const box = $(`[aria-controls="${option.parentElement.id}"]`);
    choose(box, option);
    box.focus();
    return;
  }
  const target = event.target.closest("button");
  if (!target) return;
  if (target.hasAttribute("data-cell-close")) closeCell();
  if (target.hasAttribute("data-sources")) {
    const query = new URLSearchParams({sheet: names[shown], cell: $("#cell").dataset.cell});
    try { $("#sources").innerHTML = await part(`${address}/sources?${query}`); }
    catch (error) { trouble(error.message); }
  }
  if (target.hasAttribute("data-show")) {
    const item = target.closest(".question");
    const [sheet, name] = JSON.parse(item.dataset.cells)[0];
    await goTo(sheet, name);
    outline(item, true);
  }
  if (target.dataset.go !== undefined) await goTo(target.dataset.sheet, target.dataset.go);
  if (target.dataset.number !== undefined) await drawSheet(Number(target.dataset.number));
  if (target.hasAttribute("data-undo")) await edit("undo", {});
  if (target.dataset.back) await edit("undo", {to: Number(target.dataset.back)});
});

// Changes --------------------------------------------------------------------------------------

async function edit(what, value) {
  const done = await change(`${address}/${what}`, {...value, state});
  if (done.status === 409) {
    trouble(`${desk.dataset.changed} ${done.error}`, done.difference);
    state = done.state;
    await // An address may name a cell: the history of a figure leads to it.
refresh().then(() => {
  const asked = new URLSearchParams(location.search);
  if (asked.get("cell")) goTo(asked.get("sheet"), asked.get("cell"));
});
    return;
  }
  if (done.error) {
    for (const cell of $$("td.pending")) cell.classList.remove("pending");
    trouble(done.error);
    return;
  }
  state = done.state;
  say(desk.dataset.saved);
  await // An address may name a cell: the history of a figure leads to it.
refresh().then(() => {
  const asked = new URLSearchParams(location.search);
  if (asked.get("cell")) goTo(asked.get("sheet"), asked.get("cell"));
});
}

async function refresh() {
  const turn = ++refreshing;
  desk.setAttribute("aria-busy", "true");
  const job = await change(`${address}/do/view`);
  const result = await follow(job);
  if (!result || turn !== refreshing) {
    if (turn === refreshing) desk.removeAttribute("aria-busy");
    return;
  }
  state = result.state;
  desk.dataset.state = String(state);
  const line = document.activeElement?.closest?.(".question")?.dataset.line;
  const inSide = $("#side").contains(document.activeElement);
  $("#side").innerHTML = await part(`${address}/side?state=${state}`);
  const told = $("#side > div");
  names = JSON.parse(told.dataset.sheets);
  fill("area", told.dataset.area);
  drawTabs();
  await drawSheet(Math.min(shown, names.length - 1), current?.dataset.a);
  $("#states").innerHTML = await part(`${address}/states`);
  // The focus goes to the next question, or to their heading where none is left.
  if (inSide || line) {
    const next = $(".question input, .question button");
    (next || $("#questions-title")).focus();
  }
  if (!$("#cell").hidden) {
    const open = cellAt($("#cell").dataset.cell);
    if (open) openCell(open, false);
  }
  desk.removeAttribute("aria-busy");
}

function drawTabs() {
  const tabs = $("#tabs");
  if (tabs.children.length === names.length) return;
  tabs.replaceChildren();
  for (const [number, name] of names.entries()) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.dir = "auto";
    tab.dataset.number = String(number);
    tab.textContent = name;
    tabs.append(tab);
  }
}

function fill(name, value) {
  for (const field of $$(`form[data-do] input[name="${name}"]`)) {
    if (!field.value && value) field.value = value;
  }
}

// Results --------------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-do]");
  if (!form) return;
  event.preventDefault();
  const value = Object.fromEntries(new FormData(form));
  if (form.partial) value.partial = form.partial.checked;
  const result = await follow(await change(`${address}/do/${form.dataset.do}`, value));
  if (!result) return;
  $("#results").innerHTML = result.html;
  const told = $("#results [data-area]");
  if (told) { fill("area", told.dataset.area); fill("period", told.dataset.period); }
  $("#results").focus();
});

// An address may name a cell: the history of a figure leads to it.
refresh().then(() => {
  const asked = new URLSearchParams(location.search);
  if (asked.get("cell")) goTo(asked.get("sheet"), asked.get("cell"));
});
