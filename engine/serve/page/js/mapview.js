// The picture of the map: moving, zooming, finding the point under the pointer, the lasso.
import { Cells } from './cells.js';
import { painter } from './points.js';
import { h, says } from './dom.js';

const MARGIN = 0.04; // of the side, around the whole map
const REACH = 14; // pixels within which a point is under the pointer
const MOST_ZOOM = 400;
const dark = matchMedia('(prefers-color-scheme: dark)');

export class MapView {
  // hooks: open(n), inside(polygon, more), hover(n, x, y), says(n) for the words of a point.
  constructor(root, hooks) {
    Object.assign(this, { root, hooks, zoomed: 1, middle: [0.5, 0.5], lassoing: false, ringed: -1, pointers: new Map() });
    this.overlay = h('canvas', {
      class: 'overlay', tabindex: 0, role: 'application',
      'aria-label': 'Map of the images. Arrows move, plus and minus zoom, Enter opens the image at the cross.',
    });
    root.prepend(this.overlay);
    new ResizeObserver(() => this.resize()).observe(root);
    dark.addEventListener('change', () => this.soon());
    const on = (name, fn, options) => this.overlay.addEventListener(name, fn.bind(this), options);
    on('pointerdown', this.down);
    on('pointermove', this.move);
    on('pointerup', this.up);
    on('pointercancel', this.up);
    on('pointerleave', () => hooks.hover(-1));
    on('wheel', this.wheel, { passive: false });
    on('keydown', this.key);
    on('focus', () => this.soon());
    on('blur', () => this.soon());
  }

  load(points, marks) {
    this.canvas?.remove(); // a canvas keeps the kind of its first context, and the buffers of it
    this.canvas = h('canvas', { class: 'points', 'aria-hidden': 'true' });
    this.root.prepend(this.canvas);
    this.points = points;
    this.cells = new Cells(points);
    this.painter = painter(this.canvas, points, marks);
    if (this.kinds?.length === points.length / 3) this.painter.coloured(this.kinds);
    this.canvas.addEventListener('webglcontextlost', () => this.load(this.points, this.marks || marks), { once: true });
    this.resize();
  }

  marked(marks, byScore, fading) {
    Object.assign(this, { marks, byScore, fading });
    this.painter.marked(marks);
    this.soon();
  }

  coloured(kinds) {
    this.kinds = kinds;
    this.painter.coloured(kinds);
    this.soon();
  }

  resize() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!width || !height || !this.canvas) return;
    const ratio = Math.min(devicePixelRatio, 2);
    for (const c of [this.canvas, this.overlay]) {
      if (c.width !== Math.round(width * ratio)) c.width = Math.round(width * ratio);
      if (c.height !== Math.round(height * ratio)) c.height = Math.round(height * ratio);
    }
    Object.assign(this, { width, height, ratio });
    this.soon();
  }

  soon() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.draw(); }); }

  side() { return Math.min(this.width, this.height) * (1 - 2 * MARGIN) * this.zoomed; }
  corner() { return [this.width / 2 - this.middle[0] * this.side(), this.height / 2 - this.middle[1] * this.side()]; }
  toScreen([x, y]) { const [cx, cy] = this.corner(); return [cx + x * this.side(), cy + y * this.side()]; }
  toMap([x, y]) { const [cx, cy] = this.corner(); return [(x - cx) / this.side(), (y - cy) / this.side()]; }
  place(n) { return [this.points[3 * n] / 65535, this.points[3 * n + 1] / 65535]; }
  at(x, y) { return this.cells.nearest(...this.toMap([x, y]), REACH / this.side()); }

  draw() {
    if (!this.painter || !this.width) return;
    const [x, y] = this.corner();
    const r = this.ratio;
    const size = Math.min(Math.max(2.5, 220 / Math.sqrt(this.points.length / 3)), 6) * Math.min(Math.sqrt(this.zoomed), 4) * r;
    this.painter.draw({ x: x * r, y: y * r, side: this.side() * r, size, light: !dark.matches, byScore: this.byScore,
      fading: this.fading });
    const pen = this.overlay.getContext('2d');
    pen.setTransform(r, 0, 0, r, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    pen.strokeStyle = getComputedStyle(this.root).color;
    pen.lineWidth = 2;
    if (this.ringed >= 0) {
      pen.beginPath();
      pen.arc(...this.toScreen(this.place(this.ringed)), 9, 0, 7);
      pen.stroke();
    }
    if (this.overlay.matches(':focus-visible')) this.cross(pen);
    if (this.path) this.outline(pen);
  }

  cross(pen) {
    const [x, y] = [this.width / 2, this.height / 2];
    pen.beginPath();
    for (const [a, b] of [[-12, -4], [4, 12]]) {
      pen.moveTo(x + a, y); pen.lineTo(x + b, y);
      pen.moveTo(x, y + a); pen.lineTo(x, y + b);
    }
    pen.stroke();
  }

  outline(pen) {
    pen.beginPath();
    this.path.forEach((p) => pen.lineTo(...this.toScreen(p)));
    pen.closePath();
    pen.globalAlpha = 0.12;
    pen.fillStyle = pen.strokeStyle;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
  }

  ring(n, near) {
    this.ringed = n < this.points.length / 3 ? n : -1;
    if (this.ringed >= 0 && near) {
      const [x, y] = this.toScreen(this.place(n));
      if (x < 40 || y < 40 || x > this.width - 40 || y > this.height - 40) this.middle = this.place(n);
    }
    this.soon();
  }

  fit() {
    Object.assign(this, { zoomed: 1, middle: [0.5, 0.5] });
    this.soon();
  }

  // zoom keeps what is at x, y where it is.
  zoom(by, x = this.width / 2, y = this.height / 2) {
    const [mx, my] = this.toMap([x, y]);
    this.zoomed = Math.min(Math.max(this.zoomed * by, 0.5), MOST_ZOOM);
    const [nx, ny] = this.toMap([x, y]);
    this.middle = [this.middle[0] + mx - nx, this.middle[1] + my - ny];
    this.soon();
  }

  pan(dx, dy) {
    const clip = (v) => Math.min(Math.max(v, 0), 1);
    this.middle = [clip(this.middle[0] - dx / this.side()), clip(this.middle[1] - dy / this.side())];
    this.soon();
  }

  down(e) {
    this.overlay.setPointerCapture(e.pointerId);
    this.pointers.set(e.pointerId, [e.offsetX, e.offsetY]);
    this.moved = 0;
    this.hooks.hover(-1);
    if (this.pointers.size === 1 && (this.lassoing || e.shiftKey)) this.path = [this.toMap([e.offsetX, e.offsetY])];
    else this.path = null;
  }

  move(e) {
    const old = this.pointers.get(e.pointerId);
    if (!old) {
      if (e.pointerType !== 'touch') this.hooks.hover(this.at(e.offsetX, e.offsetY), e.offsetX, e.offsetY);
      return;
    }
    const now = [e.offsetX, e.offsetY];
    this.moved += Math.hypot(now[0] - old[0], now[1] - old[1]);
    if (this.path) {
      this.path.push(this.toMap(now));
      this.soon();
    } else if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== e.pointerId)[1];
      const span = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      this.zoom(span(now) / span(old), other[0], other[1]);
    } else this.pan(now[0] - old[0], now[1] - old[1]);
    this.pointers.set(e.pointerId, now);
  }

  up(e) {
    if (!this.pointers.delete(e.pointerId)) return;
    const { path } = this;
    this.path = null;
    this.soon();
    if (e.type === 'pointercancel') return;
    if (path && path.length > 2 && this.moved > 8) {
      const step = Math.ceil(path.length / 2000);
      this.hooks.inside(path.filter((_, at) => at % step === 0), e.ctrlKey || e.metaKey);
    } else if (this.moved < 5) {
      const n = this.at(e.offsetX, e.offsetY);
      if (n >= 0) this.hooks.open(n);
    }
  }

  wheel(e) {
    e.preventDefault();
    this.zoom(Math.exp(-e.deltaY * (e.deltaMode === 1 ? 0.05 : 0.0015)), e.offsetX, e.offsetY);
    this.hooks.hover(-1);
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const step = 60;
    const act = {
      ArrowLeft: () => this.pan(step, 0), ArrowRight: () => this.pan(-step, 0), ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      '+': () => this.zoom(1.3), '=': () => this.zoom(1.3), '-': () => this.zoom(1 / 1.3), 0: () => this.fit(),
      Enter: () => { const n = this.nearMiddle(); if (n >= 0) this.hooks.open(n); },
      x: () => this.hooks.inside([[0, 0], [this.width, 0], [this.width, this.height], [0, this.height]].map((p) => this.toMap(p)), false),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
    const n = this.nearMiddle();
    if (n >= 0 && e.key !== 'Enter' && e.key !== 'x') this.hooks.says(n).then((words) => words && says(words)).catch(() => {});
  }

  nearMiddle() { return this.cells.nearest(...this.middle, 3 * REACH / this.side()); }
}
