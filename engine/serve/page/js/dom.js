// Making and filling elements. Text always goes in as text: nothing here reads HTML.

// h makes an element. A property that starts with "on" is a listener, "class" a class, and another one an attribute; null and false leave
// it out.
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value == null || value === false) continue;
    if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else if (key === 'class') el.className = value;
    else if (key === 'value' || key === 'checked') el[key] = value;
    else el.setAttribute(key, value === true ? '' : value);
  }
  el.append(...children.flat().filter((c) => c != null && c !== false));
  return el;
}

export const byID = (id) => document.getElementById(id);

const SHAPES = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01',
  filter: 'M3 6h18M6 12h12M10 18h4',
  help: 'M9 9a3 3 0 1 1 4 2.8c-.7.4-1 1-1 1.7M12 17.5h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  group: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  map: 'M9 4L3 6.5v13L9 17l6 3 6-2.5v-13L15 7zM9 4v13M15 7v13',
  tag: 'M4 4h7l9 9-7 7-9-9zM8 8h.01',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  swap: 'M7 4L3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7',
  lasso: 'M12 4c5 0 8 2.500 8 6s-3 6-8 6-8-2.500-8-6 3-6 8-6zM7 15c-2 2 1 3 0 6',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
};

// icon is a drawing in the colour of the text around it, hidden from readers of the screen: the button has the words.
export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  for (const [k, v] of Object.entries({ viewBox: '0 0 24 24', width: 18, height: 18, class: 'icon', 'aria-hidden': 'true' })) {
    svg.setAttribute(k, v);
  }
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', SHAPES[name]);
  svg.append(path);
  return svg;
}

// button has words, or an icon whose words are its name and its tip.
export function button(words, onclick, { shape, key, quiet, pressed, disabled, only } = {}) {
  const tip = key ? `${words} (${key})` : words;
  return h('button', {
    type: 'button', onclick, class: only ? 'icon-button' : quiet ? 'quiet' : '', disabled, 'aria-label': only ? words : null,
    title: only || key ? tip : null, 'aria-pressed': pressed == null ? null : String(pressed), 'aria-keyshortcuts': key,
  }, shape ? icon(shape) : null, only ? null : h('span', {}, words));
}

// notice fills a view that has nothing to show: what is so, why, and what to do.
export function notice(title, text, ...more) {
  return h('div', { class: 'notice' }, h('h2', {}, title), text ? h('p', {}, text) : null, ...more);
}

// says tells readers of the screen what changed.
export function says(text) { byID('says').textContent = text; }
