// Rooms: boxes on the plan, and the table of details.

import { el, replace, byId, svg } from "./dom.js";
import { store } from "./store.js";
import { clockTime, now } from "./time.js";
import { named, t } from "./texts.js";

const MEASURES = ["co2_ppm", "sound_dba", "temperature_c", "humidity_pct", "illuminance_lux"];
const BANDS = ["quiet", "moderate", "near", "full", "over"];
const ARROWS = { rising: "↗", steady: "→", falling: "↘" };

export const roomName = (id) => (id === "outside" ? t("outside") : named(store.rooms[id]?.name, id));

export function peopleText(room) {
  if (room.few) return t("few");
  if (room.people === null || room.people === undefined) return "–";
  return String(Math.round(room.people));
}

export function renderPlan() {
  if (!store.plan) return;
  const boxes = Object.entries(store.plan.rooms).map(([id, box]) => roomBox(id, box));
  replace(byId("plan"), boxes, store.plan.doors.map(doorMark));
  replace(byId("plan-key"), BANDS.map((band) => el("li", { class: `band-${band}` }, el("span", { class: "swatch" }), t(`band-${band}`))));
  byId("plan").style.setProperty("--rooms", boxes.length);
}

function roomBox(id, [x, y, w, h]) {
  const room = store.rooms[id];
  const known = room.as_of !== null;
  const people = peopleText(room);
  const label = t("room-label", {
    name: roomName(id),
    band: t(`band-${room.band}`),
    people: room.few ? people : t("people", { n: Number(people) || people }),
    capacity: room.capacity,
    asof: known ? t("as-of", { time: clockTime(room.as_of) }) : t("not-yet"),
  });
  return el(
    "li",
    {
      class: `room band-${room.band}`,
      id: `room-${id}`,
      tabindex: "0",
      "aria-label": label,
      data: { focus: `room-${id}`, ...(known && { staleFrom: room.as_of }) },
      place: { left: `${x}%`, top: `${y}%`, width: `${w}%`, height: `${h}%`, "--fill": fullness(room) },
    },
    el(
      "div",
      { class: "room-body", "aria-hidden": "true" },
      el("p", { class: "room-name" }, roomName(id)),
      el("p", { class: "room-zone" }, zoneText(room)),
      el(
        "p",
        { class: "room-people" },
        el("span", { class: room.few ? "figure word" : "figure" }, people),
        el("span", { class: "of" }, t("of-capacity", { n: room.capacity })),
      ),
      el("p", { class: "room-band" }, t(`band-${room.band}`), known && room.trend !== "steady" ? ` ${ARROWS[room.trend]}` : ""),
      el("p", { class: "room-note" }, ...roomNote(room, known)),
    ),
    el("span", { class: "fill", "aria-hidden": "true" }),
  );
}

function zoneText(room) {
  const loud = room.noise && room.noise !== "ok" ? ` · ${t(`noise-${room.noise}`)}` : "";
  return t(`zone-${room.zone}`) + loud;
}

function roomNote(room, known) {
  if (!known) return [t("not-yet")];
  const deviation = typeof room.sd === "number" ? `±${room.sd < 10 ? room.sd.toFixed(1) : Math.round(room.sd)} · ` : "";
  return [deviation, el("span", { data: { asOf: room.as_of } }), el("span", { class: "old-word" }, ` · ${t("stale")}`)];
}

function fullness(room) {
  if (typeof room.people !== "number") return "0%";
  return `${Math.min(100, (100 * room.people) / room.capacity).toFixed(1)}%`;
}

function doorMark(mark) {
  return el("li", {
    class: mark.upright ? "door upright" : "door",
    "aria-hidden": "true",
    place: { left: `${mark.x}%`, top: `${mark.y}%` },
  });
}

export function renderDetails() {
  const head = ["room", "people", "capacity", "band", "trend", "air", "quality", "as-of"];
  const rows = Object.keys(store.plan?.rooms ?? {}).map((id) => detailRow(id, store.rooms[id]));
  replace(
    byId("details"),
    el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col", class: `c-${name}` }, t(`col-${name}`))))),
    el("tbody", {}, rows),
  );
}

function detailRow(id, room) {
  const known = room.as_of !== null;
  const deviation = typeof room.sd === "number" ? ` ± ${room.sd.toFixed(1)}` : "";
  return el(
    "tr",
    { data: known ? { staleFrom: room.as_of } : {} },
    el("th", { scope: "row" }, roomName(id), el("span", { class: "sub" }, t(`zone-${room.zone}`)), changesOf(room)),
    el("td", { class: "number c-people" }, el("strong", {}, peopleText(room)), deviation),
    el("td", { class: "number c-capacity" }, String(room.capacity)),
    el("td", { class: `band-${room.band}` }, el("span", { class: "pill" }, t(`band-${room.band}`))),
    el("td", { class: "c-trend" }, sparkline(room.history), el("span", { class: "sub inline" }, `${ARROWS[room.trend]} ${t(`trend-${room.trend}`)}`)),
    el("td", { class: "c-air" }, airText(room)),
    el("td", { class: "c-quality" }, room.quality ?? t("quality-none")),
    el("td", { class: "c-as-of" }, known ? clockTime(room.as_of) : t("never"), known && el("span", { class: "sub", data: { asOf: room.as_of } })),
  );
}

function changesOf(room) {
  return (room.changes ?? []).map(([date, text]) => el("span", { class: "sub" }, t("changed", { date, text })));
}

function airText(room) {
  const said = MEASURES.filter((quantity) => quantity in room.measures).map((quantity) => {
    const [value] = room.measures[quantity];
    return t(`measure-${quantity}`, { n: quantity.endsWith("_c") ? value.toFixed(1) : Math.round(value) });
  });
  if (room.noise) said.push(t(`noise-${room.noise}`));
  return said.join(" · ") || "–";
}

function sparkline(history) {
  if (!history || history.length < 5) return null;
  const span = 3 * 3600e3;
  const people = history.map(([, n]) => n);
  const high = Math.max(1, ...people);
  const points = history.map(([at, n]) => `${Math.max(0, 120 - (120 * (now() - at)) / span).toFixed(1)},${(27 - (24 * n) / high).toFixed(1)}`);
  const label = t("trend-chart", { low: Math.round(Math.min(...people)), high: Math.round(Math.max(...people)) });
  return svg("svg", { class: "spark", viewBox: "0 0 120 30", role: "img", "aria-label": label }, svg("polyline", { points: points.join(" ") }));
}
