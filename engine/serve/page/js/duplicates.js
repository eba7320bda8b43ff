// The view of duplicates: each group side by side, the one to keep first.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, update, watch } from './state.js';
import { facts } from './facts.js';
import { small } from './thumb.js';
import { compare } from './compare.js';
import { attempt } from './attempt.js';
import { button, byID, h, icon, notice } from './dom.js';
import { bytes, count, fileName, folderOf } from './format.js';

const PAGE = 40;
const MOST = 1000; // groups that one request may ask for
const KINDS = { bytes: 'The same file', pixels: 'The same picture', near: 'Almost alike' };
const SORTS = { similarity: 'Most alike', size: 'Most images', saved: 'Most space' };

let heading, tools, list, end, shownFor, watcher;
let turn = 0;
let loaded = 0;
let total = 0;

function image(it, nth, group) {
  const b = h('button', {
    type: 'button', class: 'twin', title: it.path, 'aria-label': `${it.path}${nth === 0 ? ', to keep' : ''}`, 'data-id': it.id,
    onkeydown: (e) => {
      if (e.key !== 'x' || e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      selection.toggle(it);
    },
    onclick: (e) => (e.ctrlKey || e.metaKey || e.target.closest('.mark') ? selection.toggle(it) : compare(group, nth)),
  }, h('span', { class: 'frame' }, small(it.id, '', true), nth === 0 ? h('span', { class: 'keep' }, 'Keep') : null,
    h('span', { class: 'mark', title: 'Select', 'aria-hidden': 'true' }, icon('check'))),
  h('span', { class: 'facet-name' }, fileName(it.path)), h('span', { class: 'facet-count' }, `${it.width} × ${it.height}, ${bytes(it.size)}`),
  h('span', { class: 'facet-count' }, folderOf(it.path) || '\u00a0'));
  mark(b);
  return b;
}

function mark(b) {
  const on = selection.has(b.dataset.id);
  b.classList.toggle('selected', on);
  b.setAttribute('aria-pressed', String(on));
}

function group(g) {
  const near = g.kind === 'near' ? `, ${g.min_similarity.toFixed(3)}` : '';
  return h('article', { class: 'twins', 'aria-label': `${KINDS[g.kind]}, ${count(g.items.length, 'image')}` },
    h('header', {}, h('h3', {}, `${KINDS[g.kind]}${near}`), h('span', { class: 'facet-count' }, `${count(g.items.length, 'image')}, ${bytes(g.saved)} to save`),
      h('span', { class: 'tools' }, button('Compare', () => compare(g, 1), { shape: 'swap', quiet: true }),
        button('Select all but the first', () => selection.add(g.items.slice(1)), { shape: 'check', quiet: true }))),
    h('div', { class: 'twin-row' }, ...g.items.map((it, nth) => image(it, nth, g))));
}

async function more() {
  const mine = turn;
  const got = await api.duplicates({ sort: current().by, offset: loaded, limit: PAGE });
  if (mine !== turn) return;
  if (loaded === 0) list.replaceChildren();
  total = got.total;
  loaded += got.groups.length;
  list.append(...got.groups.map(group));
  heading.textContent = `${count(got.total, 'group')} of duplicates, ${bytes(got.saved)} to save`;
  end.hidden = loaded >= total || got.groups.length === 0;
  if (!total) list.replaceChildren(notice('No duplicates were found', `No two images are alike by ${got.threshold} or more.`));
}

// others selects all images but the ones to keep, of all groups.
const others = () => attempt(async () => {
  const found = [];
  for (let offset = 0; offset < total; offset += MOST) {
    const got = await api.duplicates({ sort: current().by, offset, limit: MOST });
    found.push(...got.groups.flatMap((g) => g.items.slice(1)));
  }
  selection.set(found);
});

function sorting(s) {
  const select = h('select', { 'aria-label': 'Order', onchange: (e) => update({ by: e.target.value }) },
    ...Object.entries(SORTS).map(([value, name]) => h('option', { value }, name)));
  select.value = s.by;
  return select;
}

async function load(s) {
  turn++;
  loaded = 0;
  end.hidden = true;
  heading.textContent = 'Duplicates';
  list.replaceChildren(...Array.from({ length: 4 }, () => h('div', { class: 'twins waiting' })));
  const select = sorting(s);
  const had = tools.contains(document.activeElement);
  tools.replaceChildren(button('Select all but the first of each', others, { shape: 'check', quiet: true }), select);
  if (had) select.focus();
  try {
    await more();
  } catch (err) {
    if (api.aborted(err)) return;
    if (err.status !== 404) {
      list.replaceChildren(notice('The duplicates could not be read', err.message, button('Try again', again)));
      return;
    }
    tools.replaceChildren();
    list.replaceChildren(notice('Duplicates were not looked for yet', 'This command finds images that are the same or almost the same:',
      h('pre', {}, `udml-gpu duplicates ${facts.collection.name}`)));
  }
}

function show(s) {
  byID('view-duplicates').hidden = s.view !== 'duplicates';
  if (s.view !== 'duplicates' || shownFor === s.by) return;
  shownFor = s.by;
  load(s);
}

export function again() {
  shownFor = '';
  show(current());
}

export function init() {
  heading = h('h2', { class: 'count' });
  tools = h('div', { class: 'tools' });
  list = h('div', { class: 'twins-list' });
  end = h('div', { class: 'end', hidden: true }, button('Show more', () => attempt(more), { quiet: true }));
  const scroll = h('div', { class: 'scroll', tabindex: '-1' }, list, end);
  byID('view-duplicates').append(h('div', { class: 'toolbar' }, heading, tools), scroll);
  watcher = new IntersectionObserver((seen) => { if (seen.some((e) => e.isIntersecting)) attempt(more); }, { root: scroll, rootMargin: '600px' });
  watcher.observe(end);
  selection.watch(() => list.querySelectorAll('.twin').forEach(mark));
  watch(show);
  show(current());
}
