"use strict";
// What every page has: changes with their token, trouble, progress, language, theme, the way out.
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const token = $('meta[name="token"]').content;
let running = "";

function say(text) {
  const live = $("#live");
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

function trouble(text, lines) {
  const box = $("#trouble");
  $("p", box).textContent = text;
  const more = $("pre", box);
  more.hidden = !lines;
  more.textContent = (lines || []).join("\n");
  box.hidden = false;
  $("button", box).focus();
}

async function change(address, value, headers = {}) {
  const isFile = value instanceof Blob;
  const body = isFile ? value : JSON.stringify(value || {});
  const kind = isFile ? "application/octet-stream" : "application/json";
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST", body, headers: {"x-token": token, "content-type": kind, ...headers},
    });
  } catch {
    return {status: 0, error: $("#progress").dataset.gone || "…"};
  }
  const text = await answer.text();
  let told = {};
  try { told = JSON.parse(text); } catch { told = {error: text}; }
  return {status: answer.status, ...told};
}

async function part(address) {
  const answer = await fetch(address);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

const wait = (time) => new Promise((done) => setTimeout(done, time));

// Follow a job to its end; the answer is its result, or null where it failed or was cancelled.
async function follow(job) {
  if (job.status && job.status >= 400) { trouble(job.error); return null; }
  const box = $("#progress");
  running = job.id;
  for (let time = 60; !job.ended; time = Math.min(time * 1.4, 700)) {
    await wait(time);
    if (time > 200) box.hidden = false;
    const answer = await fetch(`/jobs/${job.id}`);
    if (!answer.ok) { job = {ended: true, error: await answer.text()}; break; }
    job = await answer.json();
    const bar = $("#progress-bar");
    if (job.of) { bar.max = job.of; bar.value = job.done; } else bar.removeAttribute("value");
  }
  running = "";
  box.hidden = true;
  if (job.error) {
    if (job.kind === "cancelled") say(job.error); else trouble(job.error);
    return null;
  }
  return job.result;
}

document.addEventListener("click", async (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  if (target.hasAttribute("data-close")) $("#trouble").hidden = true;
  if (target.hasAttribute("data-cancel") && running) await change(`/jobs/${running}/cancel`);
  if (target.hasAttribute("data-theme")) {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
    document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
    localStorage.setItem("theme", document.documentElement.dataset.theme);
  }
  if (target.hasAttribute("data-quit")) {
    const done = await change("/quit");
    if (!done.error) {
      const text = document.createElement("p");
      text.textContent = target.dataset.done;
      $("main").replaceChildren(text);
      say(target.dataset.done);
    }
  }
});

document.addEventListener("change", async (event) => {
  if (event.target.matches("[data-language]")) {
    await change(`/language/${event.target.value}`);
    location.reload();
  }
});

const theme = localStorage.getItem("theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
// An open page keeps the server; it ends some time after the last one is closed.
setInterval(() => fetch("/alive").catch(() => {}), 60000);
