// Dialogs above the page. The browser keeps the focus in them and gives it back; where it was on an image that is not there any more, since
// an answer has come meanwhile, it goes to the image in its place.
import { button, h } from './dom.js';
import { focusGrid } from './images.js';

// dialog opens one; inside(close) makes what it holds. What it returns is the element.
export function dialog(title, inside, { wide } = {}) {
  const close = () => el.close();
  const from = document.activeElement?.closest('.cell');
  const closed = () => {
    el.remove();
    if (from && !from.isConnected) focusGrid();
  };
  const el = h('dialog', { class: wide ? 'wide' : '', 'aria-label': title, onclose: closed });
  el.append(h('div', { class: 'dialog-head' }, h('h2', {}, title), button('Close', close, { shape: 'close', only: true })),
    ...inside(close));
  el.addEventListener('click', (e) => { if (e.target === el) close(); });
  document.body.append(el);
  el.showModal();
  return el;
}

export const open = () => document.querySelector('dialog[open]') !== null;
