// The view of groups: for each the image in its middle, its name and its size.
import { current, update, watch } from './state.js';
import { facts, groupName } from './facts.js';
import { Grid } from './grid.js';
import { small } from './thumb.js';
import { byID, h, notice } from './dom.js';
import { count } from './format.js';
import { none } from './images.js';

let grid, heading, message, box;
let fresh = false;

function fill(cell, at) {
  const g = facts.groups[at];
  cell.replaceChildren(h('div', { class: 'frame' }, small(g.medoid, '')),
    h('div', { class: 'foot pair' }, h('span', { class: 'facet-name' }, groupName(g)),
      h('span', { class: 'facet-count' }, count(g.count, 'image'))));
  cell.setAttribute('aria-label', `${groupName(g)}, ${count(g.count, 'image')}`);
}

function open(at) {
  update({ view: 'images', filter: { ...none(), group: [String(facts.groups[at].number)] }, like: [], minus: [], open: '' });
}

function draw() {
  const empty = facts.groups.length === 0;
  box.hidden = empty;
  message.hidden = !empty;
  const by = facts.method ? ` (${facts.method})` : '';
  heading.textContent = empty ? 'Groups' : `${count(facts.groups.length, 'group')}, the largest first${by}`;
  if (empty) {
    message.replaceChildren(notice('There are no groups yet', 'This command puts images that are alike together:',
      h('pre', {}, `udml-gpu cluster ${facts.collection.name}`)));
  } else if (!fresh) {
    fresh = true;
    grid.set(facts.groups.length);
  } else grid.resize();
}

function show(s) {
  byID('view-groups').hidden = s.view !== 'groups';
  if (s.view === 'groups') draw();
}

export function again() {
  fresh = false;
  show(current());
}

export function init() {
  heading = h('h2', { class: 'count' });
  message = h('div', { class: 'message', hidden: true });
  box = h('div', {});
  byID('view-groups').append(h('div', { class: 'toolbar' }, heading), message, box);
  grid = new Grid(box, { label: 'Groups', size: () => (matchMedia('(max-width: 640px)').matches ? 140 : 172), caption: () => 44, fill,
    open });
  box.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || !e.target.classList.contains('cell')) return;
    e.preventDefault();
    open(grid.focused);
  });
  watch(show);
  show(current());
}
