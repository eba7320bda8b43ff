// The view of the map: what its points mean, and what can be done with them. The picture itself is in mapview.js.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, filtered, update, wanted, watch } from './state.js';
import { body, hasVectors } from './query.js';
import { facts, nameOfGroup } from './facts.js';
import { choices, legend as legendOf, NAMES } from './colours.js';
import { Legend } from './legend.js';
import { MapView } from './mapview.js';
import { attempt } from './attempt.js';
import { small } from './thumb.js';
import { button, byID, h, notice } from './dom.js';
import { count, fileName } from './format.js';

let root, heading, tools, message, view, tip, points, marks, legend, colourBy;
let colouredFor = null; // the facet whose colours the points have
let state = 'none'; // none, loading, ready, failed
let filterFor = null; // what marks hold
let scoresFor = null;
let turn = 0;
const known = new Map(); // images by number

// byNumber is the image of a point: its place in the list of all images by path.
async function byNumber(n) {
  if (!known.has(n)) known.set(n, api.items({ offset: n, limit: 1 }).then((got) =>
    got.items[0]).catch((err) => { known.delete(n); throw err; }));
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

// valueOf is what the colour of an image means.
function valueOf(item) {
  const facet = facetOf(current(), false);
  if (facet === 'label' || facet === 'split') return item[facet] || `No ${facet}`;
  if (facet === 'tag') return item.tags.join(', ') || 'No tag';
  return item.group >= 0 ? nameOfGroup(item.group) : 'No group';
}

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
      h('span', { class: 'facet-count' }, valueOf(item)));
  }
  const { width, height } = root.getBoundingClientRect();
  tip.hidden = false;
  tip.style.left = `${Math.min(x + 14, width - 176)}px`;
  tip.style.top = `${Math.min(y + 14, height - 216)}px`;
}

// markFiltered writes what the filter makes of the points.
async function markFiltered(s, mine) {
  const key = JSON.stringify(s.filter);
  if (filterFor === key) return;
  const pass = filtered(s.filter) ? await api.chosen({ filter: wanted(s.filter) }) : null;
  if (mine !== turn) return;
  for (let i = 0; i < points.length / 3; i++) marks[2 * i + 1] = pass ? 0 : 1;
  pass?.forEach((item) => { marks[2 * item.number + 1] = 1; });
  filterFor = key;
}

const ITSELF = 0.9999; // an example is as alike as this to itself, and would squeeze the scale of all others

// markScored writes the scores of the search, from 0 for the least to 255 for the largest of images that are not the example itself.
async function markScored(s, mine) {
  const key = JSON.stringify([s.like, s.minus, s.filter]);
  if (scoresFor?.key === key) return;
  const scores = new Float32Array(await api.scores(body(s)));
  if (mine !== turn) return;
  let [least, most, scored] = [1, -1, 0];
  for (const x of scores) if (!Number.isNaN(x)) { least = Math.min(least, x); if (x < ITSELF) most = Math.max(most, x); scored++; }
  scores.forEach((x, i) => { marks[2 * i] = Number.isNaN(x) ? 0 : Math.min(Math.max((255 * (x - least)) / Math.max(most - least, 1e-6), 0),
    255); });
  scoresFor = { key, least, most: Math.max(most, least), scored };
}

// facetOf is what the points are coloured by: what is chosen, if that is there, else the first that is.
function facetOf(s, searching) {
  const list = choices(searching);
  return list.includes(s.colour) ? s.colour : list[0] || '';
}

async function colour(facet, mine) {
  if (!facet || !view.painter.inColour) return legend.hide();
  if (facet === 'score') return legend.score(scoresFor.least, scoresFor.most, scoresFor.scored);
  if (colouredFor?.facet !== facet) {
    const found = await legendOf(facet, points.length / 3);
    if (mine !== turn) return undefined;
    colouredFor = { facet, found };
    view.coloured(found.kinds);
  }
  if (legend.facet !== facet || legend.found !== colouredFor.found) legend.show(facet, colouredFor.found);
  legend.found = colouredFor.found;
  return legend.counts();
}

function showChoices(facet, searching) {
  const list = choices(searching);
  colourBy.hidden = list.length < 2 || !view.painter.inColour;
  if (colourBy.dataset.list !== list.join()) {
    colourBy.dataset.list = list.join();
    colourBy.replaceChildren(...list.map((name) => h('option', { value: name }, NAMES[name])));
  }
  colourBy.value = facet;
}

// mark writes what the filter, the search and the selection make of the points.
async function mark() {
  const mine = ++turn;
  const s = current();
  const searching = s.like.length > 0 && hasVectors(s);
  const facet = facetOf(s, searching);
  await markFiltered(s, mine);
  if (facet === 'score' && mine === turn) await markScored(s, mine);
  if (mine !== turn) return;
  for (let i = 0; i < points.length / 3; i++) if (marks[2 * i + 1] === 2) marks[2 * i + 1] = 1;
  for (const n of selection.numbers()) if (2 * n + 1 < marks.length) marks[2 * n + 1] = 2;
  view.marked(marks, facet === 'score', selection.size() > 0);
  showChoices(facet, searching);
  const by = view.painter.inColour || facet === 'score' ? facet : '';
  const coloured = by ? `, coloured by ${NAMES[by].toLowerCase()}` : '';
  heading.textContent = `${count(points.length / 3, 'image')}${coloured}${view.painter.inColour ? '' : ', as densities'}`;
  await colour(by, mine);
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
  tools.replaceChildren(colourBy, lasso, button('Zoom in', () => view.zoom(1.5), { shape: 'plus', only: true }),
    button('Zoom out', () => view.zoom(1 / 1.5), { shape: 'minus', only: true }),
    button('The whole map', () => view.fit(), { shape: 'fit', only: true }));
}

function failed(err) {
  state = 'failed';
  message.hidden = false;
  root.hidden = true;
  tools.replaceChildren();
  const { name } = facts.collection;
  message.replaceChildren(err.status === 404
    ? notice('There is no map yet', 'This command places the images so that those that are alike lie together:',
      h('pre', {}, `udml-gpu map ${name}`))
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
    colouredFor = null;
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
  legend = new Legend();
  colourBy = h('select', { 'aria-label': 'Colour by', title: 'Colour by', hidden: true,
    onchange: (e) => update({ colour: e.target.value }) });
  root.append(legend.el, tip);
  byID('view-map').append(h('div', { class: 'toolbar' }, heading, tools), message, root);
  facts.watch(() => { // tags may have changed
    if (colouredFor?.facet === 'tag') colouredFor = null;
    if (state === 'ready' && current().view === 'map') attempt(mark);
  });
  selection.watch(() => { if (state === 'ready' && current().view === 'map') attempt(mark); });
  watch(show);
  show(current());
}
