// The view of the map: what its points mean, and what can be done with them. The picture itself is in mapview.js.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, filtered, update, wanted, watch } from './state.js';
import { body, hasVectors } from './query.js';
import { facts, nameOfGroup } from './facts.js';
import { MapView } from './mapview.js';
import { attempt } from './attempt.js';
import { small } from './thumb.js';
import { button, byID, h, notice } from './dom.js';
import { count, fileName } from './format.js';

const MOST_RESULTS = 10000; // images that a search scores for the map

let root, heading, tools, message, view, tip, points, marks;
let state = 'none'; // none, loading, ready, failed
let filterFor = null; // what marks hold
let scoresFor = null;
let turn = 0;
const known = new Map(); // images by number

// byNumber is the image of a point: its place in the list of all images by path.
async function byNumber(n) {
  if (!known.has(n)) known.set(n, api.items({ offset: n, limit: 1 }).then((got) => got.items[0]).catch((err) => { known.delete(n); throw err; }));
  return known.get(n);
}

const openPoint = (n) => attempt(async () => {
  const item = await byNumber(n);
  if (item) update({ open: item.id }, { replace: Boolean(current().open) });
});

const inside = (polygon, more) => attempt(async () => {
  const filter = wanted(current().filter);
  const found = await api.chosen({ polygon, filter });
  if (more) selection.add(found);
  else selection.set(found);
});

let hovered = -1;
async function hover(n, x, y) {
  if (n !== hovered) tip.hidden = true;
  hovered = n;
  if (n < 0) return;
  const item = await byNumber(n).catch(() => null);
  if (hovered !== n || !item) return;
  if (tip.dataset.id !== item.id || tip.hidden) {
    tip.dataset.id = item.id;
    tip.replaceChildren(h('span', { class: 'frame' }, small(item.id, '')), h('span', { class: 'facet-name' }, fileName(item.path)),
      h('span', { class: 'facet-count' }, item.group >= 0 ? nameOfGroup(item.group) : 'No group'));
  }
  const { width, height } = root.getBoundingClientRect();
  tip.hidden = false;
  tip.style.left = `${Math.min(x + 14, width - 176)}px`;
  tip.style.top = `${Math.min(y + 14, height - 216)}px`;
}

// mark writes what the filter, the search and the selection make of the points.
async function mark() {
  const mine = ++turn;
  const s = current();
  const searching = s.like.length > 0 && hasVectors(s);
  const filterKey = JSON.stringify(s.filter);
  const scoreKey = searching ? JSON.stringify([s.like, s.minus, s.filter]) : '';
  if (filterFor !== filterKey) {
    const pass = filtered(s.filter) ? await api.chosen({ filter: wanted(s.filter) }) : null;
    if (mine !== turn) return;
    for (let i = 0; i < points.length / 3; i++) marks[2 * i + 1] = pass ? 0 : 1;
    pass?.forEach((item) => { marks[2 * item.number + 1] = 1; });
    filterFor = filterKey;
  }
  if (scoresFor !== scoreKey) {
    const results = searching ? (await api.search({ ...body(s), k: MOST_RESULTS, rerank: false })).results : [];
    if (mine !== turn) return;
    for (let i = 0; i < points.length / 3; i++) marks[2 * i] = 0;
    const least = Math.min(...results.slice(-1).map((r) => r.score), 0.999);
    results.forEach((r) => { marks[2 * r.item.number] = 1 + 254 * Math.max(0, (r.score - least) / (1 - least)); });
    scoresFor = scoreKey;
  }
  for (let i = 0; i < points.length / 3; i++) if (marks[2 * i + 1] === 2) marks[2 * i + 1] = 1;
  for (const n of selection.numbers()) if (2 * n + 1 < marks.length) marks[2 * n + 1] = 2;
  view.marked(marks, searching, selection.size() > 0);
  heading.textContent = `${count(points.length / 3, 'image')}${searching ? ', coloured by score' : facts.groups.length ? ', coloured by group' : ''}`;
}

async function goTo(id) {
  if (!id) return view.ring(-1);
  const item = await api.item(id);
  if (current().open === id) view.ring(item.number, current().view === 'map');
}

function draw() {
  const lasso = button('Lasso', () => {
    view.lassoing = !view.lassoing;
    lasso.setAttribute('aria-pressed', String(view.lassoing));
    root.classList.toggle('lassoing', view.lassoing);
  }, { shape: 'lasso', quiet: true, pressed: false });
  lasso.title = 'Draw around images to select them; or hold Shift and draw';
  tools.replaceChildren(lasso, button('Zoom in', () => view.zoom(1.5), { shape: 'plus', only: true }),
    button('Zoom out', () => view.zoom(1 / 1.5), { shape: 'minus', only: true }), button('The whole map', () => view.fit(), { shape: 'fit', only: true }));
}

function failed(err) {
  state = 'failed';
  message.hidden = false;
  root.hidden = true;
  tools.replaceChildren();
  const { name } = facts.collection;
  message.replaceChildren(err.status === 404
    ? notice('There is no map yet', 'This command places the images so that those that are alike lie together:', h('pre', {}, `udml-gpu map ${name}`))
    : notice('The map could not be read', err.message, button('Try again', again)));
}

async function load() {
  state = 'loading';
  heading.textContent = 'Loading the map…';
  message.hidden = true;
  root.hidden = false;
  try {
    if (!facts.collection.map) throw new api.Refused(404, '');
    points = new Uint16Array(await api.map());
    marks = new Uint8Array((points.length / 3) * 2).fill(1);
    known.clear();
    filterFor = null;
    scoresFor = null;
    view ||= new MapView(root, { open: openPoint, inside, hover, says: (n) => byNumber(n).then((item) => item?.path) });
    view.load(points, marks);
    state = 'ready';
    draw();
    show(current(), { open: '' });
  } catch (err) {
    failed(err);
  }
}

function show(s, before) {
  byID('view-map').hidden = s.view !== 'map';
  if (s.view !== 'map') { hovered = -1; if (tip) tip.hidden = true; return; }
  if (state === 'none') { load(); return; }
  if (state !== 'ready') return;
  view.resize();
  attempt(mark);
  if (before?.open !== s.open || before?.view !== s.view) attempt(() => goTo(s.open));
}

export function again() {
  state = 'none';
  show(current());
}

export function init() {
  heading = h('h2', { class: 'count' });
  tools = h('div', { class: 'tools' });
  message = h('div', { class: 'message', hidden: true });
  tip = h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
  root = h('div', { class: 'map' });
  root.append(tip);
  byID('view-map').append(h('div', { class: 'toolbar' }, heading, tools), message, root);
  selection.watch(() => { if (state === 'ready' && current().view === 'map') attempt(mark); });
  watch(show);
  show(current());
}
