// The slider of the duplicates: how alike near ones have to be at least.
import { current, update } from './state.js';
import { h } from './dom.js';
import { count, score } from './format.js';

const STEP = 0.005;
const PAUSE = 120; // milliseconds that the slider rests before the list follows

// threshold makes the slider. Its lowest place is the threshold that it was looked with, which needs no word in the address.
export function threshold() {
  const out = h('output', { class: 'score', 'aria-hidden': 'true' });
  const slider = h('input', { type: 'range', max: 1, step: STEP, id: 'similarity',
    'aria-label': 'Least similarity of images that are almost alike' });
  const el = h('label', { class: 'together threshold', for: 'similarity', title: 'Images that are almost alike: how much at least' },
    h('span', { class: 'hint' }, 'Alike by'), slider, out);
  let least = 0;
  let timer = 0;
  let moving = false; // the first move makes a place in the history, the rest of them change it
  const value = () => (slider.valueAsNumber <= Number(slider.min) ? null : Math.round(slider.valueAsNumber * 1e4) / 1e4);
  const label = () => { out.textContent = score(value() ?? least); };
  slider.addEventListener('input', () => {
    label();
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (value() === current().similarity) return;
      update({ similarity: value() }, { replace: moving });
      moving = true;
    }, PAUSE);
  });
  slider.addEventListener('blur', () => { moving = false; });
  return {
    el,
    // show sets the slider to what is listed.
    show(got) {
      least = got.threshold;
      el.hidden = got.near_pairs === 0;
      slider.min = Math.floor(least / STEP) * STEP;
      if (document.activeElement !== slider || value() === current().similarity) slider.value = current().similarity ?? slider.min;
      slider.setAttribute('aria-valuetext', `${score(got.similarity)}: ${count(got.total, 'group')}, ${count(got.images, 'image')}`);
      label();
    },
  };
}
