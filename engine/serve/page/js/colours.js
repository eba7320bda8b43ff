// What the colours and shapes of the points mean: a group, a label, a split, a tag, or the score of a search. The most frequent values have
// one of 8 colours, each with one of 4 shapes, so that no two have the same of both; the others have pale
// colours, and none is grey.
import * as api from './api.js';
import { facts, groupName } from './facts.js';

const MOST = 32; // values with a colour of their own
const NONE = 255;
const NO_VALUE = 65535;

export const NAMES = { group: 'Group', label: 'Label', split: 'Split', tag: 'Tag', score: 'Score' };
export const SHAPES = ['M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z', 'M1.5 1.5h9v9h-9z', 'M6 .3L11.7 6 6 11.7.3 6z', 'M6 1l5.5 10H.5z'];

// colourOf and shapeOf are those of the nth value.
export const colourOf = (nth) => nth % 8;
export const shapeOf = (nth) => (nth + Math.floor(nth / 8)) % 4;

// valuesOf are all values of a facet, each at the place by which the server names it.
function valuesOf(facet) {
  const { labels, splits } = facts.collection;
  if (facet === 'group') {
    const list = [];
    for (const g of facts.groups) list[g.number] = { value: String(g.number), label: groupName(g), count: g.count };
    return list;
  }
  return { label: labels, split: splits, tag: facts.tags }[facet].map((c) => ({ value: c.name, label: c.name, count: c.count }));
}

// choices are what the points can be coloured by; score first where there is a search.
export function choices(searching) {
  return [searching ? 'score' : '', ...['group', 'label', 'split',
    'tag'].filter((facet) => valuesOf(facet).some((v) => v?.count))].filter(Boolean);
}

// legend is the values with a colour, the most frequent first, and how many images have another one, or none.
export async function legend(facet, images) {
  const values = valuesOf(facet);
  const shown = values.map((v, at) => ({ ...v, at })).filter((v) => v.count).sort((a, b) => b.count - a.count || a.at - b.at);
  const kindOf = new Uint8Array(values.length).fill(NONE);
  shown.forEach((v, nth) => { kindOf[v.at] = nth < MOST ? nth : MOST + colourOf(nth); });
  const places = new Uint16Array(await api.values(facet));
  const kinds = new Uint8Array(images).fill(NONE);
  let [other, none] = [0, 0];
  for (let i = 0; i < images; i++) {
    if (places[i] !== NO_VALUE && places[i] < values.length) kinds[i] = kindOf[places[i]];
    if (kinds[i] === NONE) none++;
    else if (kinds[i] >= MOST) other++;
  }
  return { kinds, entries: shown.slice(0, MOST), others: Math.max(shown.length - MOST, 0), other, none };
}
