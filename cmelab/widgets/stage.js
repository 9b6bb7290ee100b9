// The page around the canvas: play bar, keys, selection, captions, theme. The last of the files of one module.

const PAGES = 12; // presses of a presenter's clicker from the first frame to the last
const SPEEDS = [0.25, 0.5, 1, 2];
const KEYS = {
  play: "space plays and pauses; ← and → step through time (with Shift by ten); Page Down and Page Up go a twelfth on " +
    "and back; Home and End jump",
  preset: "Page Down and Page Up go to the next preset and back",
  choose: (noun) => `↑ and ↓ choose a ${noun}; Esc lets go`,
};

function isDark() {
  const page = document.body;
  if (page.dataset.jpThemeLight) return page.dataset.jpThemeLight === "false";
  if (page.dataset.vscodeThemeKind) return page.dataset.vscodeThemeKind.includes("dark");
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function make(tag, parent, attributes = {}) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in node && key !== "role") node[key] = value; else node.setAttribute(key, value);
  }
  parent.append(node);
  return node;
}

// What the inputs around the picture lack: the handle of a slider has no name for a screen reader, and tells its place
// and not its value; and JupyterLab would take keys from any of them, such as the arrows.
function befriend(root) {
  for (const slider of root.querySelectorAll(".widget-slider")) {
    const words = slider.querySelector(".widget-label")?.textContent;
    const handle = slider.querySelector(".noUi-handle");
    if (!words || !handle) continue;
    if (handle.getAttribute("aria-label") !== words) handle.setAttribute("aria-label", words);
    handle.setAttribute("aria-valuetext", slider.querySelector(".widget-readout")?.textContent ?? "");
  }
  for (const one of root.querySelectorAll("input, select, button, summary, [tabindex]")) {
    one.setAttribute("data-lm-suppress-shortcuts", "true");
  }
}

// The first sentence in bold says which it is, and the most important of it; what follows may be long.
function emphasise(node, words) {
  if (node.textContent === words) return;
  const end = words.search(/[.!?] [^a-z]/) + 1 || words.length;
  const head = document.createElement("b");
  head.textContent = words.slice(0, end);
  node.replaceChildren(...(words ? [head, words.slice(end)] : []));
}

function build(el) {
  const root = make("div", el, { className: "cmelab-stage" });
  const alarm = make("p", root, { className: "cmelab-error", role: "alert" });
  const notice = make("p", root, { className: "cmelab-notice" });
  const readings = make("div", root, { className: "cmelab-readings" });
  const figure = make("figure", root);
  const view = make("div", figure, { className: "cmelab-view", tabIndex: 0, role: "group" });
  const canvas = make("canvas", view, { role: "img" });
  const bar = make("div", figure, { className: "cmelab-play" });
  const play = make("button", bar, { type: "button" });
  const scrub = make("input", bar, { type: "range", min: 0, step: 1, value: 0 });
  const now = make("output", bar);
  const speed = make("select", bar, { title: "playing speed", "aria-label": "playing speed" });
  for (const s of SPEEDS) make("option", speed, { value: s, textContent: `${s}×`, selected: s === 1 });
  const chosen = make("p", figure, { className: "cmelab-chosen", "aria-live": "polite" });
  const legend = make("p", figure, { className: "cmelab-legend" });
  const caption = make("figcaption", figure, { "aria-live": "polite" });
  const foot = make("div", root, { className: "cmelab-foot" });
  const about = make("details", foot);
  make("summary", about, { textContent: "What am I seeing?" });
  const words = make("div", about);
  return { root, alarm, notice, readings, view, canvas, bar, play, scrub, now, speed, chosen, legend, caption, words, foot };
}

function render({ model, el }) {
  const page = build(el), { root, canvas, view, scrub, speed } = page;
  const plain = model.get("look"), base = document.createElement("canvas");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)"), scheme = window.matchMedia("(prefers-color-scheme: dark)");
  let bank = null, cue = -1, moment = 0, selected = -1, playing = false, queued = 0, began = 0, from = 0, saying = 0, told = "";
  let look = null, where = null, stale = true, room = 0;

  const fail = (error) => {
    page.alarm.textContent = `The picture could not be drawn: ${error?.message ?? error}. Run the cell again.`;
    console.error("cmelab:", error);
  };
  const guarded = (act) => (...given) => { try { return act(...given); } catch (error) { playing = false; fail(error); } };
  const last = () => bank.frames - 1;
  const frame = () => Math.round(moment);

  // ---- drawing ----
  // A page of its own on a projector shows the picture with all its words in sight, as large as the window lets it.
  function roomBelow() {
    const words = root.getBoundingClientRect().height - view.getBoundingClientRect().height;
    return Math.round(Math.max(0.7 * bank.height, Math.min(1.5 * bank.height, window.innerHeight - words - 26)));
  }

  function measure() {
    const stage = model.get("stage"), size = plain.sizes[stage ? "stage" : "page"], theme = isDark() ? "dark" : "light";
    const width = Math.max(260, Math.min(room || plain.width, stage ? 1.4 * plain.width : plain.width));
    const height = stage && model.get("address") ? roomBelow() : Math.round(bank.height * Math.min(Math.max(width / plain.width, 0.7), 1));
    const sharp = Math.max(1, window.devicePixelRatio || 1);
    const before = look;
    look = { ...size, palette: plain[theme], ramps: plain.ramps[theme], room: plain.room, theme, width, height, sharp };
    where = places(bank.panels, width, height, look.em, look.room);
    // What costs the page a new layout is done only where it changes.
    if (!before || before.width !== width || before.height !== height || before.sharp !== sharp) {
      for (const surface of [canvas, base]) {
        surface.width = Math.round(width * sharp);
        surface.height = Math.round(height * sharp);
      }
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    if (before?.theme !== theme) {
      root.dataset.theme = theme;
      for (const [name, colour] of Object.entries(look.palette)) root.style.setProperty(`--cmelab-${name}`, colour);
    }
    root.classList.toggle("cmelab-big", stage);
    const ctx = base.getContext("2d");
    ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
    ctx.fillStyle = look.palette.paper;
    ctx.fillRect(0, 0, width, height);
    paintAxes(ctx, where, look);
    stale = false;
  }

  // The controls are found once this picture is on the page with them; they may come, and change, later.
  let around = null;
  function adopt() {
    around = root.closest(".cmelab-widget");
    if (!around) return;
    befriend(around);
    for (const place of around.children) {
      if (!place.contains(root)) names.observe(place, { childList: true, subtree: true, characterData: true });
    }
  }

  const paint = guarded(() => {
    queued = 0;
    if (!bank) return;
    if (stale) measure();
    if (!around) adopt();
    const ctx = canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(base, 0, 0);
    ctx.setTransform(look.sharp, 0, 0, look.sharp, 0, 0);
    for (const mark of bank.marks) paintMark(ctx, bank, mark, moment, where[mark.panel], look, selected);
    tell();
    root.dataset.frame = frame();
    root.dataset.painted = Number(root.dataset.painted ?? 0) + 1;
    root.dispatchEvent(new CustomEvent("cmelab-paint", { bubbles: true, detail: { moment } }));
  });
  const request = () => { if (!queued) queued = requestAnimationFrame(paint); };
  const remeasure = () => { stale = true; request(); };

  // ---- words ----
  function tell() {
    page.now.textContent = sentence(bank, bank.label, moment);
    scrub.value = frame();
    scrub.setAttribute("aria-valuetext", page.now.textContent);
    bank.readings.forEach((r, i) => { page.readings.children[i].children[1].textContent = sentence(bank, r.value, moment); });
    const picked = bank.selection, one = picked && selected >= 0 ? sentence(bank, picked.text, moment, selected) : "";
    emphasise(page.chosen, one || (picked ? `Click a ${picked.noun}, or press ↑ and ↓.` : ""));
    // A screen reader is told once the picture rests, not sixty times a second.
    const text = sentence(bank, bank.caption, frame());
    if (text === told) return;
    told = text;
    clearTimeout(saying);
    saying = setTimeout(() => {
      canvas.setAttribute("aria-label", text);
      page.caption.textContent = text;
    }, playing ? 600 : 150);
  }

  function describe() {
    page.notice.textContent = bank.notice;
    page.readings.replaceChildren();
    for (const r of bank.readings) {
      const card = make("div", page.readings, { className: `cmelab-reading cmelab-${r.tone}` });
      make("span", card, { className: "cmelab-name", textContent: r.label });
      make("b", card);
      make("span", card, { className: "cmelab-formula", textContent: r.formula });
    }
    page.legend.replaceChildren();
    for (const mark of bank.marks.filter((m, i, all) => m.legend && all.findIndex((o) => o.legend === m.legend) === i)) {
      const entry = make("span", page.legend);
      make("i", entry, { className: `cmelab-key cmelab-key-${mark.kind} cmelab-key-${mark.shape}${mark.dash ? " cmelab-dash" : ""}${mark.hollow ? " cmelab-hollow" : ""}` })
        .style.setProperty("--key", `var(--cmelab-${mark.colour})`);
      entry.append(mark.legend);
    }
    const keys = [bank.frames > 1 ? KEYS.play : KEYS.preset, ...(bank.selection ? [KEYS.choose(bank.selection.noun)] : [])];
    page.words.replaceChildren();
    for (const line of model.get("about")) make("p", page.words, { textContent: line });
    if (keys.length) make("p", page.words, { textContent: `Keys, once the picture has the focus: ${keys.join("; ")}.` });
    view.setAttribute("aria-label", `Picture. ${keys.join("; ")}`);
    page.bar.hidden = bank.frames < 2;
    scrub.max = last();
    scrub.setAttribute("aria-label", "moment shown");
  }

  // ---- moving ----
  const go = (to) => { moment = Math.max(0, Math.min(last(), to)); request(); };
  function rest() { // the kernel hears where the picture rests, not of every frame
    model.set("frame", frame());
    model.set("selected", selected);
    model.save_changes();
  }
  function button() {
    page.play.textContent = playing ? "❚❚" : "▶";
    page.play.setAttribute("aria-label", playing ? "pause" : "play");
    root.dataset.playing = playing;
  }
  const step = guarded((stamp) => {
    if (!playing) return;
    const every = still.matches ? last() / 10 : 0; // reduced motion: ten still pictures, not a film
    const due = Math.min(last(), from + Math.max(0, (stamp - began) / 1000) * (last() / bank.seconds) * Number(speed.value));
    const next = every && due < last() ? Math.floor(due / every) * every : bank.smooth ? due : Math.floor(due);
    if (next !== moment) {
      moment = Math.max(moment, next);
      if (queued) cancelAnimationFrame(queued);
      paint();
    }
    if (due >= last()) setPlaying(false); else requestAnimationFrame(step);
  });
  function setPlaying(on) {
    if (on === playing || (on && bank.frames < 2)) return;
    playing = on;
    button();
    if (!playing) { go(frame()); rest(); return; }
    if (moment >= last()) moment = 0;
    from = moment;
    began = performance.now();
    requestAnimationFrame(step);
  }
  function choose(item) {
    if (!bank.selection) return;
    selected = item < 0 ? -1 : Math.min(bank.selection.names.length - 1, item);
    request();
    rest();
  }

  // ---- from the kernel ----
  const load = guarded(() => {
    const fresh = unpack(model.get("bank"));
    if (!fresh) return;
    const before = bank ? last() : 0, restart = model.get("cue") !== cue;
    const sameShape = bank && JSON.stringify([bank.panels, bank.height]) === JSON.stringify([fresh.panels, fresh.height]);
    bank = fresh;
    cue = model.get("cue");
    if (restart) {
      moment = Math.min(last(), model.get("frame"));
      selected = model.get("selected");
      playing = false;
      button();
    } else {
      moment = Math.min(last(), before ? Math.round((moment / before) * last()) : bank.start);
      selected = Math.min(selected, bank.selection ? bank.selection.names.length - 1 : -1);
      if (playing) { from = moment; began = performance.now(); }
    }
    stale ||= !sameShape || (restart && model.get("address"));
    page.alarm.textContent = model.get("error");
    root.dataset.cue = cue;
    describe();
    tell();
    page.caption.textContent = told; // at once: it takes room, and the room decides on the size of the picture
    if (queued) cancelAnimationFrame(queued);
    paint(); // at once: waiting for the next frame would cost the hand on the slider up to 16 ms
  });
  const onFrame = () => { if (bank && !playing && model.get("frame") !== frame()) go(model.get("frame")); };
  const onSelected = () => { if (bank && model.get("selected") !== selected) { selected = model.get("selected"); request(); } };
  const onError = () => { page.alarm.textContent = model.get("error"); };
  const onBusy = () => root.classList.toggle("cmelab-busy", model.get("busy"));

  // ---- from the reader ----
  page.play.onclick = guarded(() => setPlaying(!playing));
  scrub.oninput = guarded(() => { const to = Number(scrub.value); playing = false; button(); go(to); });
  scrub.onchange = guarded(rest);
  speed.onchange = guarded(() => { from = moment; began = performance.now(); });
  canvas.onclick = guarded((event) => {
    view.focus({ preventScroll: true });
    const picked = bank.selection;
    if (!picked) return;
    const px = event.offsetX, py = event.offsetY;
    const place = picked.panels.map((name) => where[name])
      .find((p) => px >= p.left - 5 && px <= p.left + p.width + 5 && py >= p.top - 5 && py <= p.top + p.height + 5);
    if (!place) return;
    const x = values(bank, picked.x, moment), y = picked.y && values(bank, picked.y, moment);
    let best = -1, least = Infinity;
    x.forEach((at, i) => {
      const far = y ? Math.hypot(place.X(at) - px, place.Y(y[i]) - py) : Math.abs(place.X(at) - px);
      if (far < least) [best, least] = [i, far];
    });
    choose(best === selected || (y && least > 2.5 * look.em) ? -1 : best);
  });
  const press = guarded((event) => {
    const own = event.target === view || event.target === document.body, far = event.shiftKey ? 10 : 1;
    if (!bank || (!own && !(event.target === scrub && event.key === " "))) return;
    const jump = (to) => () => { setPlaying(false); go(to); rest(); };
    const page = (way) => bank.frames > 1 ? jump(frame() + way * Math.max(1, Math.round(last() / PAGES))) : () => model.send({ step: way });
    const act = {
      PageDown: page(1), PageUp: page(-1),
      " ": () => setPlaying(!playing), ArrowRight: jump(frame() + far), ArrowLeft: jump(frame() - far), Home: jump(0), End: jump(last()),
      ArrowUp: () => choose(selected + 1), ArrowDown: () => choose(Math.max(selected - 1, 0)), Escape: () => choose(-1),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  root.onkeydown = press;
  // On a page of its own the keys work wherever the focus is not on something else, as for slides.
  const anywhere = (event) => { if (event.target === document.body && model.get("address")) press(event); };
  document.addEventListener("keydown", anywhere);
  const forget = takeAway(page.foot, model, () => look.theme, guarded);

  const themes = new MutationObserver(remeasure);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind", "class"] });
  scheme.addEventListener("change", remeasure);
  window.addEventListener("resize", remeasure);
  const sizes = new ResizeObserver(([{ contentRect }]) => { room = Math.floor(contentRect.width); remeasure(); });
  sizes.observe(view);
  const names = new MutationObserver(() => befriend(around));
  const handlers = { bank: load, cue: load, frame: onFrame, selected: onSelected, error: onError, busy: onBusy, stage: remeasure };
  for (const [name, act] of Object.entries(handlers)) model.on(`change:${name}`, act);
  button();
  load();
  onError();
  return () => {
    playing = false;
    clearTimeout(saying);
    forget();
    document.removeEventListener("keydown", anywhere);
    for (const observer of [themes, sizes, names]) observer.disconnect();
    scheme.removeEventListener("change", remeasure);
    window.removeEventListener("resize", remeasure);
    for (const [name, act] of Object.entries(handlers)) model.off(`change:${name}`, act);
  };
}

export default { render };
