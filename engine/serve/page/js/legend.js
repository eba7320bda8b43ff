// The legend of the map: what the colours and shapes mean. An entry filters by its value; what does not pass is dimmed.
import { current, toggle } from './state.js';
import { facts } from './facts.js';
import { countOf, watch as watchCounts } from './counts.js';
import { colourOf, NAMES, shapeOf, SHAPES } from './colours.js';
import { h } from './dom.js';
import { number, score } from './format.js';

const phone = matchMedia('(max-width: 640px)');

function swatch(nth) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  for (const [k, v] of Object.entries({ viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true',
    class: nth < 0 ? 'swatch grey' : `swatch colour-${colourOf(nth)}` })) {
    svg.setAttribute(k, v);
  }
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', SHAPES[nth < 0 ? 0 : shapeOf(nth)]);
  svg.append(path);
  return svg;
}

export class Legend {
  constructor() {
    this.list = h('div', { class: 'legend-list' });
    this.title = h('summary', {});
    this.el = h('details', { class: 'legend', hidden: true, open: !phone.matches }, this.title, this.list);
    watchCounts(() => this.counts());
  }

  // show lists the values of a facet.
  show(facet, { entries, others, other, none }) {
    this.facet = facet;
    this.el.hidden = false;
    this.title.textContent = NAMES[facet];
    this.list.replaceChildren(...entries.map((e, nth) => h('button', {
      type: 'button', class: 'legend-entry', 'data-value': e.value, 'data-whole': e.count, title: e.label,
      onclick: () => toggle(facet, e.value),
    }, swatch(nth), h('span', { class: 'facet-name' }, e.label), h('span', { class: 'facet-count' }))),
    ...[other ? [`${number(others)} others, paler`, other] : null, none ? ['None', none] : null].filter(Boolean).map(([label, n]) =>
      h('div', { class: 'legend-entry' }, swatch(-1), h('span', { class: 'facet-name' }, label),
        h('span', { class: 'facet-count' }, number(n)))));
    this.counts();
  }

  counts() {
    if (!this.facet) return;
    const chosen = current().filter[this.facet];
    for (const b of this.list.querySelectorAll('button')) {
      const n = countOf(this.facet, b.dataset.value, Number(b.dataset.whole));
      b.setAttribute('aria-pressed', String(chosen.includes(b.dataset.value)));
      b.classList.toggle('faded', n === 0 || (chosen.length > 0 && !chosen.includes(b.dataset.value)));
      b.querySelector('.facet-count').textContent = number(n);
    }
  }

  // score shows the scale from the least to the largest score.
  score(least, most, scored) {
    this.facet = '';
    this.el.hidden = false;
    this.title.textContent = NAMES.score;
    this.list.replaceChildren(h('div', { class: 'ramp', 'aria-hidden': 'true' }),
      h('div', { class: 'ramp-ends' }, h('span', {}, score(least)), h('span', {}, score(most))),
      h('p', { class: 'hint' }, scored === facts.collection.images ? 'All images; more alike ones are larger'
        : `${number(scored)} images that pass the filters; more alike ones are larger`));
  }

  hide() { this.el.hidden = true; }
}
