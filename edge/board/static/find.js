// Leads a hand-held reader to one book: how strongly its tag answers, and whether that grows.

import { byId } from "./dom.js";
import { applyTexts, loadTexts, setLanguage, t } from "./texts.js";

let source = null;
let last = null;

function show(found) {
  last = found;
  const bearing = found?.bearing;
  const trend = bearing ? bearing.trend : "silent";
  byId("book").textContent = [found?.call_number, found?.title].filter(Boolean).join("  ");
  byId("level").value = bearing ? bearing.level : 0;
  byId("trend").dataset.trend = trend;
  const words = t(`seek-${trend}`);
  // Said anew only when it changes: a screen reader speaks each time.
  if (byId("trend").textContent !== words) byId("trend").textContent = found ? words : "";
  const strength = typeof bearing?.rssi_dbm === "number" ? Math.round(bearing.rssi_dbm) : "–";
  byId("figures").textContent = bearing ? t("find-figures", { dbm: strength, reads: 5 * bearing.reads }) : "";
}

function search(barcode) {
  source?.close();
  source = null;
  const address = new URL(location.href);
  if (barcode) address.searchParams.set("barcode", barcode);
  else address.searchParams.delete("barcode");
  history.replaceState(null, "", address);
  show(null);
  if (!barcode) return;
  source = new EventSource(`api/seek?barcode=${encodeURIComponent(barcode)}`);
  source.onmessage = (message) => show(JSON.parse(message.data));
  source.onerror = () => show(null);
}

await loadTexts();
applyTexts();
for (const button of document.querySelectorAll("[data-lang]"))
  button.addEventListener("click", () => {
    setLanguage(button.dataset.lang);
    applyTexts();
    show(last);
  });
const asked = new URLSearchParams(location.search).get("barcode") ?? "";
byId("barcode").value = asked;
byId("barcode").addEventListener("change", (event) => search(event.target.value.trim()));
search(asked.trim());
