// Keys that work everywhere but in fields of text.
import * as selection from './selection.js';
import { current, update } from './state.js';
import { focusedItem, focusGrid } from './images.js';
import { close, item as openItem, showGroup, showOnMap } from './detail.js';
import { drawer } from './facets.js';
import { example } from './query.js';
import { byKey } from './tags.js';
import { byID, h, icon } from './dom.js';
import * as dialogs from './dialog.js';

const KEYS = [
  ['Arrows, Page Up, Page Down, Home, End', 'Move among the images; with Shift, select on the way'],
  ['Enter', 'Open the image: its picture, its facts, and the images most like it'], ['s', 'Search for images like this one; more add up'],
  ['n', 'Not like this one'], ['g', 'The group of the image'], ['m', 'The image on the map'], ['x', 'Select, or take out of the selection'],
  ['1 to 5', 'Give the first five tags to the selection, or to the image; again takes them away'], ['/', 'Filter by path'],
  ['Escape', 'Close what is open; then clear the search'], ['Map: arrows, +, −, 0', 'Move and zoom'],
  ['Map: Enter, x', 'Open the image at the cross; select all that is on the screen'],
  ['Space, in a comparison', 'Swap the two pictures'], ['?', 'This help'],
];

export function help() {
  dialogs.dialog('Keys', () => [h('dl', { class: 'keys' }, ...KEYS.flatMap(([key, text]) => [h('dt', {}, h('kbd', {}, key)),
    h('dd', {}, text)])),
    h('p', { class: 'hint' }, 'With the mouse: Ctrl and a click selects, Shift and a click selects up to there. '
      + 'Drop or paste an image anywhere to search with it.')]);
}

// subject is the image that a key is about: the one that has the focus, else the one that is open.
const subject = () => focusedItem() || openItem();

function escape() {
  if (document.body.classList.contains('drawer')) return drawer(false);
  const s = current();
  if (s.open) return close();
  if (s.view === 'selected') return update({ view: 'images' });
  if (s.like.length || s.minus.length) return update({ like: [], minus: [] });
  return undefined;
}

const actions = {
  '/': () => { byID('path').focus(); byID('path').select(); },
  '?': help,
  Escape: escape,
  s: () => subject() && example('like', { id: subject().id }),
  n: () => subject() && example('minus', { id: subject().id }),
  g: () => subject() && showGroup(subject()),
  m: () => (subject() ? showOnMap(subject()) : update({ view: 'map' })),
  x: () => subject() && selection.toggle(subject()),
  Enter: () => focusedItem() && update({ open: focusedItem().id }, { replace: Boolean(current().open) }),
};

function tagKey(key) {
  const items = selection.size() ? selection.ids().map((id) => ({ id })) : [subject()].filter(Boolean);
  if (items.length) byKey(Number(key), items);
}

const typing = (el) => el.matches?.('input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]');

export function init() {
  const opener = byID('help-button');
  opener.append(icon('help'));
  opener.setAttribute('aria-label', 'Keys');
  opener.title = 'Keys (?)';
  opener.addEventListener('click', help);
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialogs.open()) return;
    if (typing(event.target)) {
      if (event.key === 'Escape') { event.target.blur(); focusGrid(); }
      if (event.key === 'ArrowDown' && event.target.id === 'path') { event.preventDefault(); focusGrid(); }
      return;
    }
    if (event.key === 'Enter' && !event.target.classList?.contains('cell')) return;
    if (/^[1-5]$/.test(event.key)) return void tagKey(event.key);
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
