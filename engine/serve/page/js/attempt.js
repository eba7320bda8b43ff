// What a button starts: an error becomes a line that says why.
import { aborted } from './api.js';
import { banner, unbanner } from './banner.js';

export async function attempt(work) {
  unbanner('failed');
  try {
    return await work();
  } catch (err) {
    if (!aborted(err)) banner('failed', err.message, { bad: true });
    return undefined;
  }
}
