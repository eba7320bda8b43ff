// The panel of one image: the picture, what is known of it, what can be done with it, and the images most like it.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, refilter, update, watch } from './state.js';
import { example, only } from './query.js';
import { focusGrid } from './images.js';
import { facts, nameOfGroup } from './facts.js';
import { tagDialog } from './tags.js';
import { meter, small } from './thumb.js';
import { button, byID, h, icon } from './dom.js';
import { bytes, count, fileName, folderOf, picture, score, thumbnail } from './format.js';

const ALIKE = 12;
const covers = matchMedia('(max-width: 900px)'); // the panel lies above the images
let control = new AbortController();
let shown = null;

export const close = () => update({ open: '' });
export const item = () => (current().open ? shown : null);

const noPicture = () => h('div', { class: 'no-picture' }, icon('image'), h('span', {}, 'There is no picture of this image'));

function big(it) {
  if (facts.collection.pictures) return noPicture();
  const img = h('img', { class: 'big', alt: it.path, width: it.width, height: it.height, src: thumbnail(it.id), decoding: 'async' });
  const full = new Image();
  full.addEventListener('load', () => { img.src = full.src; });
  img.addEventListener('error', () => img.replaceWith(noPicture()));
  full.src = picture(it.id);
  const frame = h('a', { class: 'big-frame', href: picture(it.id), target: '_blank', rel: 'noopener',
    title: 'The whole picture in a new tab' }, img);
  frame.style.aspectRatio = `${it.width} / ${it.height}`;
  return frame;
}

function fact(name, ...value) { return value.length ? [h('dt', {}, name), h('dd', {}, ...value)] : []; }

function allFacts(it) {
  const link = (text, fn) => h('button', { type: 'button', class: 'link', onclick: fn }, text);
  const filterBy = (name, value) => () => { refilter(name, [value]); update({ view: 'images', like: [], minus: [] }, { replace: true }); };
  return h('dl', { class: 'facts' },
    ...fact('Folder', ...(folderOf(it.path) ? [link(folderOf(it.path), filterBy('folder', folderOf(it.path)))] : [])),
    ...fact('Size', `${it.width} × ${it.height} pixels, ${bytes(it.size)}${it.format ? `, ${it.format.toUpperCase()}` : ''}`),
    ...fact('Taken', ...(it.taken ? [link(it.taken.replace('T', ' '), filterBy('taken', it.taken.slice(0, 7)))] : [])),
    ...fact('Label', ...(it.label ? [link(it.label, filterBy('label', it.label))] : [])),
    ...fact('Split', ...(it.split ? [link(it.split, filterBy('split', it.split))] : [])),
    ...fact('Group', ...(it.group >= 0 ? [link(nameOfGroup(it.group), filterBy('group', String(it.group)))] : [])),
    ...fact('Tags', ...it.tags.map((t) => link(t, filterBy('tag', t)))),
    ...fact('Faults', ...(it.quality.length ? [it.quality.join(', ')] : [])),
    ...fact('Id', h('code', {}, it.id)));
}

// The words of the button change with the selection; the button stays, and with it the focus.
function selectButton(it) {
  const b = button('Select', () => selection.toggle(it), { shape: 'check', key: 'x', pressed: selection.has(it.id) });
  b.dataset.select = it.id;
  return b;
}

export function showGroup(it) {
  if (it.group < 0) return;
  update({ filter: { ...current().filter, group: [String(it.group)] }, like: [], minus: [], view: 'images', open: '' });
}
export const showOnMap = (it) => update({ view: 'map', open: it.id });

function actions(it) {
  const searching = current().like.length > 0;
  return h('div', { class: 'actions' },
    button('Like this', () => example('like', { id: it.id }), { shape: 'plus', key: 's' }),
    button('Not like this', () => example('minus', { id: it.id }), { shape: 'minus', key: 'n', quiet: true }),
    searching ? button('Only like this', () => only(it.id), { shape: 'search', quiet: true }) : null,
    it.group >= 0 ? button('Group', () => showGroup(it), { shape: 'group', key: 'g', quiet: true }) : null,
    button('On the map', () => showOnMap(it), { shape: 'map', key: 'm', quiet: true }),
    selectButton(it), button('Tag', () => tagDialog([it]), { shape: 'tag', quiet: true }));
}

function alike(results) {
  return h('div', { class: 'alike' }, ...results.map((r) => h('button', {
    type: 'button', title: r.path, 'aria-label': `${r.path}, score ${score(r.score)}`, onclick: () => update({ open: r.id }),
  }, h('span', { class: 'frame' }, small(r.id, '')), h('span', { class: 'score' }, score(r.score)), meter(r.score))));
}

// waitingAlike has the size of the pictures to come.
function waitingAlike() {
  return h('div', { class: 'alike' }, ...Array.from({ length: ALIKE },
    () => h('span', { class: 'empty' }, h('span', { class: 'frame waiting' }),
    h('span', { class: 'score' }, '\u00a0'), meter(0))));
}

async function show(id) {
  control.abort();
  control = new AbortController();
  const { signal } = control;
  const panel = byID('detail');
  try {
    const it = await api.item(id, signal);
    shown = it;
    const place = h('div', {}, waitingAlike());
    panel.replaceChildren(
      h('div', { class: 'detail-head' }, h('h2', { title: it.path }, fileName(it.path)),
        button('Close', close, { shape: 'close', key: 'Escape', only: true })),
      h('div', { class: 'detail-body' }, big(it), actions(it), allFacts(it), h('h3', {}, 'Most alike'), place));
    const { results } = await api.search({ like: [{ id }], k: ALIKE, others: true }, signal);
    place.replaceChildren(results.length ? alike(results) : h('p', { class: 'hint' }, `This is the only image of ${count(1, 'image')}.`));
  } catch (err) {
    if (api.aborted(err)) return;
    panel.replaceChildren(h('div', { class: 'detail-head' }, h('h2', {}, 'Image'), button('Close', close, { shape: 'close', only: true })),
      h('div', { class: 'detail-body' }, h('p', {}, err.message)));
  }
}

function draw(s, before) {
  const panel = byID('detail');
  if (s.open === before?.open) {
    if (s.open && (s.like.length > 0) !== (before.like.length > 0)) show(s.open);
    return;
  }
  const inside = panel.contains(document.activeElement);
  panel.hidden = !s.open;
  document.body.classList.toggle('with-detail', Boolean(s.open));
  if (s.open) {
    show(s.open);
    if (covers.matches && !before?.open) panel.focus();
  } else {
    control.abort();
    panel.replaceChildren();
    if (inside && !byID('view-images').hidden) focusGrid();
    else if (inside) byID('content').focus();
  }
}

// refresh shows the image again, after its tags have changed.
export function refresh() { if (current().open) show(current().open); }

export function init() {
  selection.watch(() => {
    const b = byID('detail').querySelector('[data-select]');
    b?.setAttribute('aria-pressed', String(selection.has(b.dataset.select)));
  });
  watch(draw);
  if (current().open) draw(current(), { open: '' });
}
