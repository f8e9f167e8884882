// Waiting, the slider's figures, dropped pictures. Every page works without it but for these.
"use strict";
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

  const strength = by("strength");
  if (strength) {
    const steps = JSON.parse(by("steps").textContent);
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
    strength.addEventListener("input", show);
    show();
  }

  const ask = by("ask");
  if (ask) {
    const lists = by("lists");
    let picture = null, turn = 0;
    const say = text => { const p = document.createElement("p"); p.className = "empty"; p.textContent = text; lists.replaceChildren(p); };
    const answer = async () => {
      const mine = ++turn;
      const address = new URLSearchParams({ q: by("q").value, strength: by("s").value });
      try {
        let html;
        if (picture) {
          const said = await fetch(`/${language}/compare/picture?${address}`, { method: "POST", body: picture, headers: { "content-type": picture.type || "application/octet-stream" } });
          html = await said.text();
        } else {
          const said = await fetch(`/${language}/compare?${address}`);
          const page = new DOMParser().parseFromString(await said.text(), "text/html");
          html = page.getElementById("lists").innerHTML;
          history.replaceState(null, "", `/${language}/compare?${address}`);
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
    by("file").addEventListener("change", event => take(event.target.files[0]));
    const drop = by("drop");
    for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", event => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files[0]); });
  }
}
