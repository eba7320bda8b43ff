// A cell with a picture: the thumbnail, its mark, and below it the name or the score.
import * as selection from './selection.js';
import { current } from './state.js';
import { facts } from './facts.js';
import { h, icon } from './dom.js';
import { fileName, score, thumbnail } from './format.js';

const TRIES = 3;

const noPicture = () => h('span', { class: 'no-picture', title: 'There is no picture of this image' }, icon('image'));

// small is a thumbnail; one that does not come is asked for again, and then leaves a sign in its place.
export function small(id, alt, lazy) {
  if (facts.collection.pictures) return noPicture();
  const img = h('img', { alt, width: 256, height: 256, decoding: 'async', draggable: 'false', loading: lazy ? 'lazy' : null });
  let tries = 0;
  img.addEventListener('error', () => {
    if (!img.hasAttribute('src')) return;
    if (++tries >= TRIES) {
      img.replaceWith(noPicture());
      return;
    }
    setTimeout(() => { if (img.isConnected) img.src = `${thumbnail(id)}?try=${tries}`; }, 700 * tries);
  });
  img.addEventListener('load', () => img.classList.add('there'));
  img.src = thumbnail(id);
  return img;
}

// meter is a bar for a cosine on a scale that is always the same, from 0 to 1.
export function meter(value) {
  const fillBar = h('span', {});
  fillBar.style.width = `${Math.min(Math.max(value, 0), 1) * 100}%`;
  return h('span', { class: 'meter', 'aria-hidden': 'true' }, fillBar);
}

function foot(entry) {
  if (entry.score !== undefined) {
    const reranked = current().rerank;
    return h('div', { class: 'foot' }, h('span', { class: 'score' }, score(entry.score)), reranked ? null : meter(entry.score));
  }
  if (current().density === 'small') return null;
  return h('div', { class: 'foot name' }, h('span', {}, h('bdi', {}, fileName(entry.item.path))));
}

// fill puts an image into a cell; a picture that is there already stays, so that nothing flickers.
export function fill(cell, entry) {
  if (!entry) {
    if (cell.dataset.id !== '') cell.replaceChildren(h('div', { class: 'frame waiting' }));
    cell.dataset.id = '';
    cell.setAttribute('aria-label', 'Loading');
    return;
  }
  const { item } = entry;
  const chosen = selection.has(item.id);
  const spoken = entry.score === undefined ? item.path : `${item.path}, score ${score(entry.score)}`;
  if (cell.dataset.id !== item.id) {
    cell.dataset.id = item.id;
    const mark = h('span', { class: 'mark', title: 'Select (x)', 'aria-hidden': 'true' }, icon('check'));
    cell.replaceChildren(h('div', { class: 'frame' }, small(item.id, ''), mark), ...[foot(entry)].filter(Boolean));
    cell.title = item.path;
    cell.setAttribute('aria-label', spoken);
  }
  cell.setAttribute('aria-selected', String(chosen));
  cell.classList.toggle('open', current().open === item.id);
}
