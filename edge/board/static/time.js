// Times by the daemon's clock: a phone whose clock is wrong still shows right ages.

import { t } from "./texts.js";

let ahead = 0;
let zone;

export function setClock(serverNow, timezone) {
  ahead = serverNow - Date.now();
  if (timezone) zone = timezone;
}

export const now = () => Date.now() + ahead;

export function clockTime(at) {
  const same = new Date(at).toDateString() === new Date(now()).toDateString();
  const day = same ? {} : { month: "2-digit", day: "2-digit" };
  return new Intl.DateTimeFormat("en-GB", { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone }).format(at);
}

export function ago(at) {
  const s = Math.max(0, (now() - at) / 1000);
  if (s < 5) return t("now");
  if (s < 90) return t("ago-s", { n: Math.round(s) });
  if (s < 5400) return t("ago-min", { n: Math.round(s / 60) });
  if (s < 129600) return t("ago-h", { n: Math.round(s / 3600) });
  return t("ago-d", { n: Math.round(s / 86400) });
}

// Every element with data-as-of shows its age, and says when it is old.
export function refreshAges(staleAfterS) {
  for (const element of document.querySelectorAll("[data-as-of]")) {
    const at = Number(element.dataset.asOf);
    element.textContent = ago(at);
    element.title = clockTime(at);
  }
  for (const element of document.querySelectorAll("[data-stale-from]")) {
    const old = now() - Number(element.dataset.staleFrom) > 1000 * staleAfterS;
    element.classList.toggle("stale", old);
  }
}
