// The line above the images: how many there are, their order and size, and what can be selected at once.
import * as selection from './selection.js';
import { update } from './state.js';
import { button, h, icon } from './dom.js';
import { count, number } from './format.js';
import { attempt } from './attempt.js';

const SORTS = { path: 'Path', taken: 'Date taken', size: 'File size', pixels: 'Pixels', sharpness: 'Sharpness', brightness: 'Brightness' };
const DENSITIES = { small: 'Small', medium: 'Medium', large: 'Large' };
const MOST_RESULTS = 10000;

function sorting(s) {
  const select = h('select', { 'aria-label': 'Order', onchange: (e) => update({ sort: e.target.value }) },
    ...Object.entries(SORTS).map(([value, name]) => h('option', { value }, name)));
  select.value = s.sort;
  const turn = button(s.descending ? 'Descending: turn round' : 'Ascending: turn round', () => update({ descending: !s.descending }),
    { shape: s.descending ? 'down' : 'up', only: true });
  return h('div', { class: 'together' }, select, turn);
}

function density(s) {
  return h('div', { class: 'segments', role: 'group', 'aria-label': 'Size of the pictures' },
    ...Object.entries(DENSITIES).map(([value, name]) =>
    h('button', {
      type: 'button', 'aria-pressed': String(s.density === value), 'aria-label': name, title: name, class: `density-${value}`,
      onclick: () => update({ density: value }, { replace: true }),
    }, h('span', { 'aria-hidden': 'true' }))));
}

function above(source) {
  const input = h('input', { type: 'number', min: '-1', max: '1', step: '0.05', value: '0.8', 'aria-label': 'Least score',
    class: 'least' });
  const choose = () => attempt(async () => {
    const least = Number(input.value);
    selection.set((source.entries || []).filter((e) => e.score >= least).map((e) => e.item));
  });
  return h('div', { class: 'together' }, button('Select score from', choose, { quiet: true }), input);
}

function rerank(s) {
  return h('label', { class: 'tick', title: 'Order the results by the neighbours that they share with the examples' },
    h('input', { type: 'checkbox', checked: s.rerank, onchange: (e) => update({ rerank: e.target.checked }) }), h('span', {}, 'Rerank'));
}

function title(s, source) {
  if (source.waiting) return 'Loading…';
  if (s.view === 'selected') return `${count(source.total, 'selected image')}`;
  if (s.like.length) return `${count(source.total, 'result')}, the most alike first`;
  return count(source.total, 'image');
}

export function toolbar(box) {
  const heading = h('h2', { class: 'count' });
  const rest = h('div', { class: 'tools' });
  box.append(heading, rest);
  let drawn = '';
  const all = (source) => button('Select all', () => attempt(async () => selection.add(await source.all())),
    { quiet: true, disabled: !source.total });
  const more = (s, source) => (source.total === s.k && s.k < MOST_RESULTS
    ? button(`Show ${number(Math.min(s.k * 5, MOST_RESULTS))}`, () => update({ k: Math.min(s.k * 5, MOST_RESULTS) }, { replace: true }),
      { quiet: true }) : null);
  return {
    show(s, source) {
      heading.textContent = title(s, source);
      const searching = s.view === 'images' && s.like.length > 0;
      const waiting = s.view === 'images' && !s.like.length && s.minus.length > 0;
      // Drawn again only when it differs, so that the focus stays in it.
      const now = JSON.stringify([s.view, s.sort, s.descending, s.density, searching, waiting, s.rerank, s.k, source.total,
        Boolean(source.waiting)]);
      if (now === drawn && this.source === source) return;
      drawn = now;
      this.source = source;
      const focused = document.activeElement?.closest('#toolbar')
        ? [...rest.querySelectorAll('button,select,input')].indexOf(document.activeElement) : -1;
      rest.replaceChildren(...[
        waiting ? h('span', { class: 'hint' }, icon('minus'), ' Add an image to be like as well') : null,
        searching ? more(s, source) : null, searching ? above(source) : null, all(source), searching ? rerank(s) : null,
        s.view === 'images' && !searching ? sorting(s) : null, density(s)].filter(Boolean));
      if (focused >= 0) rest.querySelectorAll('button,select,input')[focused]?.focus();
    },
  };
}
