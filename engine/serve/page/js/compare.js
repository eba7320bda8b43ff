// Two pictures of a group of duplicates on top of each other, with an edge between them that can be moved.
import * as selection from './selection.js';
import { update } from './state.js';
import { dialog } from './dialog.js';
import { button, h } from './dom.js';
import { bytes, fileName, picture } from './format.js';

const line = (it) => `${fileName(it.path)}: ${it.width} × ${it.height} pixels, ${bytes(it.size)}`;

// compare shows an image of a group beside the one to keep; for the one to keep itself, beside the next.
export function compare(group, nth) {
  let at = nth || 1;
  let swapped = false;
  const over = h('img', { alt: '', draggable: 'false' });
  const under = h('img', { alt: '', draggable: 'false' });
  const edge = h('span', { class: 'edge', 'aria-hidden': 'true' });
  const pictures = h('div', { class: 'compare-pictures' }, under, over, edge);
  const slider = h('input', { type: 'range', min: 0, max: 100, value: 50, class: 'compare-slider',
    'aria-label': 'Edge between the two pictures' });
  const left = h('p', {});
  const right = h('p', {});
  const select = button('Select the other', () => { selection.toggle(group.items[at]); draw(); },
    { shape: 'check', quiet: true, pressed: false });
  const nthOf = h('span', { class: 'hint' });

  function cut() {
    over.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`;
    edge.style.left = `${slider.value}%`;
  }

  function draw() {
    const pair = [group.items[0], group.items[at]];
    const [a, b] = swapped ? [pair[1], pair[0]] : pair;
    pictures.style.aspectRatio = `${a.width} / ${a.height}`;
    pictures.style.setProperty('--ratio', a.width / a.height);
    if (over.dataset.id !== a.id) { over.src = picture(a.id); over.dataset.id = a.id; over.alt = a.path; }
    if (under.dataset.id !== b.id) { under.src = picture(b.id); under.dataset.id = b.id; under.alt = b.path; }
    left.textContent = `Left, ${swapped ? 'the other' : 'to keep'}: ${line(a)}`;
    right.textContent = `Right, ${swapped ? 'to keep' : 'the other'}: ${line(b)}`;
    select.setAttribute('aria-pressed', String(selection.has(pair[1].id)));
    nthOf.textContent = `${at} of ${group.items.length - 1}`;
    cut();
  }

  const swap = () => { swapped = !swapped; draw(); };
  const step = (by) => () => { at = Math.min(Math.max(at + by, 1), group.items.length - 1); draw(); };
  slider.addEventListener('input', cut);
  pictures.addEventListener('pointermove', (e) => {
    if (e.pointerType === 'touch' && !e.buttons) return;
    const box = pictures.getBoundingClientRect();
    slider.value = ((e.clientX - box.left) / box.width) * 100;
    cut();
  });
  const several = group.items.length > 2;
  const el = dialog('Compare', (close) => [h('div', { class: 'compare' }, pictures, slider,
    h('div', { class: 'compare-facts' }, left, right),
    h('div', { class: 'actions' }, button('Swap', swap, { shape: 'swap', key: 'Space' }), select,
      button('Details of the other', () => { close(); update({ open: group.items[at].id }); }, { quiet: true }),
      several ? button('Previous', step(-1), { shape: 'left', only: true }) : null, several ? nthOf : null,
      several ? button('Next', step(1), { shape: 'right', only: true }) : null))], { wide: true });
  el.addEventListener('keydown', (e) => {
    if (e.key !== ' ' || e.target.tagName === 'BUTTON') return;
    e.preventDefault();
    swap();
  });
  draw();
  slider.focus();
}
