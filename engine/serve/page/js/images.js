// The view of images: all that the filters let pass, the results of a search, or the selection.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, update, wanted, watch } from './state.js';
import { Grid } from './grid.js';
import { List, filtered, named } from './source.js';
import { body, hasVectors } from './query.js';
import { fill } from './thumb.js';
import { toolbar } from './toolbar.js';
import { button, byID, h, notice, says } from './dom.js';
import { count } from './format.js';

const SIZES = { small: 92, medium: 148, large: 232 };
const PHONE_SIZES = { small: 76, medium: 112, large: 172 };
const phone = matchMedia('(max-width: 640px)');

let grid, bar, box, message;
let source = new List([]);
let turn = 0; // of the last load; older answers are dropped
let shownFor = '';
let anchor = 0; // from which shift selects

export const entry = (at) => source.get(at);
export const images = () => source;
export const focusedAt = () => grid.focused;
export const focusedItem = () => (document.activeElement?.closest('#view-images .cell') ? source.get(grid.focused)?.item : undefined);
export const firstOnScreen = () => (current().view === 'images' || current().view === 'selected' ? grid.first() : 0);
export const focusGrid = () => grid.focus(grid.focused);

export function init() {
  const root = byID('view-images');
  box = h('div', {});
  message = h('div', { class: 'message', hidden: true });
  root.append(h('div', { class: 'toolbar', id: 'toolbar' }), message, box);
  grid = new Grid(box, {
    label: 'Images', size: () => (phone.matches ? PHONE_SIZES : SIZES)[current().density], caption,
    fill: (cell, at) => fill(cell, source.get(at), at), open, moved, range: (a, b) => source.want(a, b),
  });
  bar = toolbar(byID('toolbar'));
  selection.watch(() => grid.refill());
  watch((state, before, at) => show(state, at));
  show(current(), history.state?.at || 0);
}

function caption() {
  const s = current();
  if (s.like.length && s.view === 'images') return 26;
  return s.density === 'small' ? 0 : 22;
}

// key is what the list depends on; a change of anything else leaves it alone.
function key(s) {
  if (s.view === 'selected') return 'selected';
  const examples = s.like.length || s.minus.length ? [s.like, s.minus, s.rerank, s.k] : [s.sort, s.descending];
  return JSON.stringify([s.view, s.filter, examples]);
}

function show(s, at) {
  const here = s.view === 'images' || s.view === 'selected';
  byID('view-images').hidden = !here;
  if (!here) return;
  if (grid.density !== s.density) {
    const first = grid.first();
    grid.density = s.density;
    if (shownFor === key(s)) grid.set(source.total, first);
  }
  if (shownFor !== key(s)) {
    shownFor = key(s);
    load(s, at || 0);
  } else {
    grid.resize();
    grid.refill();
    if (at && Math.abs(grid.first() - at) >= grid.columns) grid.set(source.total, at);
  }
  bar.show(s, source);
}

// again loads what is shown anew: the collection has changed, or the server is back.
export function again() {
  shownFor = '';
  show(current(), firstOnScreen());
}

async function load(s, at) {
  const mine = ++turn;
  source.stop();
  message.hidden = true;
  box.hidden = false;
  box.setAttribute('aria-busy', 'true');
  box.classList.add('busy');
  if (!source.total) skeleton();
  try {
    const next = await fetched(s, at);
    if (mine !== turn) return next.stop();
    source = next;
    anchor = 0;
    grid.set(source.total, Math.min(at, Math.max(source.total - 1, 0)));
    says(count(source.total, 'image'));
    if (!source.total) empty(s);
  } catch (err) {
    if (mine === turn && !api.aborted(err)) fail(err, s);
  } finally {
    if (mine === turn) {
      box.removeAttribute('aria-busy');
      box.classList.remove('busy');
      bar.show(current(), source);
    }
  }
}

// skeleton shows empty cells of the size that the images will have.
function skeleton() {
  source = { total: 60, get: () => undefined, want() {}, stop() {}, range: async () => [], all: async () => [], waiting: true };
  grid.set(60, 0);
}

async function fetched(s, at) {
  const arrived = (a, b) => grid.refill((i) => i >= a && i < b);
  if (s.view !== 'selected' && s.like.length) {
    if (!hasVectors(s)) throw new Error('The image that was dropped is no longer here: drop it again.');
    return new List((await api.search(body(s))).results);
  }
  const pages = s.view === 'selected' ? named(selection.ids(), arrived)
    : filtered(wanted(s.filter), { sort: s.sort, descending: s.descending || null }, arrived);
  await pages.start(at);
  return pages;
}

function note(...what) {
  message.replaceChildren(...what);
  message.hidden = false;
  box.hidden = true;
}

function fail(err, s) {
  source = new List([]);
  note(notice('This did not work', err.message, button('Try again', () => again()),
    s.like.length ? button('Clear the search', () => update({ like: [], minus: [] }), { quiet: true }) : null));
}

function empty(s) {
  if (s.view === 'selected') return note(notice('Nothing is selected', 'Select images with Ctrl and a click, or with the key x.'));
  const clear = button('Clear the filters', () => update({ filter: none() }));
  if (Object.keys(wanted(s.filter)).length) return note(notice('No image passes these filters', 'Take one of them away.', clear));
  note(notice('This collection has no images', 'Add some with udml-gpu embed, then press Reload.'));
}

export const none = () => ({ path: [], folder: [], split: [], label: [], group: [], quality: [], tag: [], taken: [], duplicate: null });

async function range(from, to) {
  selection.add(await source.range(Math.min(from, to), Math.max(from, to)));
}

function open(at, event) {
  const item = source.get(at)?.item;
  if (!item) return;
  if (event.shiftKey) range(anchor, at);
  else if (event.ctrlKey || event.metaKey || event.target.closest('.mark')) {
    selection.toggle(item);
    anchor = at;
  } else {
    anchor = at;
    update({ open: item.id }, { replace: Boolean(current().open) });
  }
}

// moved follows the arrows: with shift it selects, and an open picture changes with the focus.
function moved(at, event, from) {
  const item = source.get(at)?.item;
  if (event.shiftKey && event.key.startsWith('Arrow')) range(from, at);
  else anchor = at;
  if (item && current().open) update({ open: item.id }, { replace: true });
}
