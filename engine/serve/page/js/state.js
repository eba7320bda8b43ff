// What the page shows, kept in the address, so that Back, Forward and links work. A dropped image has no address: its example lives in the
// history of this tab alone, by a key, and is left out of links.

export const LISTS = ['path', 'folder', 'split', 'label', 'group', 'quality', 'tag', 'taken'];
const VIEWS = ['images', 'groups', 'duplicates', 'map', 'selected'];
const SORTS = ['path', 'taken', 'size', 'pixels', 'sharpness', 'brightness'];
const DUPLICATE_SORTS = ['similarity', 'size', 'saved'];
const COLOURS = ['', 'group', 'label', 'split', 'tag', 'score'];
const DENSITIES = ['small', 'medium', 'large'];
export const FIRST_RESULTS = 200;
const ID = /^[0-9a-f]{32}(-[0-9]+)?$/;
const MOST_IN_LINK = 100; // selected images in an address: browsers and servers take some 8 kB

function choice(params, name, of) {
  const value = params.get(name);
  return of.includes(value) ? value : of[0];
}

function example(text) {
  const [id, weight] = text.split('*');
  const w = Number(weight ?? 1);
  return ID.test(id) ? { id, weight: w > 0 && w <= 100 ? w : 1 } : null;
}

// part is a number from 0 to 1; null: none.
const part = (text) => (text && Number(text) >= 0 && Number(text) <= 1 ? Number(text) : null);

// parse reads an address; whatever in it is unknown or wrong is left out.
export function parse(text, drops = {}) {
  const params = new URLSearchParams(text);
  const examples = (name) => [...params.getAll(name).map(example).filter(Boolean), ...(drops[name] || [])];
  const filter = {};
  for (const name of LISTS) filter[name] = params.getAll(name).filter(Boolean);
  const duplicate = params.get('duplicate');
  filter.duplicate = duplicate === 'true' ? true : duplicate === 'false' ? false : null;
  return {
    view: choice(params, 'view', VIEWS), like: examples('like'), minus: examples('minus'), filter, sort: choice(params, 'sort', SORTS),
    descending: params.get('descending') === 'true', density: choice(params, 'density', ['medium', ...DENSITIES]),
    by: choice(params, 'by', DUPLICATE_SORTS), similarity: part(params.get('similarity')),
    colour: choice(params, 'colour', COLOURS), rerank: params.get('rerank') === 'true',
    k: Math.min(Math.max(Number.parseInt(params.get('k'), 10) || FIRST_RESULTS, 1), 10000),
    open: ID.test(params.get('open') || '') ? params.get('open') : '',
  };
}

// format is the address of a state, with the ids of a selection that is not too long for it.
export function format(s, selected = []) {
  const out = new URLSearchParams();
  const put = (name, value, usual) => { if (value !== usual) out.set(name, value); };
  put('view', s.view, 'images');
  for (const name of ['like', 'minus']) {
    for (const e of s[name]) if (e.id) out.append(name, e.weight === 1 ? e.id : `${e.id}*${e.weight}`);
  }
  for (const name of LISTS) for (const value of s.filter[name]) out.append(name, value);
  if (s.filter.duplicate !== null) out.set('duplicate', s.filter.duplicate);
  put('sort', s.sort, 'path');
  put('descending', s.descending, false);
  put('density', s.density, 'medium');
  put('by', s.by, 'similarity');
  put('similarity', s.similarity, null);
  put('colour', s.colour, '');
  put('rerank', s.rerank, false);
  put('k', s.k, FIRST_RESULTS);
  put('open', s.open, '');
  if (selected.length <= MOST_IN_LINK) for (const id of selected) out.append('sel', id);
  return out.toString();
}

export const selectedIn = (text) => new URLSearchParams(text).getAll('sel').filter((id) => ID.test(id)).slice(0, MOST_IN_LINK);

let state = parse(location.search, history.state?.drops);
const watchers = [];
let selectedIDs = () => [];
let place = () => 0;

export const current = () => state;
export const watch = (fn) => watchers.push(fn);
// keeps says where the ids of the selection and the number of the first image on the screen are to be had.
export function keeps(ids, first) { selectedIDs = ids; place = first; }

function write(how, at) {
  const text = format(state, selectedIDs());
  const drops = {};
  for (const name of ['like', 'minus']) drops[name] = state[name].filter((e) => e.drop);
  history[how]({ drops, at }, '', text ? '?' + text : location.pathname);
}

// update changes the state. A step that a user would take back gets its own place in the history; replace is for the rest.
export function update(patch, { replace = false } = {}) {
  const before = state;
  const at = place();
  state = { ...state, ...patch };
  if (replace) write('replaceState', at);
  else {
    history.replaceState({ ...history.state, at }, '');
    write('pushState', 0);
  }
  watchers.forEach((fn) => fn(state, before));
}

// refilter changes one part of the filter.
// Views that show no filtered images give way to the one that does.
export function refilter(name, value, options) {
  const view = state.view === 'map' ? 'map' : 'images';
  update({ filter: { ...state.filter, [name]: value }, view }, options);
}

export function toggle(name, value) {
  const list = state.filter[name];
  refilter(name, list.includes(value) ? list.filter((v) => v !== value) : [...list, value]);
}

// keepLink writes the present selection into the address.
export function keepLink() { write('replaceState', place()); }

addEventListener('popstate', (event) => {
  const before = state;
  state = parse(location.search, event.state?.drops);
  write('replaceState', event.state?.at || 0);
  watchers.forEach((fn) => fn(state, before, event.state?.at || 0));
});

// wanted is the filter as the server takes it: only what is set.
export function wanted(filter) {
  const out = {};
  for (const name of LISTS) if (filter[name].length) out[name] = filter[name];
  if (filter.duplicate !== null) out.duplicate = filter.duplicate;
  return out;
}
export const filtered = (filter) => Object.keys(wanted(filter)).length > 0;
