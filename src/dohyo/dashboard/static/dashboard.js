// Waiting, the slider's figures, dropped pictures. Every page works without it but for these.
"use strict";
// What the reader has set up stays in the address, and in the address of the other language.
const remember = values => {
  const address = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) address.set(name, value);
  address.delete("done");
  history.replaceState(null, "", `${location.pathname}?${address}${location.hash}`);
  const other = document.querySelector("header a[hreflang]");
  if (other) other.search = address;
};
{
  const language = document.body.dataset.language;
  const by = id => document.getElementById(id);

  const waiting = document.querySelector("[data-study]");
  if (waiting) {
    const look = async () => {
      try {
        const told = await (await fetch(`/study?lang=${language}`)).json();
        if (told.standing === "done" || told.standing === "failed") { location.reload(); return; }
        waiting.querySelector("progress").value = told.share;
        waiting.querySelector("[data-share]").textContent = told.share;
        waiting.querySelector("[data-step]").textContent = told.step;
      } catch { /* the service is restarting: ask again */ }
      setTimeout(look, 1000);
    };
    setTimeout(look, 500);
  }

  const watched = document.querySelector("[data-watched]");
  if (watched) {
    let first = null;
    const look = async () => {
      try {
        const told = await (await fetch("/v1/monitor")).json();
        const now = JSON.stringify(told.watches.map(each => [each.name, each.alarms, each.open_alarms, each.newest]));
        first ??= now;
        if (now !== first) { watched.querySelector("a").hidden = false; return; }
      } catch { /* the service is restarting: ask again */ }
      setTimeout(look, 10000);
    };
    look();
  }

  const strength = by("strength");
  if (strength) {
    const steps = JSON.parse(by("steps").textContent);
    const asked = new URLSearchParams(location.search).get("strength");
    if (asked !== null && asked.trim() !== "" && asked >= 0 && asked <= 1) strength.value = asked;
    const show = () => {
      const step = steps[Math.round(strength.value * 10)];
      by("strength-shown").textContent = step.strength;
      for (const place of document.querySelectorAll("[data-figure]")) {
        place.textContent = step[place.dataset.figure];
      }
      const standing = document.querySelector(".standing");
      standing.classList.toggle("go", step.passes);
      standing.classList.toggle("stop", !step.passes);
    };
    strength.addEventListener("input", () => { show(); remember({ strength: strength.value }); });
    show();
  }

  const ask = by("ask");
  if (ask) {
    const lists = by("lists");
    let picture = null, turn = 0;
    const say = text => { const p = document.createElement("p"); p.className = "empty"; p.textContent = text; lists.replaceChildren(p); };
    const answer = async () => {
      const mine = ++turn;
      const address = new URLSearchParams({ q: by("q").value, strength: by("s").value, each: by("each").value });
      try {
        let html;
        if (picture) {
          const said = await fetch(`/${language}/compare/picture?${address}`, { method: "POST", body: picture, headers: { "content-type": picture.type || "application/octet-stream" } });
          html = await said.text();
        } else {
          const said = await fetch(`/${language}/compare?${address}`);
          const page = new DOMParser().parseFromString(await said.text(), "text/html");
          html = page.getElementById("lists").innerHTML;
          if (mine === turn) remember(Object.fromEntries(address));
        }
        if (mine === turn) lists.innerHTML = html;
      } catch { if (mine === turn) say(ask.dataset.failed); }
    };
    const take = file => {
      if (!file) return;
      picture = file;
      by("dropped").src = URL.createObjectURL(file);
      by("dropped").hidden = false;
      say(ask.dataset.busy);
      answer();
    };
    ask.addEventListener("submit", event => {
      event.preventDefault();
      picture = null;
      by("dropped").hidden = true;
      by("file").value = "";
      say(ask.dataset.busy);
      answer();
    });
    let later;
    by("s").addEventListener("input", () => {
      by("s-shown").textContent = by("s").value;
      clearTimeout(later);
      if (picture || by("q").value.trim()) later = setTimeout(answer, 150);
    });
    const again = () => { if (picture || by("q").value.trim()) answer(); };
    by("each").addEventListener("change", again);
    lists.addEventListener("click", event => {
      const offer = event.target.closest("[data-each]");
      if (!offer) return;
      event.preventDefault();
      by("each").value = offer.dataset.each;
      by("each").focus();
      again();
    });
    by("file").addEventListener("change", event => take(event.target.files[0]));
    const drop = by("drop");
    for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", event => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files[0]); });
  }
}
