// What needs doing, in walking order; a book's task leads to its spine.

import { el, replace, byId } from "./dom.js";
import { store } from "./store.js";
import { t } from "./texts.js";
import { roomName } from "./rooms.js";
import { belongsText, bookName, percent, reveal } from "./shelves.js";

const SHOWN = 60;

export function renderTodo() {
  const shown = store.todo.slice(0, SHOWN).map(item);
  const rest = store.todo.length - shown.length;
  if (!shown.length) shown.push(el("li", { class: "none" }, t("todo-none")));
  if (rest > 0) shown.push(el("li", { class: "none" }, t("todo-more", { n: rest })));
  replace(byId("todo"), shown);
}

export function renderSummary() {
  const rooms = Object.values(store.rooms);
  const known = rooms.filter((room) => typeof room.people === "number");
  const read = Object.values(store.shelves).filter((shelf) => shelf.as_of !== null);
  const books = read.reduce((sum, shelf) => sum + (shelf.folded ?? shelf.books.length), 0);
  const count = (kind) => store.todo.filter((task) => task.kind === kind).length;
  const sensors = store.todo.filter((task) => task.kind.startsWith("sensor-")).length;
  const figures = [[known.length ? Math.round(known.reduce((sum, room) => sum + room.people, 0)) : "–", t("sum-people"), ""]];
  if (Object.keys(store.shelves).length) {
    figures.push([books, t("sum-books", { n: read.length }), ""]);
    figures.push([count("misplaced"), t("sum-misplaced"), count("misplaced") ? "attention" : ""]);
    figures.push([count("missing"), t("sum-missing"), count("missing") ? "attention" : ""]);
  }
  figures.push([sensors, t(sensors === 1 ? "sum-sensor" : "sum-sensors"), sensors ? "attention" : ""]);
  replace(byId("summary"), figures.map(([figure, words, kind]) => el("p", { class: kind }, el("strong", {}, String(figure)), ` ${words}`)));
}

function item(task) {
  const place = task.shelf ? t("shelf", { id: task.shelf }) : task.space ? roomName(task.space) : "";
  const where = task.shelf && typeof task.x_m === "number" ? `${place}, ${t("at-cm", { cm: Math.max(0, Math.round(100 * task.x_m)) })}` : place;
  return el(
    "li",
    { class: `task ${kindClass(task.kind)}` },
    el("p", { class: "task-head" }, el("span", { class: "pill" }, t(`do-${task.kind}`)), el("span", { class: "where" }, where)),
    el("p", { class: "what" }, what(task)),
    el("p", { class: "note" }, ...note(task)),
  );
}

function kindClass(kind) {
  if (kind === "room-near") return "band-near";
  if (kind.startsWith("room-")) return "band-full";
  if (kind.startsWith("sensor-")) return "band-near";
  return { misplaced: "is-misplaced", missing: "is-missing", "unknown-tag": "is-unknown" }[kind] ?? "is-status";
}

function what(task) {
  if (task.kind.startsWith("room-")) {
    if (task.kind === "room-loud") return t("sound-of", { n: Math.round(task.sound_dba), limit: Math.round(task.limit_dba) });
    return t("people-of", { people: Math.round(task.people), capacity: task.capacity });
  }
  if (task.kind.startsWith("sensor-")) return task.source;
  const name = task.kind === "unknown-tag" ? task.epc : bookName(task);
  const tag = task.kind === "unknown-tag" ? task.epc : tagOf(task);
  if (!tag) return name;
  return el("a", { href: `#shelf-${task.shelf}`, data: { focus: `task-${tag}` }, on: { click: (event) => go(event, task.shelf, tag) } }, name);
}

function go(event, shelf, tag) {
  event.preventDefault();
  reveal(shelf, tag);
}

function tagOf(task) {
  const book = store.shelves[task.shelf]?.books.find((one) => one.barcode && one.barcode === task.barcode);
  return book?.epc ?? null;
}

function note(task) {
  const said = [];
  if (task.kind === "misplaced") said.push(belongsText(task.belongs, task.shelf));
  if (task.kind === "wrong-status") said.push(t("in-catalogue", { status: t(`status-${task.status}`) }));
  if (typeof task.confidence === "number") said.push(t("spine-confidence", { n: percent(task.confidence) }));
  const text = said.length ? `${said.join(" · ")} · ` : "";
  return [text, el("span", { data: { asOf: task.as_of } })];
}
