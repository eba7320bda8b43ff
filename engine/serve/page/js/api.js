// Requests to the server: /v1 of openapi.yaml. A request that the network loses waits until the server is back, and is then made again.

export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

const listeners = { gone: [], back: [], denied: [] };
export function on(what, fn) { listeners[what].push(fn); }
const tell = (what, value) => listeners[what].forEach((fn) => fn(value));

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let waiting = null; // resolved when the server is back

async function untilBack() {
  for (let wait = 500; ; wait = Math.min(wait * 1.5, 4000)) {
    await pause(wait);
    try {
      if ((await fetch('./readyz', { cache: 'no-store' })).ok) break;
    } catch { /* still gone */ }
  }
  waiting = null;
  tell('back');
}

function gone() {
  if (!waiting) {
    tell('gone');
    waiting = untilBack();
  }
  return waiting;
}

async function reason(response) {
  try {
    return (await response.json()).error || response.statusText;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

async function once(path, options) {
  for (;;) {
    if (waiting) await waiting;
    options.signal?.throwIfAborted();
    try {
      return await fetch('./' + path, options);
    } catch (err) {
      if (err.name === 'AbortError') throw err;
      await gone();
    }
  }
}

async function request(path, options = {}) {
  for (let tries = 1; ; tries++) {
    const response = await once(path, options);
    if (response.ok) return response;
    const why = await reason(response);
    if (response.status === 429 && tries < 6) {
      await pause(300 * tries);
      continue;
    }
    if (response.status === 401) tell('denied', why);
    throw new Refused(response.status, why);
  }
}

// body reads what an answer holds; a connection that breaks within it counts as a lost request.
async function body(path, options, read) {
  for (;;) {
    const response = await request(path, options);
    try {
      return await response[read]();
    } catch (err) {
      if (err.name === 'AbortError') throw err;
      await gone();
    }
  }
}

const post = (value, signal) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value), signal });

function parameters(values) {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one != null && one !== '') out.append(key, one);
  }
  return out;
}

export const collection = () => body('v1/collection', { cache: 'no-store' }, 'json');
export const reload = () => body('v1/reload', { method: 'POST' }, 'json');
export const items = (query, signal) => body('v1/items?' + parameters(query), { signal }, 'json');
export const facets = (query, signal) => body('v1/facets?' + parameters(query), { signal }, 'json');
export const item = (id, signal) => body('v1/items/' + encodeURIComponent(id), { signal }, 'json');
export const search = (query, signal) => body('v1/search', post(query, signal), 'json');
export const groups = () => body('v1/groups', {}, 'json');
export const duplicates = (query, signal) => body('v1/duplicates?' + parameters(query), { signal }, 'json');
export const map = () => body('v1/map', {}, 'arrayBuffer');
export const values = (of) => body('v1/map/values?of=' + of, {}, 'arrayBuffer');
export const scores = (query, signal) => body('v1/scores', post(query, signal), 'arrayBuffer');
export const tags = () => body('v1/tags', {}, 'json');
export const tag = (tagging) => body('v1/tags', post(tagging), 'json');
export const selection = (wanted, signal) => body('v1/selection', post(wanted, signal), 'json');
// chosen is the images of a selection by id and number alone, as {id, number}.
export async function chosen(wanted, signal) {
  const { ids, numbers } = await body('v1/selection?as=ids', post(wanted, signal), 'json');
  return ids.map((id, at) => ({ id, number: numbers[at] }));
}
export const exported = (wanted, as) => body('v1/selection?as=' + as, post(wanted), 'blob');

export function embed(file, signal) {
  return body('v1/embed', { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: file, signal }, 'json');
}

// aborted says whether an error only means that an answer was no longer wanted.
export const aborted = (err) => err.name === 'AbortError';
