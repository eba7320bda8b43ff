// The filters at the left. Each shows what there is, with the number of images that pass all other filters.
import { current, filtered, refilter, toggle, update, watch } from './state.js';
import { none } from './images.js';
import { small } from './thumb.js';
import { button, byID, h, icon } from './dom.js';
import { number } from './format.js';
import { countOf, refresh, watch as watchCounts } from './counts.js';
import { dates } from './dates.js';
import { attempt } from './attempt.js';
import { facts, groupName } from './facts.js';

const FEW = 8; // entries of a facet before "Show all"
const LONG = 20; // entries of a facet from which it has a field to find one

const unfolded = new Set();
const needles = new Map();

// row is a value with its count, which setCounts keeps up to date. An entry may say itself whether it is on, and what a click does.
function row(name, e) {
  const on = e.on ?? current().filter[name].includes(e.value);
  const box = h('input', { type: 'checkbox', checked: on, 'aria-label': e.full || null,
    onchange: e.toggle || (() => toggle(name, e.value)) });
  box.indeterminate = Boolean(e.part);
  return counted(h('label', { class: 'facet-row', title: e.full || e.label }, box, e.extra?.(), h('span', { class: 'facet-name' }, e.label),
    h('span', { class: 'facet-count' })), name, e.value, e.count);
}

// padded fills a number up to the width of the largest that can stand there, so that nothing moves when it changes.
const padded = (text, widest) => widest.slice(0, Math.max(widest.length - text.length, 0)).replace(/\d/g, '\u2007').replace(/,/g,
  '\u2008') + text;

// counted writes the count of a value into its row; a value that no image has is dimmed.
function counted(el, name, value, whole) {
  const n = countOf(name, value, whole);
  Object.assign(el.dataset, { name, value, whole });
  el.querySelector('.facet-count').textContent = padded(number(n), number(whole));
  el.classList.toggle('nothing', n === 0);
  return el;
}

function setCounts() {
  for (const el of byID('facets').querySelectorAll('.facet-row')) counted(el, el.dataset.name, el.dataset.value, Number(el.dataset.whole));
}

// entries are {value, label, count} and what row takes; the chosen ones are always among those that are shown.
function rows(name, entries) {
  const needle = (needles.get(name) || '').toLowerCase();
  const chosen = new Set(current().filter[name]);
  const found = needle ? entries.filter((e) => e.label.toLowerCase().includes(needle)) : entries;
  const all = unfolded.has(name) || needle;
  const shown = all ? found.slice(0, 500) : found.filter((e, at) => at < FEW || chosen.has(e.value));
  const out = shown.map((e) => row(name, e));
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
    type: 'search', class: 'find', placeholder: `Find in ${number(entries.length)}`, 'aria-label': `Find in ${title}`,
    value: needles.get(name) || '',
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
  }, h('summary', {}, h('span', {}, title), used ? h('span', { class: 'used', title: 'In use' },
    h('span', { class: 'sr' }, 'in use')) : null), ...inside);
}

function duplicates() {
  const { images, duplicates: groups, in_duplicates: within } = facts.collection;
  if (!groups) return null;
  const options = [['Any', null, images], ['In a group of duplicates', true, within], ['In none', false, images - within]];
  return section('duplicate', 'Duplicates', h('div', { class: 'facet-rows', role: 'group', 'aria-label': 'Duplicates' },
    ...options.map(([label, value, whole]) => {
    const el = h('label', { class: 'facet-row' }, h('input', {
      type: 'radio', name: 'duplicate', checked: current().filter.duplicate === value, onchange: () => refilter('duplicate', value),
    }), h('span', { class: 'facet-name' }, label), h('span', { class: 'facet-count' }));
    return counted(el, 'duplicate', String(value), whole);
  })));
}

const FAULTS = {
  blurred: 'Blurred', dark: 'Too dark', light: 'Too light', low_information: 'Nearly one colour', odd_size: 'Odd size',
  odd_aspect: 'Odd shape',
};
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
    h('div', { class: 'facets-head' }, h('h2', {}, 'Filters'), clear, button('Close the filters', () => drawer(false),
      { shape: 'close', only: true })),
    facet('group', 'Groups', facts.groups.map((g) => ({
      value: String(g.number), label: groupName(g), count: g.count, extra: () => h('span', { class: 'facet-thumb' },
        small(g.medoid, '', true)),
    }))),
    facet('tag', 'Tags', facts.tags.map((t, nth) => ({
      value: t.name, label: t.name, count: t.count, extra: () => (nth < 5 ? h('kbd', { title: `Key ${nth + 1}` }, nth + 1) : null),
    }))),
    facet('label', 'Labels', plain(c.labels)), facet('split', 'Splits', plain(c.splits)), facet('folder', 'Folders', folders(c.folders)),
    facet('taken', 'Date taken', dates()), facet('quality', 'Faults',
      plain(c.quality).map((e) => ({ ...e, label: FAULTS[e.value] || e.value }))), duplicates(),
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
  const again = () => {
    draw();
    attempt(refresh);
  };
  watch((s, before) => { if (s.filter !== before.filter) again(); });
  facts.watch(again);
  watchCounts(setCounts);
  again();
}
