// Sensors: those that need attention first; then delivery to where the records go.

import { el, replace, byId } from "./dom.js";
import { store } from "./store.js";
import { t } from "./texts.js";
import { refreshAges } from "./time.js";
import { roomName } from "./rooms.js";

let isOpen = false;

export function renderSensors() {
  const all = Object.entries(store.sensors);
  const fine = all.filter(([, sensor]) => sensor.state === "ok");
  const others = all.filter(([, sensor]) => sensor.state !== "ok");
  const head = ["sensor", "place", "state", "readings", "last"];
  replace(
    byId("sensors"),
    el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col", class: name === "readings" ? "number" : "" }, t(`col-${name}`))))),
    el("tbody", {}, others.map(([id, sensor]) => row(id, sensor))),
    fine.length ? folded(fine) : null,
    Object.keys(store.sinks).length ? el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, t("sinks")), el("td", { colspan: "4" }, delivery()))) : null,
  );
  byId("sensors-note").textContent = t("sensors-note", { ok: fine.length, all: all.length });
}

// Those in order are many, and of interest only now and then: shown when asked for.
function folded(fine) {
  const button = el(
    "button",
    { type: "button", class: "fold", "aria-expanded": String(isOpen), data: { focus: "fold" }, on: { click: toggle } },
    t("sensors-fine", { n: fine.length }),
  );
  const rows = isOpen ? fine.map(([id, sensor]) => row(id, sensor)) : [];
  return el("tbody", {}, el("tr", {}, el("td", { colspan: "5" }, button)), rows);
}

function toggle() {
  isOpen = !isOpen;
  renderSensors();
  refreshAges(store.site.stale_after_s);
}

function row(id, sensor) {
  const fine = sensor.state === "ok";
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, id, el("span", { class: "sub" }, sensor.driver)),
    el("td", {}, sensor.space ? roomName(sensor.space) : "–"),
    el("td", { class: fine ? "fine" : sensor.state === "unheard" ? "waiting" : "band-near" }, el("span", { class: "pill" }, t(`state-${sensor.state}`)), sensor.reason ? el("span", { class: "sub" }, sensor.reason) : null),
    el("td", { class: "number" }, sensor.received.toLocaleString("en-GB"), sensor.malformed ? el("span", { class: "sub" }, t("malformed", { n: sensor.malformed })) : null),
    el("td", {}, sensor.as_of === null ? t("never") : el("span", { data: { asOf: sensor.as_of } })),
  );
}

function delivery() {
  return Object.entries(store.sinks)
    .map(([name, sink]) => {
      if (sink.error) return t("sink-error", { name, error: sink.error, n: sink.waiting });
      return sink.waiting > 50 ? t("sink-waiting", { name, n: sink.waiting }) : t("sink-fine", { name });
    })
    .join(" · ");
}
