// The search: examples to be like and not like, as chips, and images that are chosen, dropped or pasted.
import * as api from './api.js';
import { current, update, wanted, watch } from './state.js';
import { button, byID, h, icon, says } from './dom.js';
import { small } from './thumb.js';
import { banner } from './banner.js';

const drops = new Map(); // key to the vector and the picture of a dropped image
let made = 0;

const same = (a, b) => (a.id ? a.id === b.id : a.drop === b.drop);

export const hasVectors = (s) => [...s.like, ...s.minus].every((e) => e.id || drops.has(e.drop));

const sent = (e) => ({ ...(e.id ? { id: e.id } : { vector: drops.get(e.drop).vector }), weight: e.weight });

// body is the search as POST /v1/search takes it.
export function body(s) {
  const out = { like: s.like.map(sent), k: s.k, filter: wanted(s.filter) };
  if (s.minus.length) out.minus = s.minus.map(sent);
  if (s.rerank) out.rerank = true;
  return out;
}

// example adds an image to the search, as one to be like or as one not to be like.
export function example(which, e) {
  const s = current();
  const other = which === 'like' ? 'minus' : 'like';
  update({
    [which]: [...s[which].filter((x) => !same(x, e)), { weight: 1, ...e }], [other]: s[other].filter((x) => !same(x, e)), view: 'images',
    open: '',
  });
  says(which === 'like' ? 'Searching for images like this' : 'Searching for images not like this');
}

export const only = (id) => update({ like: [{ id, weight: 1 }], minus: [], view: 'images', open: '' });

function change(which, e, patch) {
  update({ [which]: current()[which].map((x) => (same(x, e) ? { ...x, ...patch } : x)) });
}

function drop(which, e) { update({ [which]: current()[which].filter((x) => !same(x, e)) }); }

function chipPicture(e) {
  if (e.id) return small(e.id, '');
  const held = drops.get(e.drop);
  return held ? h('img', { src: held.url, alt: '', width: 28, height: 28 }) : icon('image');
}

function chip(which, e, nth) {
  const plus = which === 'like';
  const name = `example ${nth}`;
  const weight = h('input', {
    type: 'number', min: '0.1', max: '100', step: '0.1', value: e.weight, 'aria-label': `Weight of ${name}`, title: 'Weight',
    onchange: (event) => {
      const w = Number(event.target.value);
      if (w > 0 && w <= 100) change(which, e, { weight: w });
      else event.target.value = e.weight;
    },
  });
  const sign = h('button', {
    type: 'button', class: 'sign', title: plus ? 'Like this: make it not like' : 'Not like this: make it like',
    'aria-label': plus ? `Like ${name}: make it not like` : `Not like ${name}: make it like`,
    onclick: () => example(plus ? 'minus' : 'like', e),
  }, icon(plus ? 'plus' : 'minus'));
  return h('div', { class: `chip ${which}`, role: 'listitem' }, sign, chipPicture(e), weight,
    button(`Remove ${name}`, () => drop(which, e), { shape: 'close', only: true }));
}

function showChips(s) {
  const all = [...s.like.map((e) => ['like', e]), ...s.minus.map((e) => ['minus', e])];
  const box = byID('chips');
  box.hidden = all.length === 0;
  box.replaceChildren(...all.map(([which, e], at) => chip(which, e, at + 1)));
}

// add embeds an image of the user's and searches with it.
export async function add(file) {
  const stop = banner('embed', 'Looking at the image…');
  try {
    const { vector } = await api.embed(file);
    const key = `drop-${++made}-${Date.now()}`;
    drops.set(key, { vector, url: URL.createObjectURL(file) });
    example('like', { drop: key });
    stop();
  } catch (err) {
    banner('embed', `The image could not be searched with: ${err.message}`, { bad: true });
  }
}

function pathFilter() {
  const input = byID('path');
  let timer = 0;
  let typed = false; // the first letter makes a place in the history, the rest of the word changes it
  const apply = () => {
    clearTimeout(timer);
    const s = current();
    const path = input.value.trim() ? [input.value.trim()] : [];
    if (JSON.stringify(path) === JSON.stringify(s.filter.path)) return;
    update({ filter: { ...s.filter, path }, view: s.view === 'map' ? 'map' : 'images' }, { replace: typed });
    typed = true;
  };
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(apply, 250); });
  input.addEventListener('change', apply);
  input.addEventListener('blur', () => { typed = false; });
  watch((s) => { if (document.activeElement !== input) input.value = s.filter.path.join(' '); });
  input.value = current().filter.path.join(' ');
}

function dropping() {
  const zone = byID('dropzone');
  const files = (event) => [...(event.dataTransfer?.items || [])].some((i) => i.kind === 'file');
  addEventListener('dragover', (event) => {
    if (!files(event)) return;
    event.preventDefault();
    zone.hidden = false;
  });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.hidden = true; });
  addEventListener('drop', (event) => {
    zone.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    add(file);
  });
  addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    add(file);
  });
}

export function init() {
  byID('choose').title = 'Choose an image from this computer, drop one anywhere, or paste one';
  byID('choose').addEventListener('click', () => byID('file').click());
  byID('file').addEventListener('change', (event) => {
    const [file] = event.target.files;
    if (file) add(file);
    event.target.value = '';
  });
  pathFilter();
  dropping();
  watch(showChips);
  showChips(current());
}
