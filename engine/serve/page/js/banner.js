// Lines below the head of the page: the server is gone, the collection has changed, something went wrong.
import { button, byID, h } from './dom.js';

const shown = new Map();

// banner shows a line under a name, in place of the one that had the name, and returns what takes it away.
export function banner(name, text, { bad = false, actions = [], fixed = false } = {}) {
  shown.get(name)?.remove();
  const el = h('div', { class: `banner${bad ? ' bad' : ''}`, 'data-name': name }, h('span', {}, text), ...actions);
  const close = () => { if (shown.get(name) === el) { shown.delete(name); el.remove(); } };
  if (!fixed) el.append(button('Close this message', close, { shape: 'close', only: true }));
  shown.set(name, el);
  byID('banners').append(el);
  return close;
}

export function unbanner(name) {
  shown.get(name)?.remove();
  shown.delete(name);
}
