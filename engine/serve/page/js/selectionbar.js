// The bar of the selection: how many, what to do with them, and files of them.
import * as api from './api.js';
import * as selection from './selection.js';
import { current, update, keepLink, watch } from './state.js';
import { images } from './images.js';
import { tagDialog } from './tags.js';
import { attempt } from './attempt.js';
import { banner } from './banner.js';
import { button, byID, h, says } from './dom.js';
import { count } from './format.js';

const FILES = { paths: ['Paths', 'selection.txt'], csv: ['CSV', 'selection.csv'], json: ['JSON', 'selection.json'] };

const items = () => selection.ids().map((id) => ({ id }));

function download(as) {
  return attempt(async () => {
    const blob = await api.exported({ ids: selection.ids() }, as);
    const link = h('a', { href: URL.createObjectURL(blob), download: FILES[as][1] });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    says(`${FILES[as][1]} was saved`);
  });
}

function copy() {
  return attempt(async () => {
    const text = await (await api.exported({ ids: selection.ids() }, 'paths')).text();
    if (!navigator.clipboard) {
      throw new Error('This browser lets only pages of this computer or of https copy: save the paths as a file instead.');
    }
    await navigator.clipboard.writeText(text);
    banner('copied', `${count(selection.size(), 'path')} copied`);
    setTimeout(() => document.querySelector('[data-name="copied"] button')?.click(), 4000);
  });
}

const invert = () => attempt(async () => selection.invert(await images().all()));

function draw() {
  const bar = byID('selection-bar');
  const n = selection.size();
  const had = bar.contains(document.activeElement);
  bar.hidden = n === 0 && current().view !== 'selected';
  document.body.classList.toggle('with-selection', !bar.hidden);
  bar.querySelector('.chosen').textContent = `${count(n, 'image')} selected`;
  bar.querySelector('.show').hidden = current().view === 'selected';
  for (const b of bar.querySelectorAll('.needs')) b.disabled = n === 0;
  if (bar.hidden && had) byID('content').focus();
}

export function init() {
  const needs = (b, name) => { b.classList.add('needs'); if (name) b.classList.add(name); return b; };
  byID('selection-bar').append(
    h('strong', { class: 'chosen' }),
    needs(button('Show', () => update({ view: 'selected', open: '' }), { shape: 'image', quiet: true }), 'show'),
    button('Invert', invert, { shape: 'swap', quiet: true }),
    needs(button('Tag', () => tagDialog(items()), { shape: 'tag', quiet: true })),
    needs(button('Copy paths', copy, { shape: 'copy', quiet: true })),
    h('span', { class: 'together', role: 'group', 'aria-label': 'Save as a file' }, ...Object.entries(FILES).map(([as, [name]]) =>
      needs(button(name, () => download(as), { shape: 'download', quiet: true })))),
    needs(button('Clear the selection', () => selection.clear(), { shape: 'close', only: true })));
  let later = 0;
  selection.watch(() => {
    draw();
    clearTimeout(later);
    later = setTimeout(keepLink, 100);
  });
  watch(draw);
  draw();
}
