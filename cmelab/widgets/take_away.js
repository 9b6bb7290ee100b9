// What a reader takes away: Python, link, picture, numbers. Stands between `paint.js` and `stage.js` in one module.

const FORMS = { png: "Picture (PNG)", svg: "Picture (SVG)", csv: "Numbers (CSV)" };

function save(block, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([block], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Only on a page of its own does a widget have an address; what it does not know of, such as a theme, is kept.
function addressOf(model) {
  const query = new URLSearchParams(model.get("address")), theme = new URLSearchParams(location.search).get("theme");
  if (theme) query.set("theme", theme);
  return `${location.origin}${location.pathname}?${query}`;
}

function takeAway(parent, model, theme, guarded) {
  const about = make("details", parent, { className: "cmelab-take" });
  make("summary", about, { textContent: "Take away" });
  const row = make("div", about, { className: "cmelab-row" });
  const said = make("output", about, { className: "cmelab-said" });
  const code = make("pre", about, { tabIndex: 0, role: "group" });
  code.setAttribute("aria-label", "the Python of this picture");

  // Where a page may not write to the clipboard, such as over plain http, the text is marked for Ctrl-C.
  const copy = async (text, node, what) => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = `${what} copied.`;
    } catch {
      node.textContent = text;
      getSelection().selectAllChildren(node);
      said.textContent = `${what}: press Ctrl-C to copy what is marked.`;
    }
  };
  const button = (words, act) => { make("button", row, { type: "button", textContent: words }).onclick = guarded(act); };
  button("Copy Python", () => copy(model.get("code"), code, "Python"));
  for (const [form, words] of Object.entries(FORMS)) {
    button(words, () => { said.textContent = "Asking the kernel …"; model.send({ take: form, dark: theme() === "dark" }); });
  }
  const alone = make("span", row, { hidden: true, className: "cmelab-row" });
  const link = make("button", alone, { type: "button", textContent: "Copy link" });
  make("a", alone, { href: "?", textContent: "All widgets" });
  link.onclick = guarded(() => copy(addressOf(model), said, "Link"));

  const arrived = guarded((content, [block]) => { save(block, content.name, content.type); said.textContent = `${content.name} saved.`; });
  let waiting = 0;
  const tell = () => {
    code.textContent = model.get("code");
    alone.hidden = !model.get("address");
    clearTimeout(waiting);
    // Browsers allow some hundred changes of the address in half a minute; a dragged slider makes more.
    if (!alone.hidden) waiting = setTimeout(() => history.replaceState(null, "", addressOf(model)), 250);
  };
  const handlers = { "msg:custom": arrived, "change:code": tell, "change:address": tell };
  for (const [name, act] of Object.entries(handlers)) model.on(name, act);
  tell();
  return () => {
    clearTimeout(waiting);
    for (const [name, act] of Object.entries(handlers)) model.off(name, act);
  };
}
