// The selected images: by id, with the number that is their place on the map.

const chosen = new Map();
const watchers = [];
let silent = 0;

export const watch = (fn) => watchers.push(fn);
export const size = () => chosen.size;
export const has = (id) => chosen.has(id);
export const ids = () => [...chosen.keys()];
export const numbers = () => [...chosen.values()];

function changed() { if (!silent) watchers.forEach((fn) => fn()); }

// together makes one change out of several.
function together(fn) {
  silent++;
  try { fn(); } finally { silent--; }
  changed();
}

export function add(items) { together(() => items.forEach((item) => chosen.set(item.id, item.number))); }
export function remove(items) { together(() => items.forEach((item) => chosen.delete(item.id))); }
export function clear() { together(() => chosen.clear()); }

export function set(items) {
  together(() => {
    chosen.clear();
    items.forEach((item) => chosen.set(item.id, item.number));
  });
}

export function toggle(item) {
  together(() => { if (!chosen.delete(item.id)) chosen.set(item.id, item.number); });
}

// invert selects those of the images that are not selected, and only those.
export function invert(items) { set(items.filter((item) => !chosen.has(item.id))); }
