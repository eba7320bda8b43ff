// The filters at the left. Each shows what there is, with its count in the whole collection.
import { current, filtered, refilter, toggle, update, watch } from './state.js';
import { none } from './images.js';
import { small } from './thumb.js';
import { button, byID, h, icon } from './dom.js';
import { number } from './format.js';
import { facts, groupName } from './facts.js';

const FEW = 8; // entries of a facet before "Show all"
const LONG = 20; // entries of a facet from which it has a field to find one

const unfolded = new Set();
const needles = new Map();

function row(name, value, label, count, extra) {
  const on = current().filter[name].includes(value);
  const box = h('input', { type: 'checkbox', checked: on, onchange: () => toggle(name, value) });
  return h('label', { class: 'facet-row', title: label }, box, extra, h('span', { class: 'facet-name' }, label), h('span', { class: 'facet-count' }, number(count)));
}

// entries are {value, label, count, extra}; the chosen ones are always among those that are shown.
function rows(name, entries) {
  const needle = (needles.get(name) || '').toLowerCase();
  const chosen = new Set(current().filter[name]);
  const found = needle ? entries.filter((e) => e.label.toLowerCase().includes(needle)) : entries;
  const all = unfolded.has(name) || needle;
  const shown = all ? found.slice(0, 500) : found.filter((e, at) => at < FEW || chosen.has(e.value));
  const out = shown.map((e) => row(name, e.value, e.label, e.count, e.extra?.()));
  if (!needle && entries.length > FEW) {
    out.push(button(unfolded.has(name) ? 'Show fewer' : `Show all ${number(entries.length)}`, () => {
      if (!unfolded.delete(name)) unfolded.add(name);
      draw();
    }, { quiet: true }));
  }
  return out;
}

function facet(name, title, entries) {
  if (!entries.length) return null;
  const list = h('div', { class: 'facet-rows', role: 'group', 'aria-label': title }, ...rows(name, entries));
  const find = entries.length > LONG ? h('input', {
    type: 'search', class: 'find', placeholder: `Find in ${number(entries.length)}`, 'aria-label': `Find in ${title}`, value: needles.get(name) || '',
    oninput: (e) => { needles.set(name, e.target.value); list.replaceChildren(...rows(name, entries)); },
  }) : null;
  return section(name, title, find, list);
}

const closed = new Set();

function section(name, title, ...inside) {
  const used = name === 'duplicate' ? current().filter.duplicate !== null : current().filter[name].length;
  return h('details', {
    class: 'facet', 'data-facet': name, open: !closed.has(name),
    ontoggle: (e) => { if (e.target.open) closed.delete(name); else closed.add(name); },
  }, h('summary', {}, h('span', {}, title), used ? h('span', { class: 'used', title: 'In use' }, h('span', { class: 'sr' }, 'in use')) : null), ...inside);
}

function duplicates() {
  if (!facts.collection.duplicates) return null;
  const options = [['Any', null], ['In a group of duplicates', true], ['In none', false]];
  return section('duplicate', 'Duplicates', h('div', { class: 'facet-rows', role: 'group', 'aria-label': 'Duplicates' }, ...options.map(([label, value]) =>
    h('label', { class: 'facet-row' }, h('input', {
      type: 'radio', name: 'duplicate', checked: current().filter.duplicate === value, onchange: () => refilter('duplicate', value),
    }), h('span', { class: 'facet-name' }, label)))));
}

const FAULTS = { blurred: 'Blurred', dark: 'Too dark', light: 'Too light', plain: 'Plain', odd: 'Unlike all others' };
const plain = (list) => list.filter((e) => e.name !== '').map((e) => ({ value: e.name, label: e.name, count: e.count }));

function folders(list) {
  return list.filter((e) => e.name !== '' && e.name !== '.').map((e) => ({
    value: e.name, label: e.name, count: e.count, extra: () => {
      const depth = e.name.split('/').length - 1;
      const pad = h('span', { class: 'pad', 'aria-hidden': 'true' });
      pad.style.width = `${Math.min(depth, 6) * 10}px`;
      return pad;
    },
  }));
}

function draw() {
  const c = facts.collection;
  const box = byID('facets');
  const clear = filtered(current().filter) ? button('Clear', () => update({ filter: none() }), { quiet: true }) : null;
  const focused = document.activeElement?.closest?.('#facets .facet');
  const at = focused ? [...focused.querySelectorAll('input,button,summary')].indexOf(document.activeElement) : -1;
  const top = box.scrollTop;
  box.replaceChildren(...[
    h('div', { class: 'facets-head' }, h('h2', {}, 'Filters'), clear, button('Close the filters', () => drawer(false), { shape: 'close', only: true })),
    facet('group', 'Groups', facts.groups.map((g) => ({
      value: String(g.number), label: groupName(g), count: g.count, extra: () => h('span', { class: 'facet-thumb' }, small(g.medoid, '', true)),
    }))),
    facet('tag', 'Tags', facts.tags.map((t, nth) => ({
      value: t.name, label: t.name, count: t.count, extra: () => (nth < 5 ? h('kbd', { title: `Key ${nth + 1}` }, nth + 1) : null),
    }))),
    facet('label', 'Labels', plain(c.labels)), facet('split', 'Splits', plain(c.splits)), facet('folder', 'Folders', folders(c.folders)),
    facet('quality', 'Faults', plain(c.quality).map((e) => ({ ...e, label: FAULTS[e.value] || e.value }))), duplicates(),
  ].filter(Boolean));
  box.scrollTop = top;
  if (at >= 0) box.querySelector(`[data-facet="${focused.dataset.facet}"]`)?.querySelectorAll('input,button,summary')[at]?.focus();
}

// drawer opens and closes the filters where the screen has no room for them beside the images.
export function drawer(open) {
  document.body.classList.toggle('drawer', open);
  byID('shade').hidden = !open;
  byID('drawer-button').setAttribute('aria-expanded', String(open));
  if (open) byID('facets').focus();
  else if (byID('facets').contains(document.activeElement)) byID('drawer-button').focus();
}

export function init() {
  const opener = byID('drawer-button');
  opener.setAttribute('aria-label', 'Filters');
  opener.append(icon('filter'));
  opener.addEventListener('click', () => drawer(!document.body.classList.contains('drawer')));
  byID('shade').addEventListener('click', () => drawer(false));
  watch((s, before) => { if (s.filter !== before.filter) draw(); });
  facts.watch(draw);
  draw();
}
