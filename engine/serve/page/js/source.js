// Where a grid has its images from: pages of a list that the server holds, or a list that is here.
import * as api from './api.js';

const PAGE = 120;
const MOST = 1000; // images that one request may ask for

// Pages is a list of the server's of which only what is looked at is fetched. Each entry is {item}.
export class Pages {
  // ask(offset, limit, signal) gives a part of the list, as GET /v1/items does; every() all of it, as {id, number}; arrived(first, end)
  // is told of entries that have come.
  constructor({ ask, every, arrived }) {
    this.ask = ask;
    this.all = every;
    this.arrived = arrived;
    this.total = 0;
    this.pages = new Map();
    this.loading = new Map();
  }

  get(at) { return this.pages.get(Math.floor(at / PAGE))?.[at % PAGE]; }

  async start(first = 0) {
    await this.load(Math.floor(first / PAGE), true);
  }

  // want fetches what of first to last is missing, and calls off what is no longer wanted.
  want(first, last) {
    const from = Math.floor(first / PAGE);
    const to = Math.floor(last / PAGE);
    for (const [page, control] of this.loading) if (page < from - 1 || page > to + 1) control.abort();
    for (let page = from; page <= to; page++) {
      if (!this.pages.has(page) && !this.loading.has(page)) this.load(page).catch(() => {});
    }
  }

  async load(page, needed) {
    const control = new AbortController();
    this.loading.set(page, control);
    try {
      const got = await this.ask(page * PAGE, PAGE, control.signal);
      this.total = got.total;
      this.pages.set(page, got.items.map((item) => ({ item })));
      if (!needed) this.arrived(page * PAGE, page * PAGE + got.items.length);
    } finally {
      if (this.loading.get(page) === control) this.loading.delete(page);
    }
  }

  stop() { for (const control of this.loading.values()) control.abort(); }

  async range(first, last) {
    const out = [];
    for (let at = first; at <= last; at += MOST) {
      const got = await this.ask(at, Math.min(MOST, last - at + 1));
      out.push(...got.items);
    }
    return out;
  }
}

// filtered is the images that a filter lets pass, in an order.
export function filtered(filter, order, arrived) {
  return new Pages({
    ask: (offset, limit, signal) => api.items({ ...filter, ...order, offset, limit }, signal), every: () => api.chosen({ filter }), arrived,
  });
}

// named is the images of those ids.
export function named(ids, arrived) {
  const ask = async (offset, limit, signal) => {
    const part = ids.slice(offset, offset + limit);
    return { total: ids.length, items: part.length ? (await api.selection({ ids: part }, signal)).items : [] };
  };
  return new Pages({ ask, every: () => api.chosen({ ids }), arrived });
}

// List is images that are here, each as {item, score}.
export class List {
  constructor(entries) {
    this.entries = entries;
    this.total = entries.length;
  }

  get(at) { return this.entries[at]; }
  want() {}
  stop() {}
  async range(first, last) { return this.entries.slice(first, last + 1).map((e) => e.item); }
  async all() { return this.entries.map((e) => e.item); }
}
