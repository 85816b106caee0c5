// The page: takes the stream of changes, draws what changed, and says when it hears nothing.

import { byId } from "./dom.js";
import { renderDoors } from "./doors.js";
import { renderDetails, renderPlan } from "./rooms.js";
import { renderSensors } from "./sensors.js";
import { renderShelves } from "./shelves.js";
import { store, take } from "./store.js";
import { applyTexts, lang, loadTexts, named, setLanguage, t } from "./texts.js";
import { ago, clockTime, now, refreshAges, setClock } from "./time.js";
import { renderSummary, renderTodo } from "./todo.js";

const LOST_AFTER_MS = 12_000; // the daemon says something every five seconds

let heardAt = null; // performance.now() of the last message
let heardClock = null; // and what the daemon's clock was

function receive(message) {
  setClock(message.now, message.site?.timezone);
  heardAt = performance.now();
  heardClock = message.now;
  const changed = take(message);
  draw(changed, "site" in message ? null : Object.keys(message.shelves ?? {}));
  showLink();
}

function draw(changed, shelves) {
  const any = (...names) => names.some((name) => changed.has(name));
  if (any("site", "public")) frame();
  if (any("rooms", "plan")) renderPlan();
  if (!store.public) {
    if (any("rooms", "plan")) renderDetails();
    if (any("doors", "site")) renderDoors();
    if (any("shelves", "todo")) renderShelves(changed.has("todo") ? withGaps(shelves) : shelves);
    if (any("todo", "rooms")) renderTodo();
    if (any("sensors", "sinks")) renderSensors();
    renderSummary();
  }
  refreshAges(store.site?.stale_after_s ?? 180);
}

// Boards that a misplaced book belongs to are drawn again with the list of tasks.
let gapShelves = new Set();
function withGaps(shelves) {
  const before = gapShelves;
  gapShelves = new Set(store.todo.map((task) => task.belongs?.shelf).filter(Boolean));
  return shelves === null ? null : [...new Set([...shelves, ...before, ...gapShelves])];
}

function drawAll() {
  applyTexts();
  if (store.site) draw(new Set(["site", "rooms", "doors", "shelves", "sensors", "todo"]), null);
  showLink();
}

function frame() {
  byId("site-name").textContent = named(store.site.name, store.site.id);
  document.title = `${named(store.site.name, store.site.id)} · ${t("title")}`;
  byId("simulated").hidden = !store.site.simulated;
  const has = { todo: true, details: true, shelves: Object.keys(store.shelves).length, doors: Object.keys(store.doors).length, sensors: Object.keys(store.sensors).length };
  for (const [name, there] of Object.entries(has)) byId(`${name}-section`).hidden = store.public || !there;
  byId("summary").hidden = store.public;
  document.body.classList.toggle("public", store.public);
}

function showLink() {
  const state = linkState();
  if (document.body.dataset.link !== state) document.body.dataset.link = state;
  const time = heardClock === null ? "" : ` · ${clockTime(state === "lost" ? heardClock : now())}`;
  byId("link-text").textContent = t(`link-${state}`) + time;
  const text = bannerText(state);
  const banner = byId("banner");
  banner.hidden = text === "";
  if (banner.textContent !== text) banner.textContent = text;
}

function linkState() {
  if (heardAt === null) return performance.now() > LOST_AFTER_MS ? "lost" : "waiting";
  if (performance.now() - heardAt > LOST_AFTER_MS) return "lost";
  const newest = newestRoom();
  return newest !== null && now() - newest > 1000 * store.site.stale_after_s ? "stale" : "live";
}

function newestRoom() {
  const times = Object.values(store.rooms).map((room) => room.as_of).filter((at) => at !== null);
  return times.length ? Math.max(...times) : null;
}

function bannerText(state) {
  if (state === "lost") return heardClock === null ? t("banner-never") : t("banner-lost", { time: clockTime(heardClock), ago: ago(heardClock) });
  if (state === "stale") return t("banner-stale", { time: clockTime(newestRoom()), ago: ago(newestRoom()) });
  return state === "live" && store.reasons.length ? t("banner-degraded", { reason: store.reasons[0] }) : "";
}

function listen() {
  const stream = new EventSource(`api/events${location.search.includes("public=1") ? "?public=1" : ""}`);
  stream.onmessage = (event) => receive(JSON.parse(event.data));
  // A stream that the server refused is not tried again by the browser itself.
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
}

async function start() {
  await loadTexts();
  applyTexts();
  for (const button of document.querySelectorAll("[data-lang]"))
    button.addEventListener("click", () => {
      if (button.dataset.lang !== lang()) setLanguage(button.dataset.lang);
      drawAll();
    });
  listen();
  setInterval(() => {
    refreshAges(store.site?.stale_after_s ?? 180);
    showLink();
  }, 1000);
}

start();
