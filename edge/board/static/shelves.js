// Shelves: each board as a row of spines to scale, with what does not belong and where it does.

import { el, replace, byId, svg } from "./dom.js";
import { store } from "./store.js";
import { t } from "./texts.js";
import { roomName } from "./rooms.js";
import { refreshAges } from "./time.js";

const MM = 1000; // user units of the drawings: millimetres
const HIGH = 240; // height of a spine
const TOP = 64; // room above it for marks
const WIDEST_MM = 60;
const NARROWEST_MM = 7;
const END_MM = 14;
const HUES = 6;

const chosen = {};

export function renderShelves(ids = null) {
  const gaps = belongings();
  if (ids === null) {
    replace(byId("shelf-key"), keyItems());
    replace(byId("shelves"), bySpace().map(([space, shelves]) => spaceGroup(space, shelves, gaps)));
    return;
  }
  for (const id of ids) {
    const old = byId(`shelf-${id}`);
    if (old) swap(old, shelfRow(id, gaps));
  }
}

// Show a book and go to it: what a task's link does.
export function reveal(shelf, tag) {
  const row = byId(`shelf-${shelf}`);
  if (!row) return;
  row.scrollIntoView({ behavior: "smooth", block: "center" });
  const spine = [...row.querySelectorAll("[data-tag]")].find((e) => e.dataset.tag === tag);
  (spine ?? row).focus({ preventScroll: true });
}

function swap(old, row) {
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  old.replaceWith(row);
  if (focused) [...row.querySelectorAll("[data-focus]")].find((e) => e.dataset.focus === focused)?.focus({ preventScroll: true });
}

function bySpace() {
  const groups = new Map();
  for (const [id, shelf] of Object.entries(store.shelves)) {
    if (!groups.has(shelf.space)) groups.set(shelf.space, []);
    groups.get(shelf.space).push(id);
  }
  return [...groups];
}

function spaceGroup(space, ids, gaps) {
  return el("div", { class: "shelf-group" }, el("h3", {}, roomName(space)), el("div", { class: "shelf-rows" }, ids.map((id) => shelfRow(id, gaps))));
}

function shelfRow(id, gaps) {
  const shelf = store.shelves[id];
  const known = shelf.as_of !== null;
  return el(
    "article",
    { class: "shelf", id: `shelf-${id}`, tabindex: "-1", data: known ? { staleFrom: shelf.as_of } : {} },
    el(
      "header",
      {},
      el("h4", {}, t("shelf", { id })),
      el("p", { class: "range" }, rangeText(shelf)),
      el("p", { class: "note" }, ...statusText(shelf, known)),
    ),
    shelf.folded ? unfold(id, shelf) : known ? drawing(id, shelf, gaps.get(id) ?? []) : el("p", { class: "unread" }, t("not-read")),
    el("p", { class: "chosen", "aria-live": "polite" }, ...chosenText(id, shelf)),
    shelf.missing.length ? el("p", { class: "missing" }, el("strong", {}, t("missing-here")), " ", shelf.missing.map(bookName).join("; ")) : null,
  );
}

// A large library has more boards than a page should hold: the others come when they are asked for.
function unfold(id, shelf) {
  const button = el("button", { type: "button", class: "fold", data: { focus: `unfold-${id}` } }, t("show-books", { n: shelf.folded }));
  button.addEventListener("click", () => load(id));
  return el("p", { class: "unread" }, button);
}

async function load(id) {
  const answer = await fetch(`api/shelf/${encodeURIComponent(id)}`);
  if (!answer.ok) return;
  store.shelves[id] = await answer.json();
  renderShelves([id]);
  refreshAges(store.site.stale_after_s);
  byId(`shelf-${id}`).querySelector("[tabindex='0']")?.focus({ preventScroll: true });
}

function rangeText(shelf) {
  if (shelf.from && shelf.to) return t("shelf-range", { from: shelf.from, to: shelf.to });
  const placed = shelf.books.filter((book) => book.call_number && !book.misplaced);
  if (!placed.length) return "";
  return t("shelf-range", { from: placed[0].call_number, to: placed.at(-1).call_number });
}

function statusText(shelf, known) {
  if (!known) return [];
  const said = [t("shelf-books", { n: shelf.folded ?? shelf.books.length })];
  if (shelf.read_rate !== null) said.push(t("read-rate", { n: Math.round(100 * shelf.read_rate) }));
  return [`${said.join(" · ")} · `, el("span", { data: { asOf: shelf.as_of } }), el("span", { class: "old-word" }, ` · ${t("stale")}`)];
}

// A tag's place is known, a book's thickness is not: a spine reaches half way to its neighbours.
function edges(shelf) {
  const at = shelf.books.map((book) => book.x_m * MM);
  return at.map((x, n) => {
    const left = n ? (at[n - 1] + x) / 2 : Math.max(0, x - END_MM);
    const right = n + 1 < at.length ? (x + at[n + 1]) / 2 : x + END_MM;
    const from = Math.max(left, x - WIDEST_MM / 2);
    return [from, Math.max(Math.min(right, x + WIDEST_MM / 2), from + NARROWEST_MM / 2)];
  });
}

function drawing(id, shelf, gaps) {
  const long = shelf.length_m * MM;
  const places = edges(shelf);
  const list = svg(
    "g",
    { role: "listbox", "aria-label": t("shelf", { id }), on: { keydown: move } },
    shelf.books.map((book, n) => spine(id, shelf, book, n, places[n])),
  );
  return svg(
    "svg",
    { class: "row", viewBox: `-12 0 ${long + 24} ${TOP + HIGH + 66}` },
    svg("rect", { class: "board", x: -8, y: TOP + HIGH, width: long + 16, height: 9, rx: 2 }),
    ruler(long),
    list,
    gaps.map((gap) => gapMark(shelf, places, gap)),
  );
}

function ruler(long) {
  const marks = [];
  for (let mm = 0; mm <= long; mm += 50) {
    const major = mm % 100 === 0;
    marks.push(svg("line", { class: "tick", x1: mm, x2: mm, y1: TOP + HIGH + 14, y2: TOP + HIGH + (major ? 26 : 20) }));
    if (major) marks.push(svg("text", { class: mm ? "centimetres" : "centimetres first", x: mm || -8, y: TOP + HIGH + 50 }, mm ? String(mm / 10) : "0 cm"));
  }
  return svg("g", { "aria-hidden": "true" }, marks);
}

function spine(id, shelf, book, n, [left, right]) {
  const kind = book.unknown ? "unknown" : book.misplaced ? "misplaced" : book.wrong_status ? "status" : "";
  const raised = kind ? 26 : 0;
  const width = Math.max(3, right - left - 1.5);
  const sure = Math.max(0.04, Math.min(1, book.confidence ?? 0));
  const isChosen = chosen[id] === book.epc;
  const first = chosen[id] && shelf.books.some((other) => other.epc === chosen[id]) ? isChosen : n === 0;
  const top = TOP - raised;
  return svg(
    "g",
    {
      class: `spine ${kind} hue-${hue(book)}`,
      role: "option",
      tabindex: first ? "0" : "-1",
      "aria-selected": String(isChosen),
      "aria-label": spineLabel(shelf, book, n),
      data: { focus: `${id}/${book.epc}`, tag: book.epc, shelf: id },
      on: { focus: choose, click: (event) => event.currentTarget.focus() },
    },
    svg("rect", { class: "paper", x: left, y: top, width, height: HIGH, rx: 2 }),
    svg("rect", { class: "sure", x: left, y: top + HIGH * (1 - sure), width, height: HIGH * sure, rx: 2 }),
    callNumber(book, left + width / 2, top, width),
    kind ? mark(kind, left + width / 2, top) : null,
    svg("rect", { class: "ring", x: left - 1, y: top - 1, width: width + 2, height: HIGH + 2, rx: 3 }),
  );
}

function callNumber(book, x, top, width) {
  if (!book.call_number || width < 13) return null;
  const size = Math.min(17, width * 0.8);
  return svg(
    "text",
    { class: "call-number", transform: `translate(${x + size * 0.36} ${top + HIGH - 10}) rotate(-90)`, "font-size": size, "aria-hidden": "true" },
    book.call_number.slice(0, 22),
  );
}

function mark(kind, x, top) {
  const sign = { misplaced: "↷", unknown: "?", status: "!" }[kind];
  return svg("text", { class: "sign", x, y: top - 8, "aria-hidden": "true" }, sign);
}

function gapMark(shelf, places, { left, right, name }) {
  const after = shelf.books.findIndex((book) => book.barcode && book.barcode === left);
  const before = shelf.books.findIndex((book) => book.barcode && book.barcode === right);
  if (after < 0 && before < 0) return null;
  const x = after >= 0 && before === after + 1 ? (places[after][1] + places[before][0]) / 2 : after >= 0 ? places[after][1] : places[before][0];
  return svg(
    "g",
    { class: "gap" },
    svg("title", {}, `${t("key-belongs")}: ${name}`),
    svg("path", { d: `M${x - 13} ${TOP - 24}h26l-13 20z` }),
    svg("line", { x1: x, x2: x, y1: TOP - 6, y2: TOP + HIGH }),
  );
}

// Shelf → gaps in it that a misplaced book of any shelf belongs into.
function belongings() {
  const gaps = new Map();
  for (const task of store.todo) {
    if (task.kind !== "misplaced" || !task.belongs?.shelf) continue;
    if (!gaps.has(task.belongs.shelf)) gaps.set(task.belongs.shelf, []);
    const [left, right] = task.belongs.between;
    gaps.get(task.belongs.shelf).push({ left: left.barcode, right: right.barcode, name: bookName(task) });
  }
  return gaps;
}

function choose(event) {
  const spineElement = event.currentTarget;
  const { shelf, tag } = spineElement.dataset;
  if (chosen[shelf] === tag) return;
  chosen[shelf] = tag;
  const row = byId(`shelf-${shelf}`);
  for (const other of row.querySelectorAll("[role=option]")) {
    const isThis = other === spineElement;
    other.setAttribute("tabindex", isThis ? "0" : "-1");
    other.setAttribute("aria-selected", String(isThis));
  }
  replace(row.querySelector(".chosen"), chosenText(shelf, store.shelves[shelf]));
}

function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step) return;
  const spines = [...event.currentTarget.querySelectorAll("[role=option]")];
  const here = spines.indexOf(document.activeElement);
  spines[Math.max(0, Math.min(spines.length - 1, here + step))]?.focus();
  event.preventDefault();
}

function chosenText(id, shelf) {
  const book = shelf.books.find((one) => one.epc === chosen[id]);
  if (!book) return [];
  const place = t("spine-place", { cm: (100 * book.x_m).toFixed(1), sd: (100 * book.sd_m).toFixed(1) });
  const said = [place, t("spine-confidence", { n: percent(book.confidence) })];
  if (book.barcode) said.push(t("barcode", { n: book.barcode }));
  const wrong = book.misplaced ? belongsText(book.misplaced, id) : book.wrong_status ? t("in-catalogue", { status: t(`status-${book.wrong_status}`) }) : "";
  return [el("strong", {}, book.unknown ? t("spine-unknown", { epc: book.epc }) : bookName(book)), ` · ${said.join(" · ")}`, wrong ? el("span", { class: "wrong" }, ` — ${wrong}`) : ""];
}

export function belongsText(belongs, shelf) {
  const said = [];
  if (belongs.shelf && belongs.shelf !== shelf) said.push(t("belongs-shelf", { shelf: belongs.shelf }));
  const [left, right] = (belongs.between ?? []).map((book) => book?.call_number ?? book?.barcode ?? null);
  if (left && right) said.push(t("belongs-between", { left, right }));
  else if (left) said.push(t("belongs-after", { left }));
  else if (right) said.push(t("belongs-before", { right }));
  return said.join(", ") || t("belongs-unknown");
}

// Nothing that was inferred is certain.
export const percent = (share) => (share > 0.99 ? "> 99" : String(Math.round(100 * share)));

export function bookName(book) {
  return [book.call_number, book.title].filter(Boolean).join(" ") || book.barcode || book.epc || "";
}

function spineLabel(shelf, book, n) {
  const label = t("spine", {
    n: n + 1,
    all: shelf.books.length,
    name: book.unknown ? t("spine-unknown", { epc: book.epc }) : bookName(book),
    cm: (100 * book.x_m).toFixed(1),
    sd: (100 * book.sd_m).toFixed(1),
    confidence: percent(book.confidence),
  });
  return book.misplaced ? `${label}. ${t("key-misplaced")}: ${belongsText(book.misplaced, shelf)}` : label;
}

// Books of one class look alike, as they do in a stack room.
function hue(book) {
  const text = (book.call_number ?? "").split("/")[0];
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}

function keyItems() {
  const item = (kind, text) => el("li", {}, el("span", { class: `sample ${kind}` }, { misplaced: "↷", unknown: "?", status: "!", gap: "▼" }[kind] ?? ""), text);
  return [item("book", t("key-book")), item("misplaced", t("key-misplaced")), item("gap", t("key-belongs")), item("unknown", t("key-unknown")), item("status", t("key-status"))];
}
