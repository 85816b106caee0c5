// One catalogue of all texts in both languages; the choice is kept, and can stand in the address (?lang=).

let catalogue = {};
let language = "en";

const KEY = "board-language";

export async function loadTexts() {
  catalogue = await (await fetch("static/texts.json")).json();
  language = chosen();
}

export const lang = () => language;

export function setLanguage(next) {
  language = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing still shows the page.
  }
  const address = new URL(location.href);
  address.searchParams.set("lang", next);
  history.replaceState(null, "", address);
}

export function t(key, values = {}) {
  const one = values.n === 1 ? catalogue[`${key}-one`] : undefined;
  const text = (one ?? catalogue[key])?.[language] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// A name from the site file: in this language, else in any, else the id.
export function named(names, id) {
  return names?.[language] ?? names?.en ?? Object.values(names ?? {})[0] ?? id;
}

export function applyTexts(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]"))
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const button of root.querySelectorAll("[data-lang]"))
    button.setAttribute("aria-pressed", String(button.dataset.lang === language));
}

function chosen() {
  const asked = new URLSearchParams(location.search).get("lang");
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // As above.
  }
  const found = [asked, kept, navigator.language].find(Boolean) ?? "en";
  return found.toLowerCase().startsWith("zh") ? "zh" : "en";
}
