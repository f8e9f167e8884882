// The gap map: wheel or buttons come nearer, dragging moves, arrows walk from point to point.
"use strict";
{
  const source = document.getElementById("points");
  if (source) {
    const held = JSON.parse(source.textContent);
    const svg = document.getElementById("plane"), info = document.getElementById("point");
    const space = "http://www.w3.org/2000/svg";
    const kinds = ["image", "text"];
    let plane = "before", box, whole, chosen = -1, size = 1, marks = [];

    const add = (name, values, parent = svg) => {
      const made = document.createElementNS(space, name);
      for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
      parent.append(made);
      return made;
    };
    const frame = () => {
      svg.setAttribute("viewBox", box.join(" "));
      size = box[2] / 110;
      for (const mark of marks) mark.shape.setAttribute("d", path(mark));
      for (const line of svg.querySelectorAll("line")) line.setAttribute("stroke-width", size / 8);
      svg.querySelector(".chosen")?.setAttribute("stroke-width", size / 2.5);
    };
    const path = ({ kind, x, y }) => kind === "image"
      ? `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0z`
      : `M${x} ${y - 1.15 * size}L${x + size} ${y + .75 * size}L${x - size} ${y + .75 * size}z`;
    const draw = () => {
      svg.replaceChildren();
      marks = [];
      const points = held[plane];
      const all = kinds.flatMap(kind => points[kind]);
      const xs = all.map(p => p[0]), ys = all.map(p => -p[1]);
      const left = Math.min(...xs), top = Math.min(...ys);
      const wide = Math.max(...xs) - left, high = Math.max(...ys) - top;
      const width = Math.max(wide, high * 4 / 3) * 1.08, height = width * 3 / 4;
      whole = [left + wide / 2 - width / 2, top + high / 2 - height / 2, width, height];
      box = [...whole];
      if (held.paired) points.image.forEach((p, n) => add("line", { x1: p[0], y1: -p[1], x2: points.text[n][0], y2: -points.text[n][1] }));
      for (const kind of kinds) points[kind].forEach((p, n) => {
        const mark = { kind, n, x: p[0], y: -p[1] };
        mark.shape = add("path", { class: kind, "fill-opacity": .8 });
        mark.shape.addEventListener("click", () => choose(marks.indexOf(mark)));
        marks.push(mark);
      });
      frame();
      if (chosen >= 0) choose(chosen, false);
    };
    const choose = async (place, told = true) => {
      svg.querySelector(".chosen")?.classList.remove("chosen");
      chosen = (place + marks.length) % marks.length;
      const mark = marks[chosen], item = held[mark.kind][mark.n];
      mark.shape.classList.add("chosen");
      if (told) remember({ point: chosen + 1 });
      mark.shape.setAttribute("stroke-width", size / 2.5);
      const name = document.createElement("p"), badge = document.createElement("span"), label = document.createElement("p");
      badge.className = `badge ${mark.kind}`;
      badge.textContent = `${held.names[mark.kind]} ${item.row + 1}`;
      name.append(badge);
      label.textContent = item.label;
      info.replaceChildren(name, label);
      if (item.picture) {
        const told = await (await fetch(`/point/${item.row}`)).json();
        if (told.picture && marks[chosen] === mark) {
          const image = new Image();
          image.src = told.picture;
          image.alt = item.label || badge.textContent;
          info.append(image);
        }
      }
    };
    const zoom = (factor, x = box[0] + box[2] / 2, y = box[1] + box[3] / 2) => {
      const width = Math.min(whole[2] * 1.5, Math.max(whole[2] / 60, box[2] / factor)), real = box[2] / width;
      box = [x - (x - box[0]) / real, y - (y - box[1]) / real, width, width * 3 / 4];
      frame();
    };
    const at = event => {
      const place = svg.getBoundingClientRect();
      return [box[0] + (event.clientX - place.left) / place.width * box[2], box[1] + (event.clientY - place.top) / place.height * box[3]];
    };
    svg.addEventListener("wheel", event => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.25 : .8, ...at(event)); }, { passive: false });
    let from = null;
    svg.addEventListener("pointerdown", event => { from = at(event); });
    addEventListener("pointerup", () => { from = null; });
    svg.addEventListener("pointermove", event => {
      if (!from) return;
      const now = at(event);
      box[0] -= now[0] - from[0];
      box[1] -= now[1] - from[1];
      frame();
    });
    svg.addEventListener("keydown", event => {
      const done = {
        ArrowRight: () => choose(chosen + 1), ArrowLeft: () => choose(chosen < 0 ? -1 : chosen - 1),
        ArrowDown: () => choose((chosen < 0 ? 0 : chosen) + held[plane].image.length), ArrowUp: () => choose((chosen < 0 ? 0 : chosen) - held[plane].image.length),
        "+": () => zoom(1.5), "-": () => zoom(.667), 0: () => { box = [...whole]; frame(); },
      }[event.key];
      if (done) { event.preventDefault(); done(); }
    });
    const show = name => {
      plane = name;
      for (const each of document.querySelectorAll("[data-plane]")) each.setAttribute("aria-pressed", each.dataset.plane === name);
      draw();
    };
    for (const button of document.querySelectorAll("[data-plane]")) button.addEventListener("click", () => {
      show(button.dataset.plane);
      remember({ plane });
    });
    for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => {
      if (+button.dataset.zoom) zoom(+button.dataset.zoom);
      else { box = [...whole]; frame(); }
    });
    const asked = new URLSearchParams(location.search), point = Number(asked.get("point"));
    const all = held.before.image.length + held.before.text.length;
    if (Number.isInteger(point) && point >= 1 && point <= all) chosen = point - 1;
    show(asked.get("plane") === "after" ? "after" : "before");
  }
}
