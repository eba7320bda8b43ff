// The facet of dates: years, the months of those that are chosen, and the images without a date.
import { current, refilter } from './state.js';
import { facts } from './facts.js';
import { h } from './dom.js';

const NONE = 'none';
const monthName = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' });
const yearOf = (value) => value.slice(0, 4);
const isMonth = (value) => value.length === 7;

// toggleYear takes a year with all its months in or out.
function toggleYear(year) {
  const list = current().filter.taken;
  const rest = list.filter((v) => v === NONE || yearOf(v) !== year);
  refilter('taken', rest.length < list.length ? rest : [...list, year]);
}

// toggleMonth narrows a year to months; without any of them it is the whole year again.
function toggleMonth(month) {
  const year = yearOf(month);
  const list = current().filter.taken.filter((v) => v !== year);
  const next = list.includes(month) ? list.filter((v) => v !== month) : [...list, month];
  if (!next.some((v) => yearOf(v) === year)) next.push(year);
  refilter('taken', next);
}

// entries are the rows of the facet; none where no image has a date.
export function dates() {
  const list = facts.collection.taken;
  if (!list.some((c) => c.name !== NONE)) return [];
  const chosen = current().filter.taken;
  const out = [];
  for (const { name, count } of list) {
    if (name === NONE) out.push({ value: NONE, label: 'No date', count });
    else if (!isMonth(name)) {
      const months = chosen.some((v) => isMonth(v) && yearOf(v) === name);
      out.push({ value: name, label: name, count, on: chosen.includes(name), part: months, toggle: () => toggleYear(name) });
    } else if (chosen.some((v) => v !== NONE && yearOf(v) === yearOf(name))) {
      out.push({
        value: name, label: monthName.format(new Date(`${name}-01T00:00:00Z`)),
        full: `${monthName.format(new Date(`${name}-01T00:00:00Z`))} ${yearOf(name)}`,
        count, on: chosen.includes(name), toggle: () => toggleMonth(name),
        extra: () => h('span', { class: 'pad month', 'aria-hidden': 'true' }),
      });
    }
  }
  return out;
}
