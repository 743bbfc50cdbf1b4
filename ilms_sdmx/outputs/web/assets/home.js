"use strict";
async function opened(job) {
  const result = await follow(job);
  if (result) location.assign(result.address);
}

async function upload(file) {
  if (!file) return;
  const based = $("#based") ? $("#based").value : "";
  const headers = {"x-name": encodeURIComponent(file.name)};
  if (based) headers["x-based"] = based;
  await opened(await change("/upload", file, headers));
}

const zone = $("[data-drop]");
for (const name of ["dragenter", "dragover"]) {
  zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
}
zone.addEventListener("dragleave", () => zone.classList.remove("over"));
zone.addEventListener("drop", async (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  await upload(event.dataTransfer.files[0]);
});
$("#workbook").addEventListener("change", async (event) => {
  await upload(event.target.files[0]);
  event.target.value = "";
});
document.addEventListener("click", async (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  if (target.dataset.example) await opened(await change(`/example/${target.dataset.example}`));
  if (target.dataset.remove && confirm(target.dataset.sure)) {
    const done = await change(target.dataset.remove);
    if (done.error) trouble(done.error); else location.reload();
  }
});
