"use strict";
// Exchange the code behind the address for a cookie, and forget the address.
(async () => {
  const code = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", "/enter");
  const [way, next] = code.split("|");
  const answer = await fetch("/enter", {
    method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({code: way}),
  });
  if (answer.ok) {
    location.replace(/^\/p\/[0-9a-f]{16}$/.test(next || "") ? next : "/");
    return;
  }
  document.getElementById("entering").hidden = true;
  document.getElementById("not-entered").hidden = false;
})();
