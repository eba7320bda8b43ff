// How numbers and names are written.

const whole = new Intl.NumberFormat('en');

export const number = (n) => whole.format(n);
export const count = (n, one, many = one + 's') => `${number(n)} ${n === 1 ? one : many}`;
export const score = (s) => s.toFixed(3);
export const fileName = (path) => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = (path) => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

export function bytes(n) {
  if (n < 1000) return `${n} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let at = -1;
  do { n /= 1000; at++; } while (n >= 999.5 && at < units.length - 1);
  return `${n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

export const thumbnail = (id) => `./v1/items/${id}/thumbnail`;
export const picture = (id) => `./v1/items/${id}/image`;
