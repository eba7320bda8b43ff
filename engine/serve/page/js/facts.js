// What is known of the collection: its counts, groups and tags.
import * as api from './api.js';

const watchers = [];

export const facts = {
  collection: null, groups: [], method: '', tags: [],
  watch(fn) { watchers.push(fn); },
};

export const groupName = (g) => g.name || `Group ${g.number}`;
export const nameOfGroup = (n) => groupName(facts.groups.find((g) => g.number === n) || { number: n, name: '' });

// load asks for all of it; with reload, the server first opens what is on the disk now.
export async function load(reload = false) {
  facts.collection = await (reload ? api.reload() : api.collection());
  const [found, tagged] = await Promise.all([facts.collection.groups ? api.groups() : { groups: [], method: '' }, api.tags()]);
  facts.groups = found.groups;
  facts.method = found.method;
  facts.tags = tagged.tags;
  watchers.forEach((fn) => fn());
}

export function setTags(tags) {
  facts.tags = tags;
  watchers.forEach((fn) => fn());
}
