// What the page knows: the last snapshot with all changes since; patches replace whole rows.

const SECTIONS = ["rooms", "doors", "shelves", "sensors"];

export const store = { rooms: {}, doors: {}, shelves: {}, sensors: {}, todo: [], sinks: {}, reasons: [], plan: null, site: null, public: false };

// Take a message; gives the sections that changed.
export function take(message) {
  const changed = new Set();
  const isSnapshot = "site" in message;
  for (const name of SECTIONS) {
    if (isSnapshot) store[name] = message[name] ?? {};
    else if (name in message) Object.assign(store[name], message[name]);
    if (isSnapshot || name in message) changed.add(name);
  }
  for (const name of ["site", "plan", "todo", "sinks", "reasons", "public"]) {
    if (name in message) {
      store[name] = message[name];
      changed.add(name);
    }
  }
  if (message.sources) {
    hear(message.sources, message.now);
    changed.add("sensors");
  }
  return changed;
}

// What the daemon counts itself is newer than the records of each minute.
function hear(sources, at) {
  for (const [id, { received, malformed, age_s }] of Object.entries(sources)) {
    const sensor = store.sensors[id];
    if (!sensor || age_s === null) continue;
    Object.assign(sensor, { received, malformed, as_of: at - 1000 * age_s });
    if (sensor.state === "unheard") sensor.state = "ok";
  }
}
