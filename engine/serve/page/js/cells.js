// Points sorted into squares, so that the one nearest to a place is found without looking at all of them.

const SIDE = 256; // squares to a side of the map

export class Cells {
  // points are x, y and group as 16-bit numbers, one after the other.
  constructor(points) {
    this.points = points;
    const n = points.length / 3;
    this.start = new Uint32Array(SIDE * SIDE + 1);
    for (let i = 0; i < n; i++) this.start[this.square(i) + 1]++;
    for (let s = 0; s < SIDE * SIDE; s++) this.start[s + 1] += this.start[s];
    const next = this.start.slice();
    this.order = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.order[next[this.square(i)]++] = i;
  }

  square(i) { return (this.points[3 * i + 1] >> 8) * SIDE + (this.points[3 * i] >> 8); }

  // nearest is the number of the point nearest to x, y, from 0 to 1, within reach; -1 if there is none.
  nearest(x, y, reach) {
    const clip = (v) => Math.min(Math.max(Math.floor(v * SIDE), 0), SIDE - 1);
    let best = -1;
    let least = (reach * 65535) ** 2;
    for (let row = clip(y - reach); row <= clip(y + reach); row++) {
      const from = this.start[row * SIDE + clip(x - reach)];
      const to = this.start[row * SIDE + clip(x + reach) + 1];
      for (let k = from; k < to; k++) {
        const i = this.order[k];
        const d = (this.points[3 * i] - x * 65535) ** 2 + (this.points[3 * i + 1] - y * 65535) ** 2;
        if (d < least) { least = d; best = i; }
      }
    }
    return best;
  }
}
