// Starts the page: what there is, then the views; watches over the server and the collection.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, format, keeps, selectedIn, update, watch } from './state.js';
import { facts, load } from './facts.js';
import * as images from './images.js';
import * as query from './query.js';
import * as facets from './facets.js';
import * as detail from './detail.js';
import * as bar from './selectionbar.js';
import * as keyboard from './keyboard.js';
import * as groups from './groups.js';
import * as duplicates from './duplicates.js';
import * as map from './map.js';
import { denied } from './token.js';
import { banner, unbanner } from './banner.js';
import { attempt } from './attempt.js';
import { button, byID, h, icon, notice } from './dom.js';
import { count } from './format.js';

const VIEWS = { images: ['Images', 'image'], groups: ['Groups', 'group'], duplicates: ['Duplicates', 'copy'], map: ['Map', 'map'] };
const LOOK_EVERY = 15000; // milliseconds between two looks whether the collection has changed

function tabs() {
  const draw = () => {
    const s = current();
    const at = s.view === 'selected' ? 'images' : s.view;
    const focused = document.activeElement?.closest('#tabs a')?.dataset.view;
    byID('tabs').replaceChildren(...Object.entries(VIEWS).map(([view, [name, shape]]) => h('a', {
      href: '?' + format({ ...s, view, open: '' }), 'data-view': view, 'aria-current': view === at ? 'page' : null,
      onclick: (e) => {
        if (e.ctrlKey || e.metaKey || e.shiftKey) return;
        e.preventDefault();
        update({ view, open: '' });
      },
    }, icon(shape), h('span', {}, name))));
    if (focused) byID('tabs').querySelector(`[data-view="${focused}"]`).focus();
  };
  watch(draw);
  draw();
}

function head() {
  const c = facts.collection;
  byID('name').textContent = c.name;
  byID('name').title = `${c.name}: ${count(c.images, 'image')}, ${c.dimensions} dimensions, ${c.model}; udml-gpu ${c.version}`;
  document.title = `${c.name} · udml-gpu`;
  if (c.pictures) banner('pictures', `No pictures: ${c.pictures}`, { fixed: true });
  else unbanner('pictures');
  if (c.stale) stale();
  else unbanner('stale');
}

function stale() {
  banner('stale', 'The collection has changed on the disk.', { fixed: true, actions: [button('Reload', () => attempt(async () => {
    await load(true);
    everything();
  }))] });
}

function everything() {
  images.again();
  groups.again();
  duplicates.again();
  map.again();
  detail.refresh();
}

async function look() {
  if (document.hidden) return;
  const c = await api.collection();
  if (c.generation !== facts.collection.generation && !c.stale) {
    await load();
    everything();
  } else if (c.stale !== facts.collection.stale) {
    facts.collection.stale = c.stale;
    head();
  }
}

function connection() {
  api.on('gone', () => banner('gone', 'The server does not answer. Trying again…', { bad: true, fixed: true }));
  api.on('back', () => {
    unbanner('gone');
    attempt(async () => {
      await load();
      everything();
    });
  });
  api.on('denied', denied);
}

// recall takes the selection of a link; what the collection no longer has is left out.
async function recall() {
  const ids = selectedIn(location.search);
  if (!ids.length) return;
  const found = await Promise.all(ids.map((id) => api.item(id).catch(() => null)));
  selection.set(found.filter(Boolean));
}

async function start() {
  connection();
  try {
    await load();
  } catch (err) {
    if (err.status !== 401) byID('content').replaceChildren(notice('The collection could not be read', err.message,
      button('Try again', () => location.reload())));
    return;
  }
  facts.watch(head);
  head();
  keeps(selection.ids, images.firstOnScreen);
  const chosen = recall();
  tabs();
  facets.init();
  query.init();
  images.init();
  detail.init();
  groups.init();
  duplicates.init();
  map.init();
  await chosen.catch(() => {});
  bar.init();
  keyboard.init();
  document.body.classList.add('ready');
  setInterval(() => look().catch(() => {}), LOOK_EVERY);
  addEventListener('visibilitychange', () => look().catch(() => {}));
}

start();
