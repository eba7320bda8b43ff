// The page that asks for the token, where the server wants one.
import { h } from './dom.js';

const KEY = 'udml-after-token';

// denied replaces the page. The address goes with the form to "/", which sets the cookie; where the page was is kept for after.
export function denied(why) {
  if (document.querySelector('.token')) return;
  const query = new URLSearchParams(location.search);
  if (query.size && !query.has('token')) sessionStorage.setItem(KEY, location.search);
  const input = h('input', { id: 'token', name: 'token', type: 'password', required: true, autocomplete: 'off', 'aria-describedby': 'token-why' });
  document.body.replaceChildren(h('main', { class: 'token' }, h('h1', {}, 'This collection needs a token'),
    h('p', { id: 'token-why' }, `${why} It is the value of --token with which udml-gpu serve was started.`),
    h('form', { action: './', method: 'get', class: 'line' }, h('label', { for: 'token', class: 'sr' }, 'Token'), input, h('button', { type: 'submit' }, 'Open'))));
  input.focus();
}

// back goes where the page was before the token was asked for.
export function back() {
  if (new URLSearchParams(location.search).has('token')) return; // a wrong one, which will be asked for again
  const search = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (search && !location.search) location.replace(location.pathname + search);
}
