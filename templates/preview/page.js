"use strict";
// Asks for the picture of a scene and shows it, again each time that the server says so.
// An export has its pictures in the page.

const VIEWS = [
  { id: "desktop", name: "Desktop", scheme: "light" },
  { id: "phone", name: "Phone 375", scheme: "light", width: 375 },
  { id: "small", name: "Phone 320", scheme: "light", width: 320 },
  { id: "dark", name: "Dark", scheme: "dark" },
  { id: "dark-phone", name: "Dark 375", scheme: "dark", width: 375 },
  { id: "inverted", name: "Inverted", scheme: "light", inverted: true },
  { id: "no-images", name: "No images", scheme: "light", part: "no-images.html" },
  { id: "text", name: "Text", text: "text" },
  { id: "source", name: "Source", text: "raw" },
  { id: "web", name: "Web page", scheme: "light", part: "page.html" },
  { id: "changes", name: "Since the last", changes: true },
];
const VIEW_KEYS = "1234567890-";
const FIELDS = ["language", "name", "subscriber", "cities", "day"];
const LIGHTER = 80000, HEAVY = 90000, CLIPPED = 102000;
const INVERSION = "invert(1) hue-rotate(180deg)";

const $ = (id) => document.getElementById(id);
const exported = $("pictures-data");
const all = exported ? JSON.parse(exported.textContent) : null;

const made = (tag, settings = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name in element && name !== "sandbox") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

function lines(text) {
  return (text || "").split("\n").filter(Boolean);
}

// What is looked at stands in the address, so that loading again changes nothing.
const wished = new URLSearchParams(location.hash.slice(1));
const state = {
  views: (wished.get("views") || "").split(",").filter((id) => VIEWS.some((view) => view.id === id)),
  many: wished.has("many") ? wished.get("many") === "1" : innerWidth >= 1100,
  picture: null,
  asked: 0,
  // Posts that come first and posts that wait, where another order is tried.
  order: wished.has("pin") || wished.has("hold")
    ? { pin: lines(wished.get("pin")), hold: lines(wished.get("hold")) } : null,
};
if (!state.views.length) state.views = state.many ? ["desktop", "phone"] : ["desktop"];

function scene() {
  const query = new URLSearchParams();
  const form = $("scene");
  for (const name of FIELDS) {
    const value = form.elements[name].value.trim();
    if (value) query.set(name, value);
  }
  if (form.elements.planned.checked) query.set("planned", "true");
  if (state.order) {
    query.set("pin", state.order.pin.join("\n"));
    query.set("hold", state.order.hold.join("\n"));
  }
  return query;
}

function remember() {
  const kept = new URLSearchParams({ views: state.views.join(","), many: state.many ? "1" : "0" });
  for (const [name, value] of scene()) kept.set(name, value);
  history.replaceState(null, "", "#" + kept);
}

async function ask() {
  if (all) {
    const language = $("scene").elements.language.value || all.first;
    return { picture: all.pictures[language] || all.pictures[all.first], problems: [] };
  }
  const response = await fetch("picture.json?" + scene());
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function load() {
  const asked = ++state.asked;
  let answer;
  try {
    answer = await ask();
  } catch (error) {
    if (asked === state.asked) lost(String(error.message || error));
    return;
  }
  if (asked !== state.asked) return;
  showProblems(answer.problems);
  if (answer.picture) {
    state.picture = answer.picture;
    showNotes(answer.picture);
    await showPictures();
  }
  if (asked !== state.asked) return;
  say(answer.problems.length ? "the last good picture" : all ? "" : "shown at " + new Date().toLocaleTimeString());
  document.documentElement.dataset.shown = String(asked);
  document.documentElement.dataset.at = String(Date.now());
}

function say(words) {
  $("state").textContent = words;
  $("state").classList.remove("lost");
}

function lost(words) {
  $("state").textContent = "courrier preview does not answer: " + words;
  $("state").classList.add("lost");
}

function showProblems(problems) {
  const box = $("problems");
  const heading = problems.length === 1 ? "This has to be mended first" : `These ${problems.length} have to be mended first`;
  document.body.classList.toggle("stale", problems.length > 0);
  box.hidden = !problems.length;
  box.replaceChildren();
  if (problems.length) box.append(made("h2", {}, heading));
  for (const problem of problems) box.append(made("pre", { tabIndex: 0 }, problem.drawn));
}

// Pictures

async function showPictures() {
  const panes = $("pictures");
  panes.classList.toggle("many", state.many);
  panes.tabIndex = state.many ? 0 : -1; // it may scroll
  const wanted = VIEWS.filter((view) => state.views.includes(view.id));
  const old = new Map([...panes.children].map((pane) => [pane.dataset.view, pane]));
  const next = wanted.map((view) => old.get(view.id) || newPane(view));
  for (const pane of [...panes.children]) if (!next.includes(pane)) pane.remove();
  next.forEach((pane, at) => {
    if (panes.children[at] !== pane) panes.insertBefore(pane, panes.children[at] || null);
  });
  await Promise.all(wanted.map((view, at) => fillPane(next[at], view)));
}

function newPane(view) {
  const pane = made("section", { className: view.width ? "pane" : "pane wide" });
  const heading = made("h2", { id: "pane-" + view.id }, view.width ? `${view.name} pixels` : view.name);
  const sheet = made("div", { className: "sheet" });
  pane.dataset.view = view.id;
  pane.setAttribute("aria-labelledby", heading.id);
  if (view.width) sheet.style.width = view.width + "px";
  pane.append(heading, sheet);
  return pane;
}

function fillPane(pane, view) {
  const sheet = pane.querySelector(".sheet");
  if (view.changes) return fillChanges(sheet, view);
  if (view.part === "page.html" && !state.picture.has_page) {
    sheet.replaceChildren(made("p", { className: "weight" }, "Issues have no pages: archive = \"none\"."));
    return Promise.resolve();
  }
  if (!view.text) return fillFrame(sheet, view);
  const lines = state.picture[view.text];
  if (sheet.textContent !== lines) {
    const text = made("pre", { tabIndex: 0, "aria-labelledby": "pane-" + view.id }, lines);
    if (view.text === "text") text.lang = state.picture.language;
    sheet.replaceChildren(text);
  }
  return Promise.resolve();
}

// The text part, line by line, beside that of the issue that was sent last.
function fillChanges(sheet, view) {
  const { last, text } = state.picture;
  const box = made("pre", { tabIndex: 0, lang: state.picture.language, "aria-labelledby": "pane-" + view.id });
  if (!last) box.append("No issue was sent yet.");
  else for (const [kind, line] of changes(last.text.split("\n"), text.split("\n"))) {
    if (kind === "same") box.append(line + "\n");
    else box.append(made(kind, {}, line || " "));
  }
  sheet.replaceChildren(box);
  return Promise.resolve();
}

// The longest common lines stay, the others came (`ins`) or went (`del`).
function changes(before, after) {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i][j] = before[i] === after[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const found = [];
  let i = 0, j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      found.push(["same", before[i]]);
      i++; j++;
    } else if (j === after.length || (i < before.length && lengths[i + 1][j] >= lengths[i][j + 1])) found.push(["del", before[i++]]);
    else found.push(["ins", after[j++]]);
  }
  return found;
}

// The new frame takes the place of the old one once it is there: nothing flickers.
function fillFrame(sheet, view) {
  const address = `mail/${state.picture.id}.${view.part || "html"}`;
  const old = sheet.querySelector("iframe:not(.coming)");
  for (const coming of sheet.querySelectorAll("iframe.coming")) coming.remove();
  if (old && old.getAttribute("src") === address) return Promise.resolve();
  const frame = made("iframe", {
    className: "coming",
    title: `The issue, ${view.name}`,
    // Scripts stay off. The page may look in, to see how long the mail is.
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
  });
  // What its reader prefers, a mail hears of by the colour scheme of its frame.
  frame.style.colorScheme = view.scheme;
  const loaded = new Promise((done) => {
    frame.addEventListener("load", () => {
      frame.className = "";
      for (const other of [...sheet.children]) if (other !== frame) other.remove();
      settle(frame, view);
      done();
    }, { once: true });
  });
  frame.setAttribute("src", address);
  sheet.append(frame);
  return loaded;
}

function settle(frame, view) {
  let inside = null;
  try { inside = frame.contentDocument; } catch { /* the page is a file: frames are closed to it */ }
  if (view.inverted) frame.style.filter = INVERSION;
  if (!inside || !inside.body) {
    frame.style.height = "70rem";
    return;
  }
  for (const link of inside.links) {
    link.target = "_blank";
    link.rel = "noreferrer";
  }
  const fit = () => { frame.style.height = inside.documentElement.scrollHeight + "px"; };
  for (const image of inside.images) {
    if (view.inverted) image.style.filter = INVERSION;
    image.addEventListener("load", fit);
  }
  fit();
  new ResizeObserver(fit).observe(inside.body);
}

// Notes

function showNotes(picture) {
  const issue = `Issue ${picture.issue} of ${picture.title}`;
  $("issue").textContent = issue;
  document.title = `${picture.subject} · ${issue}`;
  $("eml").href = `mail/${picture.id}.eml`;
  $("eml").download = `issue-${picture.issue}.eml`;
  showLanguages(picture);
  $("planned").hidden = !picture.planned;
  $("planned").lastElementChild.textContent = `issue ${picture.planned}, as planned`;
  showInbox(picture);
  showFindings(picture);
  showLacking(picture.unsupported);
  showPosts(picture.posts);
}

function showLanguages(picture) {
  const select = $("scene").elements.language;
  const tags = picture.languages.map((language) => language.tag);
  if (tags.join() === [...select.options].map((option) => option.value).join()) return;
  const chosen = select.value;
  select.replaceChildren(...picture.languages.map((language) => made("option", { value: language.tag, lang: language.tag }, language.name)));
  select.value = tags.includes(chosen) ? chosen : picture.language;
}

function showInbox(picture) {
  const row = (kind, width, words) => {
    const one = made("div", { className: kind, lang: picture.language },
      made("span", { className: "from" }, picture.from.replace(/ <.*/, "")),
      made("span", { className: "subject" }, picture.subject),
      made("span", { className: "preheader" }, picture.preheader));
    one.style.width = width + "px";
    return [one, made("p", {}, words)];
  };
  const characters = (text) => [...text].length;
  $("inbox").replaceChildren(
    ...row("row", 335, "A phone, 375 wide: two lines below the subject"),
    ...row("row line", 280, "A small phone, 320 wide: one line"),
    made("p", {}, `Subject: ${characters(picture.subject)} characters. Preheader: ${characters(picture.preheader)}. To: ${picture.to}`),
  );
}

function showFindings(picture) {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1) + " kB";
  const meter = made("meter", { min: 0, max: CLIPPED, low: LIGHTER, high: HEAVY, optimum: 0, value: picture.html_bytes });
  meter.setAttribute("aria-label", "Size of the HTML, of what Gmail shows");
  $("weight").replaceChildren(`HTML ${kilobytes(picture.html_bytes)} of the ${kilobytes(CLIPPED)} that Gmail shows; message ${kilobytes(picture.message_bytes)}`, meter);
  $("findings-count").textContent = picture.findings.length || "";
  const list = picture.findings.map(findingItem);
  $("findings").replaceChildren(...(list.length ? list : [made("li", { className: "fine" }, "Nothing was found.")]));
}

function findingItem(finding) {
  const item = made("li", { className: finding.severity }, made("p", { className: "what" }, finding.says));
  if (finding.place) item.append(made("p", { className: "where" }, finding.place));
  item.append(made("p", { className: "mend" }, finding.mend));
  return item;
}

function showLacking(unsupported) {
  const [summary, , list] = $("lacking").children;
  $("lacking").hidden = !unsupported.length;
  summary.textContent = `Not shown by every mail program (${unsupported.length})`;
  list.replaceChildren(...unsupported.map((it) => made("li", {},
    made("a", { href: it.page, target: "_blank", rel: "noreferrer" }, it.what),
    made("p", { className: "why" }, "Not by " + it.programs),
    made("p", { className: "path" }, it.place || ""))));
}

function showPosts(posts) {
  const kept = document.activeElement && document.activeElement.dataset.move;
  const group = (heading, wanted) => {
    const some = posts.filter((post) => post.in === wanted);
    if (!some.length) return [];
    const items = some.map((post, at) => postItem(post, at, some));
    return [made("h3", {}, `${heading} (${some.length})`), made("ul", { className: "posts" }, ...items)];
  };
  const count = posts.filter((post) => post.in).length;
  $("posts-count").textContent = `${count} of ${posts.length}`;
  $("posts").replaceChildren(...group("In", true), ...group("Out", false));
  $("order").hidden = !state.order;
  const again = kept && [...$("posts").querySelectorAll("button")].find((button) => button.dataset.move === kept && !button.disabled);
  if (again) again.focus();
}

function postItem(post, at, some) {
  const item = made("li", {},
    made("p", {}, post.title),
    made("p", { className: "path" }, `${post.day} ${post.path}`),
    made("p", { className: "why" }, post.why));
  if (all || !post.movable || $("scene").elements.planned.checked) return item;
  const move = (words, to, disabled = false) => {
    const button = made("button", { type: "button", disabled }, words);
    button.setAttribute("aria-label", `${words}: ${post.title}`);
    button.dataset.move = words + " " + post.path;
    button.addEventListener("click", () => place(post, to));
    return button;
  };
  const moves = post.in
    ? [move("Up", at - 1, at === 0), move("Down", at + 1, at === some.length - 1), move("Hold", null)]
    : [move("Pin", 0)];
  item.append(made("div", { className: "moves" }, ...moves));
  item.draggable = true;
  item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", post.path));
  if (!post.in) return item;
  item.addEventListener("dragover", (event) => { event.preventDefault(); item.classList.add("over"); });
  item.addEventListener("dragleave", () => item.classList.remove("over"));
  item.addEventListener("drop", (event) => {
    event.preventDefault();
    const path = event.dataTransfer.getData("text/plain");
    const dragged = state.picture.posts.find((other) => other.path === path);
    if (dragged && dragged !== post) place(dragged, at);
  });
  return item;
}

// Tries `post` as the one at `to`, or as one that waits.
function place(post, to) {
  const posts = state.picture.posts;
  const pin = posts.filter((other) => other.in && other.movable && other !== post).map((other) => other.path);
  const hold = posts.filter((other) => other.held && other !== post).map((other) => other.path);
  if (to === null) hold.push(post.path);
  else pin.splice(to, 0, post.path);
  state.order = { pin, hold };
  $("order-said").textContent = "";
  remember();
  load();
}

function dropOrder() {
  state.order = null;
  remember();
  return load();
}

async function writeOrder() {
  const answer = await wish("note");
  $("order-said").textContent = answer.said || answer.problems.map((problem) => problem.message).join("; ");
  if (answer.said) await dropOrder();
}

async function tryLinks() {
  $("links-said").textContent = "Asking…";
  $("links").replaceChildren();
  const answer = await wish("links");
  const broken = answer.said || [];
  $("links-said").textContent = answer.problems
    ? answer.problems.map((problem) => problem.message).join("; ")
    : broken.length ? `${broken.length} of the links lead nowhere.` : "Every link leads somewhere.";
  $("links").replaceChildren(...broken.map(findingItem));
}

// What the server says to a wish of the editor's.
async function wish(what, body) {
  try {
    const response = await fetch(what + "?" + scene(), { method: "POST", body });
    return await response.json();
  } catch (error) {
    return { problems: [{ message: String(error.message || error) }] };
  }
}

// Ways to look

function showButtons() {
  for (const button of $("views").children) {
    button.setAttribute("aria-pressed", String(state.views.includes(button.dataset.view)));
  }
  $("many").checked = state.many;
}

function choose(id) {
  const isShown = state.views.includes(id);
  if (!state.many) state.views = [id];
  else if (!isShown) state.views.push(id);
  else if (state.views.length > 1) state.views = state.views.filter((other) => other !== id);
  looked();
}

function sideBySide(many) {
  state.many = many;
  if (!many) state.views = state.views.slice(0, 1);
  looked();
}

function looked() {
  showButtons();
  remember();
  if (state.picture) showPictures();
}

function nextLanguage() {
  const select = $("scene").elements.language;
  if (!select.options.length) return;
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  remember();
  load();
}

const KEYS = {
  s: ["side by side, or one at a time", () => sideBySide(!state.many)],
  l: ["the next language", nextLanguage],
  n: ["a name for the reader", () => $("scene").elements.name.focus()],
  d: ["as of another day", () => $("scene").elements.day.focus()],
  o: ["try another order", () => { const first = $("posts").querySelector("button:enabled"); if (first) first.focus(); }],
  k: ["try the links", () => { if (!all) tryLinks(); }],
  w: ["write the order into the note", () => { if (state.order) writeOrder(); }],
  t: ["send a test", () => { if (!all) $("testing").showModal(); }],
  r: ["load again", () => load()],
  "?": ["these keys", () => $("keys").showModal()],
};

function pressed(event) {
  const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
  if (inField && event.key === "Escape") event.target.blur();
  if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!$("keys-on").checked || document.querySelector("dialog[open]")) return;
  const view = event.key.length === 1 && VIEWS[VIEW_KEYS.indexOf(event.key)];
  const act = view ? () => choose(view.id) : KEYS[event.key] && KEYS[event.key][1];
  if (!act) return;
  event.preventDefault();
  act();
}

async function sendTest(event) {
  event.preventDefault();
  const said = $("test-said");
  said.textContent = "Sending…";
  const answer = await wish("send", new URLSearchParams({ to: event.target.elements.to.value }));
  said.textContent = answer.said || answer.problems.map((problem) => problem.message).join("; ");
}

function listen() {
  const events = new EventSource("events");
  let wasLost = false;
  events.onmessage = load;
  events.onerror = () => { wasLost = true; lost("it was ended"); };
  // Something may have changed while nobody listened.
  events.onopen = () => { if (wasLost) load(); wasLost = false; };
}

function fillForm() {
  const form = $("scene");
  for (const name of FIELDS) {
    const value = wished.get(name);
    if (value && name === "language") form.elements.language.append(made("option", { value }, value));
    if (value) form.elements[name].value = value;
  }
  let soon;
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => { remember(); load(); }, 150);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  if (!all) return;
  for (const field of ["name", "subscriber", "cities", "day"]) form.elements[field].closest("label").hidden = true;
  $("test").hidden = true;
  $("try-links").hidden = true;
}

function begin() {
  VIEWS.forEach((view, at) => {
    const button = made("button", { type: "button" }, view.name, made("kbd", { "aria-hidden": "true" }, VIEW_KEYS[at]));
    button.setAttribute("aria-keyshortcuts", VIEW_KEYS[at]);
    button.dataset.view = view.id;
    button.addEventListener("click", () => choose(view.id));
    $("views").append(button);
  });
  const keys = [["1–9, 0, -", "a way to look at it"], ...Object.entries(KEYS).map(([key, [words]]) => [key, words])];
  for (const [key, words] of keys) $("key-list").append(made("dt", {}, made("kbd", {}, key)), made("dd", {}, words));
  fillForm();
  document.addEventListener("keydown", pressed);
  $("many").addEventListener("change", (event) => sideBySide(event.target.checked));
  $("try-links").addEventListener("click", tryLinks);
  $("order-write").addEventListener("click", writeOrder);
  $("order-drop").addEventListener("click", dropOrder);
  $("help").addEventListener("click", () => $("keys").showModal());
  $("test").addEventListener("click", () => $("testing").showModal());
  $("test-close").addEventListener("click", () => $("testing").close());
  $("test-form").addEventListener("submit", sendTest);
  showButtons();
  load();
  if (!all) listen();
}

begin();
