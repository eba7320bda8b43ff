// Tags: the keys 1 to 5, and the dialog that gives one or takes it away.
import * as api from './api.js';
import { facts, setTags } from './facts.js';
import { again } from './images.js';
import { refresh } from './detail.js';
import { current } from './state.js';
import { attempt } from './attempt.js';
import { dialog } from './dialog.js';
import { button, h, says } from './dom.js';
import { count, number } from './format.js';

const KEYS = 5;

async function give(tag, ids, remove) {
  const got = await attempt(() => api.tag({ tag, ids, remove }));
  if (!got) return;
  setTags(got.tags);
  says(`${count(ids.length, 'image')} ${remove ? 'without' : 'with'} the tag ${tag}`);
  refresh();
  if (current().filter.tag.length) again();
}

// byKey gives the images the tag of a key from 1 to 5, or takes it away where all of them have it.
export async function byKey(key, items) {
  const tag = facts.tags[key - 1]?.name;
  if (!tag || key > KEYS) return tagDialog(items);
  const ids = items.map((i) => i.id);
  const have = await attempt(() => api.selection({ ids, filter: { tag: [tag] }, limit: 0 }));
  return have && give(tag, ids, have.total === ids.length);
}

export function tagDialog(items) {
  const ids = items.map((i) => i.id);
  const input = h('input', { type: 'text', maxlength: 100, required: true, autocomplete: 'off', 'aria-label': 'Tag',
    placeholder: 'A new tag, or one of these' });
  const box = dialog(`Tag ${count(ids.length, 'image')}`, (close) => {
    const send = (tag, remove) => { close(); give(tag, ids, remove); };
    const form = h('form', { class: 'line', onsubmit: (e) => {
      e.preventDefault();
      const tag = input.value.trim();
      if (tag) send(tag, false);
    } }, input, h('button', { type: 'submit' }, 'Add'));
    const list = facts.tags.map((t) => h('div', { class: 'tag-row' }, h('span', { class: 'facet-name' }, t.name),
      h('span', { class: 'facet-count' }, number(t.count)), button('Add', () => send(t.name, false), { quiet: true }),
      button('Remove', () => send(t.name, true), { quiet: true })));
    return [form, h('div', { class: 'tag-rows' }, ...list), h('p', { class: 'hint' },
      'Tags are kept in the collection. The keys 1 to 5 give the first five.')];
  });
  for (const [at, b] of [...box.querySelectorAll('.tag-row button')].entries()) {
    b.setAttribute('aria-label', `${b.textContent} ${facts.tags[Math.floor(at / 2)].name}`);
  }
  input.focus();
}
