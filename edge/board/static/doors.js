// Doors: in and out today, as counted and as corrected, hour by hour.

import { el, replace, byId, svg } from "./dom.js";
import { store } from "./store.js";
import { t } from "./texts.js";
import { roomName } from "./rooms.js";

export function renderDoors() {
  const head = ["door", "in", "out", "in-corrected", "out-corrected", "hours", "as-of"];
  replace(
    byId("doors"),
    el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col", class: /in|out/.test(name) ? "number" : "" }, t(`col-${name}`))))),
    el("tbody", {}, Object.entries(store.doors).map(([id, door]) => row(id, door))),
  );
}

function row(id, door) {
  const known = door.as_of !== null;
  const number = (value) => el("td", { class: "number" }, known ? String(Math.round(value)) : "–");
  return el(
    "tr",
    { data: known ? { staleFrom: door.as_of } : {} },
    el("th", { scope: "row" }, `${roomName(door.from)} → ${roomName(door.to)}`, el("span", { class: "sub" }, id)),
    number(door.in),
    number(door.out),
    number(door.in_corrected),
    number(door.out_corrected),
    el("td", {}, hours(door.hours)),
    el("td", {}, known ? el("span", { data: { asOf: door.as_of } }) : t("never")),
  );
}

function hours(counts) {
  const totals = counts.map(([n_in, n_out]) => n_in + n_out);
  const most = Math.max(...totals);
  if (most <= 0) return "–";
  const bars = totals.map((n, hour) => (n > 0 ? svg("rect", { x: hour * 4, width: 3, y: 24 - (22 * n) / most, height: (22 * n) / most }) : null));
  const label = t("hours-chart", { n: most, hour: totals.indexOf(most) });
  return svg("svg", { class: "hours", viewBox: "0 0 96 26", role: "img", "aria-label": label }, svg("line", { x1: 0, x2: 96, y1: 25, y2: 25 }), bars);
}
