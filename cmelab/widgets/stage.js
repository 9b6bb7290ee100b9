// Paints a bank of frames over a background that matplotlib drew. Playing, scrubbing and selecting need no kernel.

const SPEEDS = [0.5, 1, 2];
const SECONDS = 5; // a whole film at speed 1
const SHORTEST = 3; // pixels; a shorter arrow would be all head

function isDark() {
  const flag = document.body.dataset.jpThemeLight;
  if (flag !== undefined) return flag === "false";
  if (document.body.classList.contains("theme-dark")) return true;
  if (document.body.classList.contains("theme-light")) return false;
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function make(tag, parent, attributes = {}) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in node && key !== "list") node[key] = value; else node.setAttribute(key, value);
  }
  parent.append(node);
  return node;
}

function numbers(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// One frame of one mark: {n, c, at(i, j)}; F = 1 means that nothing moves.
function items(bank, place, frame) {
  const [frames, n, c] = place.shape;
  const base = place.at + Math.min(frame, frames - 1) * n * c;
  return { n, at: (i, j) => bank[base + i * c + j] };
}

function paintMark(ctx, mark, data, panel, look, selected) {
  const [left, bottom, width, height] = panel.box;
  const X = (x) => (left + ((x - panel.x[0]) / (panel.x[1] - panel.x[0])) * width) * look.w;
  const Y = (y) => (1 - bottom - ((y - panel.y[0]) / (panel.y[1] - panel.y[0])) * height) * look.h;
  const point = look.w / 648; // a point is 1/72 inch, the picture 9 inches wide
  const line = mark.width * look.thick * point;
  ctx.save();
  ctx.beginPath();
  ctx.rect(X(panel.x[0]), Y(panel.y[1]), width * look.w, height * look.h);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = look.palette[mark.colour];
  ctx.lineWidth = line;
  ctx.setLineDash(mark.dash ? [4 * line, 3 * line] : []);
  const shown = (i) => (mark.owner === null || mark.owner[i] === selected) && !Number.isNaN(data.at(i, 0) + data.at(i, 1));
  if (mark.kind === "bars") {
    for (let i = 0; i < data.n; i++) {
      if (!shown(i)) continue;
      const x0 = X(data.at(i, 0) - mark.size / 2), x1 = X(data.at(i, 0) + mark.size / 2);
      const y0 = Y(data.at(i, 1)), y1 = Y(data.at(i, 2));
      ctx[mark.hollow ? "strokeRect" : "fillRect"](x0, Math.min(y0, y1), x1 - x0, Math.abs(y1 - y0));
    }
  } else if (mark.kind === "line") {
    ctx.beginPath();
    for (let i = 0; i < data.n; i++) ctx.lineTo(X(data.at(i, 0)), Y(data.at(i, 1)));
    ctx.stroke();
  } else if (mark.kind === "segments") {
    ctx.beginPath();
    for (let i = 0; i < data.n; i++) {
      if (!shown(i)) continue;
      ctx.moveTo(X(data.at(i, 0)), Y(data.at(i, 1)));
      ctx.lineTo(X(data.at(i, 2)), Y(data.at(i, 3)));
    }
    ctx.stroke();
  } else if (mark.kind === "dots") {
    const radius = mark.size * point;
    for (let i = 0; i < data.n; i++) {
      if (!shown(i)) continue;
      ctx.beginPath();
      ctx.arc(X(data.at(i, 0)), Y(data.at(i, 1)), radius, 0, 2 * Math.PI);
      if (mark.hollow) ctx.stroke(); else ctx.fill();
      if (mark.texts[i]) label(ctx, mark.texts[i], X(data.at(i, 0)), Y(data.at(i, 1)), 1.1 * mark.size * point, look, "bold");
    }
  } else if (mark.kind === "labels") {
    for (let i = 0; i < data.n; i++) {
      if (shown(i)) label(ctx, mark.texts[i], X(data.at(i, 0)), Y(data.at(i, 1)), look.font * mark.size * point, look, "", mark.colour);
    }
  } else { // arrows, arcs
    for (let i = 0; i < data.n; i++) {
      if (!shown(i)) continue;
      arrow(ctx, X(data.at(i, 0)), Y(data.at(i, 1)), X(data.at(i, 2)), Y(data.at(i, 3)), mark.kind === "arcs", line, point);
    }
  }
  ctx.restore();
}

function label(ctx, text, x, y, size, look, weight, colour = "paper") {
  ctx.font = `${weight} ${size}px "DejaVu Sans", system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.save();
  ctx.fillStyle = look.palette[colour];
  ctx.fillText(text, x, y);
  ctx.restore();
}

function arrow(ctx, x0, y0, x1, y1, bent, line, point) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length <= SHORTEST) return;
  // The control point lies a third of the length to the side, as matplotlib's arc3 bends.
  const bend = bent ? 0.35 : 0;
  const cx = (x0 + x1) / 2 + bend * (y1 - y0), cy = (y0 + y1) / 2 - bend * (x1 - x0);
  const head = Math.min(length * 0.6, (3 + 2 * line) * point);
  const angle = Math.atan2(y1 - cy, x1 - cx);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.quadraticCurveTo(cx, cy, x1 - head * 0.7 * Math.cos(angle), y1 - head * 0.7 * Math.sin(angle));
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  for (const side of [-0.45, 0.45]) ctx.lineTo(x1 - head * Math.cos(angle + side), y1 - head * Math.sin(angle + side));
  ctx.closePath();
  ctx.fill();
}

// Sliders of the page have no name of their own for a screen reader: give each the words of its label.
function nameSliders(el) {
  const root = el.closest(".cmelab-widget") ?? el;
  for (const slider of root.querySelectorAll(".widget-inline-hbox, .jupyter-widgets")) {
    const words = slider.querySelector(":scope > .widget-label")?.textContent;
    const handle = slider.querySelector(".noUi-handle");
    if (words && handle) handle.setAttribute("aria-label", words);
  }
}

function render({ model, el }) {
  const figure = make("figure", el, { className: "cmelab-stage", tabIndex: 0 });
  figure.setAttribute("data-lm-suppress-shortcuts", "true");
  const canvas = make("canvas", figure);
  canvas.setAttribute("role", "img");
  const bar = make("div", figure, { className: "cmelab-play" });
  const play = make("button", bar, { type: "button" });
  const scrub = make("input", bar, { type: "range", min: 0, value: 0, step: 1 });
  scrub.setAttribute("aria-label", "time");
  const now = make("output", bar);
  const speed = make("select", bar, { title: "playing speed" });
  speed.setAttribute("aria-label", "playing speed");
  for (const s of SPEEDS) make("option", speed, { value: s, textContent: `${s}×`, selected: s === 1 });
  const alarm = make("p", figure, { className: "cmelab-error" });
  alarm.setAttribute("role", "alert");
  const warning = make("p", figure, { className: "cmelab-warning" });
  const caption = make("figcaption", figure);
  caption.setAttribute("aria-live", "polite");
  const chosen = make("p", figure, { className: "cmelab-chosen" });
  chosen.setAttribute("aria-live", "polite");
  const about = make("details", figure);
  make("summary", about, { textContent: "What am I seeing?" });
  const words = make("div", about);

  let scene, bank, look, frame = 0, selected = -1, playing = false, queued = 0, clock = 0, begun = 0, saying = 0;
  const images = { light: new Image(), dark: new Image() };
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const fail = (error) => { alarm.textContent = `The picture could not be drawn: ${error.message ?? error}`; };
  const guarded = (f) => (...given) => { try { return f(...given); } catch (error) { fail(error); } };

  const paint = guarded(() => {
    queued = 0;
    const theme = isDark() ? "dark" : "light";
    look = { palette: scene.palette[theme], font: scene.font, thick: scene.thick, w: scene.size[0], h: scene.size[1] };
    const scale = Math.max(1, window.devicePixelRatio || 1);
    if (canvas.width !== Math.round(look.w * scale)) {
      canvas.width = Math.round(look.w * scale);
      canvas.height = Math.round(look.h * scale);
    }
    const ctx = canvas.getContext("2d");
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.fillStyle = look.palette.paper;
    ctx.fillRect(0, 0, look.w, look.h);
    if (images[theme].complete && images[theme].naturalWidth) ctx.drawImage(images[theme], 0, 0, look.w, look.h);
    figure.style.setProperty("--cmelab-ink", look.palette.ink);
    figure.style.setProperty("--cmelab-paper", look.palette.paper);
    scene.marks.forEach((mark, i) => {
      const data = items(bank, scene.places[i], frame);
      paintMark(ctx, mark, data, scene.panels[mark.panel], look, selected);
      if (mark.select && selected >= 0 && selected < data.n) outline(ctx, mark, data);
    });
    readout(ctx);
    canvas.dataset.frame = frame;
    canvas.dataset.painted = Number(canvas.dataset.painted ?? 0) + 1;
    canvas.dispatchEvent(new CustomEvent("cmelab-paint", { bubbles: true, detail: { frame } }));
  });

  function outline(ctx, mark, data) {
    const panel = scene.panels[mark.panel];
    const one = { n: 1, at: (_, j) => (j === 1 ? Math.min(data.at(selected, 1), 0) : j === 2 ? panel.y[1] : data.at(selected, 0)) };
    ctx.globalAlpha = 0.18;
    paintMark(ctx, { ...mark, kind: "bars", colour: "ink", hollow: false, owner: null, size: 1 }, one, panel, look, selected);
    ctx.globalAlpha = 1;
  }

  function readout(ctx) {
    const [x, y, step, big] = scene.readout_place;
    ctx.fillStyle = look.palette.ink;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    scene.readout.forEach((line, i) => {
      const large = line.startsWith("*");
      ctx.font = `${(look.font * (large ? big : 1.1) * look.w) / 648}px "DejaVu Sans", system-ui, sans-serif`;
      ctx.fillText(large ? line.slice(1) : line, x * look.w, (1 - y + i * step) * look.h);
    });
  }

  function tell() {
    const text = scene.captions[Math.min(frame, scene.captions.length - 1)];
    canvas.setAttribute("aria-label", text);
    now.textContent = scene.frame_names[frame] ?? "";
    scrub.setAttribute("aria-valuetext", now.textContent);
    clearTimeout(saying);
    // A screen reader is told once the picture rests, not sixty times a second.
    saying = setTimeout(() => { caption.textContent = text; tellChosen(); }, playing ? 700 : 120);
    if (selected < 0 || !playing) tellChosen();
  }

  function tellChosen() {
    const place = scene.places[scene.marks.length];
    if (selected < 0 || selected >= place.shape[1]) {
      chosen.hidden = !scene.sentence;
      chosen.textContent = scene.sentence ? "Click a bar, or press ↑ and ↓, to see its flows." : "";
      return;
    }
    const data = items(bank, place, frame);
    chosen.hidden = false;
    chosen.textContent = scene.sentence.replace(/\{(\d+)\}/g, (_, j) => {
      const value = data.at(selected, Number(j));
      return Number.isInteger(value) ? String(value) : Number(value.toPrecision(3)).toString();
    });
  }

  const request = () => { if (!queued) queued = requestAnimationFrame(paint); };
  function show(to) {
    frame = Math.max(0, Math.min(scene.frames - 1, to));
    scrub.value = frame;
    tell();
    request();
  }
  function rest() { // the kernel hears where the picture rests, not of every frame
    model.set("frame", frame);
    model.set("selected", selected);
    model.save_changes();
  }
  function choose(item) {
    const mark = scene.marks.findIndex((m) => m.select);
    if (mark < 0) return;
    const n = scene.places[mark].shape[1];
    selected = item < 0 ? -1 : Math.min(n - 1, item);
    tellChosen();
    request();
    rest();
  }
  const step = guarded((stamp) => {
    if (!playing) return;
    const due = begun + Math.floor(((stamp - clock) / 1000) * Number(speed.value) * scene.frames / SECONDS);
    if (due >= scene.frames) { show(scene.frames - 1); setPlaying(false); return; }
    if (due !== frame) { frame = due; scrub.value = frame; tell(); if (queued) cancelAnimationFrame(queued); paint(); }
    requestAnimationFrame(step);
  });
  function setPlaying(on) {
    playing = on && scene.frames > 1;
    play.textContent = playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", playing ? "pause" : "play");
    if (!playing) { tell(); rest(); return; }
    if (frame >= scene.frames - 1) frame = 0;
    begun = frame;
    clock = performance.now();
    requestAnimationFrame(step);
  }

  const load = guarded(() => {
    const fresh = model.get("scene");
    const same = scene && scene.frames === fresh.frames && scene.name === fresh.name;
    scene = fresh;
    bank = numbers(model.get("bank"));
    bar.hidden = scene.frames < 2;
    scrub.max = scene.frames - 1;
    canvas.style.aspectRatio = `${scene.size[0]} / ${scene.size[1]}`;
    figure.classList.toggle("cmelab-big", scene.font > 12);
    words.replaceChildren(...scene.legend.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    warning.textContent = scene.warning;
    if (selected >= (scene.places[scene.marks.length]?.shape[1] ?? 0)) selected = -1;
    show(same ? frame : scene.start);
    nameSliders(el);
  });
  const loadBackground = guarded(() => {
    for (const [theme, source] of Object.entries(model.get("background"))) {
      images[theme].onload = request;
      images[theme].src = source;
    }
  });
  const onError = () => { alarm.textContent = model.get("error"); };
  const onFrame = () => { if (!playing && model.get("frame") !== frame) show(model.get("frame")); };
  const onSelected = () => { if (model.get("selected") !== selected) { selected = model.get("selected"); tellChosen(); request(); } };

  play.onclick = () => setPlaying(!playing);
  scrub.oninput = () => { playing = false; play.textContent = "▶"; show(Number(scrub.value)); };
  scrub.onchange = rest;
  speed.onchange = () => { begun = frame; clock = performance.now(); };
  canvas.onclick = guarded((event) => {
    figure.focus({ preventScroll: true });
    const mark = scene.marks.findIndex((m) => m.select);
    if (mark < 0) return;
    const box = canvas.getBoundingClientRect(), panel = scene.panels[scene.marks[mark].panel];
    const share = (event.clientX - box.left) / box.width;
    const x = panel.x[0] + ((share - panel.box[0]) / panel.box[2]) * (panel.x[1] - panel.x[0]);
    const data = items(bank, scene.places[mark], frame);
    let best = -1;
    for (let i = 0; i < data.n; i++) if (best < 0 || Math.abs(data.at(i, 0) - x) < Math.abs(data.at(best, 0) - x)) best = i;
    choose(best === selected ? -1 : best);
  });
  figure.onkeydown = guarded((event) => {
    if (event.target !== figure && event.target !== canvas) return;
    const act = {
      " ": () => setPlaying(!playing),
      ArrowRight: () => { show(frame + 1); rest(); }, ArrowLeft: () => { show(frame - 1); rest(); },
      Home: () => { show(0); rest(); }, End: () => { show(scene.frames - 1); rest(); },
      ArrowUp: () => choose(selected + 1), ArrowDown: () => choose(Math.max(selected - 1, 0)), Escape: () => choose(-1),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  const themes = new MutationObserver(request);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", request);
  // Bank, scene and background of one change arrive in one message, the scene last: one load, never a mixture.
  model.on("change:scene", load);
  model.on("change:background", loadBackground);
  model.on("change:error", onError);
  model.on("change:frame", onFrame);
  model.on("change:selected", onSelected);
  play.textContent = "▶";
  play.setAttribute("aria-label", "play");
  loadBackground();
  load();
  onError();
  setTimeout(() => nameSliders(el), 300);
  if (scene?.autoplay && !reduced) setPlaying(true);
  return () => { playing = false; themes.disconnect(); scheme.removeEventListener("change", request); clearTimeout(saying); };
}

export default { render };
