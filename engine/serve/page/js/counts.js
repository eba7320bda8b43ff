// The counts beside the filters: of each value, the images that pass all other filters.
import * as api from './api.js';
import { current, filtered, wanted } from './state.js';

const NAMES = { splits: 'split', labels: 'label', folders: 'folder', groups: 'group', quality: 'quality', tags: 'tag', taken: 'taken',
  duplicate: 'duplicate' };

const watchers = [];
export const watch = (fn) => watchers.push(fn);

let counts = null; // by facet, then by value; null: nothing is filtered, and the counts are those of the whole collection
let control = new AbortController();

// countOf is the count of a value, which has so many images in the whole collection.
export function countOf(facet, value, whole) {
  return counts ? counts[facet].get(value) || 0 : whole;
}

// refresh asks for the counts that the present filter makes, and tells who watches.
export async function refresh() {
  control.abort();
  control = new AbortController();
  const { signal } = control;
  const { filter } = current();
  if (filtered(filter)) {
    const got = await api.facets(wanted(filter), signal);
    if (signal.aborted) return;
    counts = {};
    for (const [list, facet] of Object.entries(NAMES)) counts[facet] = new Map(got[list].map((c) => [c.name, c.count]));
    counts.duplicate.set('null', got.duplicate.reduce((sum, c) => sum + c.count, 0)); // any
  } else counts = null;
  watchers.forEach((fn) => fn());
}
