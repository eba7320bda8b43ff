// The view of duplicates: each group side by side, the one to keep first.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, update, watch } from './state.js';
import { facts } from './facts.js';
import { small } from './thumb.js';
import { compare } from './compare.js';
import { threshold } from './threshold.js';
import { attempt } from './attempt.js';
import { button, byID, h, icon, notice, says } from './dom.js';
import { bytes, count, fileName, folderOf, score } from './format.js';

const PAGE = 40;
const KINDS = { bytes: 'The same file', pixels: 'The same picture', near: 'Almost alike' };
const SORTS = { similarity: 'Most alike', size: 'Most images', saved: 'Most space' };

let heading, tools, list, end, watcher, slider, select;
let shownFor = null;
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
  h('span', { class: 'facet-name' }, fileName(it.path)), h('span', { class: 'facet-count' },
    `${it.width} × ${it.height}, ${bytes(it.size)}`),
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
    h('header', {}, h('h3', {}, `${KINDS[g.kind]}${near}`), h('span', { class: 'facet-count' },
      `${count(g.items.length, 'image')}, ${bytes(g.saved)} to save`),
      h('span', { class: 'tools' }, button('Compare', () => compare(g, 1), { shape: 'swap', quiet: true }),
        button('Select all but the first', () => selection.add(g.items.slice(1)), { shape: 'check', quiet: true }))),
    h('div', { class: 'twin-row' }, ...g.items.map((it, nth) => image(it, nth, g))));
}

const alikeBy = () => current().similarity;

async function more() {
  const mine = turn;
  const got = await api.duplicates({ sort: current().by, similarity: alikeBy(), offset: loaded, limit: PAGE });
  if (mine !== turn) return;
  if (loaded === 0) {
    list.replaceChildren();
    list.parentElement.scrollTop = 0;
    slider.show(got);
  }
  total = got.total;
  loaded += got.groups.length;
  list.append(...got.groups.map(group));
  heading.textContent = total ? `${count(total, 'group')}, ${count(got.images, 'image')}, ${bytes(got.saved)} to save` : 'No duplicates';
  end.hidden = loaded >= total || got.groups.length === 0;
  tools.hidden = total === 0 && got.near_pairs === 0;
  if (!total) list.replaceChildren(nothing(got));
}

// nothing says what was looked for where there is nothing.
function nothing(got) {
  if (got.near_pairs) {
    const pairs = `${count(got.near_pairs, 'pair')} of images ${got.near_pairs === 1 ? 'is' : 'are'}`;
    return notice('No duplicates at this similarity',
      `No two images are the same, or alike by ${score(got.similarity)} or more. ${pairs} alike by ${score(got.threshold)} or more.`,
      button('Show these', () => update({ similarity: null })));
  }
  const command = `udml-gpu duplicates ${facts.collection.name}`;
  const among = `They were looked for among ${count(facts.collection.images, 'image')}: no two are the same`;
  if (!got.threshold) return notice('No duplicates were found', `${among}. This command looks for images that are almost alike too:`,
    h('pre', {}, command));
  return notice('No duplicates were found',
    `${among}, or alike by ${score(got.threshold)} or more. This command looks for images that are less alike:`,
    h('pre', {}, `${command} --threshold ${(got.threshold * 0.9).toFixed(2)}`));
}

// others selects all images but the ones to keep, of all groups.
const others = () => attempt(async () => selection.set(await api.chosen({ spare: alikeBy() ?? -1 })));

function neverLooked() {
  tools.hidden = true;
  list.replaceChildren(notice('Duplicates were not looked for yet', 'This command finds images that are the same or almost the same:',
    h('pre', {}, `udml-gpu duplicates ${facts.collection.name}`)));
}

// load asks for the list. While the slider moves, what is listed stays until the next is here.
async function load(moved) {
  turn++;
  loaded = 0;
  if (!moved) {
    end.hidden = true;
    heading.textContent = 'Duplicates';
    list.replaceChildren(...Array.from({ length: 4 }, () => h('div', { class: 'twins waiting' })));
  }
  if (facts.collection.duplicates === null) return void neverLooked();
  try {
    await more();
    if (moved) says(heading.textContent);
  } catch (err) {
    if (api.aborted(err)) return;
    if (err.status === 404) neverLooked();
    else list.replaceChildren(notice('The duplicates could not be read', err.message, button('Try again', again)));
  }
}

function show(s) {
  byID('view-duplicates').hidden = s.view !== 'duplicates';
  if (s.view !== 'duplicates' || (shownFor && shownFor.by === s.by && shownFor.similarity === s.similarity)) return;
  const moved = shownFor !== null && shownFor.by === s.by;
  shownFor = { by: s.by, similarity: s.similarity };
  select.value = s.by;
  load(moved);
}

export function again() {
  shownFor = null;
  show(current());
}

export function init() {
  heading = h('h2', { class: 'count' });
  select = h('select', { 'aria-label': 'Order', onchange: (e) => update({ by: e.target.value }) },
    ...Object.entries(SORTS).map(([value, name]) => h('option', { value }, name)));
  slider = threshold();
  tools = h('div', { class: 'tools' }, button('Select all but the first of each', others, { shape: 'check', quiet: true }), slider.el,
    select);
  list = h('div', { class: 'twins-list' });
  end = h('div', { class: 'end', hidden: true }, button('Show more', () => attempt(more), { quiet: true }));
  const scroll = h('div', { class: 'scroll', tabindex: '-1' }, list, end);
  byID('view-duplicates').append(h('div', { class: 'toolbar' }, heading, tools), scroll);
  watcher = new IntersectionObserver((seen) => { if (seen.some((e) => e.isIntersecting)) attempt(more); },
    { root: scroll, rootMargin: '600px' });
  watcher.observe(end);
  selection.watch(() => list.querySelectorAll('.twin').forEach(mark));
  watch(show);
  show(current());
}
