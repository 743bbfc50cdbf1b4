"use strict";
/* Charts come alive over their still pictures; paper and readers without scripts keep the still. */
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const darkColours = { background: null, title: { color: "#e8edf3" }, style: { "guide-label": { fill: "#dbe3ec" }, "guide-title": { fill: "#dbe3ec" } }, axis: { domainColor: "#8b9aab", gridColor: "#364454", tickColor: "#8b9aab" } };
  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const merged = (base, extra) => {
    const result = { ...base };
    for (const [key, value] of Object.entries(extra)) {
      result[key] = value && typeof value === "object" ? merged(base?.[key] ?? {}, value) : value;
    }
    return result;
  };
  /* The same hues, light enough for a dark page. */
  const lighter = { "#0b5cad": "#6db3ff", "#d55e00": "#ff9d4d", "#00805e": "#4fd1a5", "#a3398f": "#e48fd4", "#8c6d00": "#e0c050", "#4a5868": "#b6c2d0", "#c0392b": "#ff8a7a", "#dfe4ea": "#3a4654" };
  const coloured = (specification) => {
    if (!dark()) return specification;
    return JSON.parse(JSON.stringify(specification).replace(/"#[0-9a-f]{6}"/g, (c) => `"${lighter[c.slice(1, -1)] ?? c.slice(1, -1)}"`));
  };
  const draw = async (holder) => {
    const specification = coloured(charts[holder.dataset.chart]);
    const config = dark() ? merged(specification.config, darkColours) : { ...specification.config, background: null };
    const live = holder.querySelector(".live");
    await vegaEmbed(live, { ...specification, config }, { renderer: "svg", actions: false, tooltip: { theme: dark() ? "dark" : "light" } })
      .then((result) => { holder.vegaView = result.view; });
    const picture = live.querySelector("svg");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", holder.dataset.alt);
    /* A picture is read as one: its parts have no roles of their own. */
    const marks = ["role", "aria-label", "aria-roledescription"];
    for (const mark of marks) for (const part of picture.querySelectorAll(`[${mark}]`)) part.removeAttribute(mark);
    holder.classList.add("is-live");
  };
  const drawAll = () => Promise.all([...document.querySelectorAll(".chart")].map(draw));
  const save = async (button) => {
    const view = button.closest("figure").querySelector(".chart").vegaView;
    const address = await view.toImageURL(button.dataset.save, 2);
    Object.assign(document.createElement("a"), { href: address, download: `${button.closest("figure").id}.${button.dataset.save}` }).click();
  };
  for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", () => save(button));
  document.addEventListener("themechange", drawAll);
  window.chartsDrawn = drawAll();
})();
