// A grid of equal cells of which only the rows on the screen exist. The cell with the focus stays in the document when its row leaves the
// screen.

const GAP = 8;
const MOST_HEIGHT = 4e6; // pixels; browsers clip longer pages, so beyond it one pixel of the bar stands for several of the grid
const SPARE = 2; // rows above and below the screen

export class Grid {
  // hooks: label; size() and caption(), pixels of a cell's width at least and of the text below its picture; fill(cell, index);
  // open(index, event); range(first, last), called when other cells come on the screen.
  constructor(box, hooks) {
    this.hooks = hooks;
    this.total = 0;
    this.focused = 0;
    this.columns = 1;
    this.rows = new Map();
    this.area = document.createElement('div');
    this.area.className = 'grid';
    this.area.setAttribute('role', 'grid');
    this.area.setAttribute('aria-label', hooks.label);
    this.area.setAttribute('aria-multiselectable', 'true');
    this.box = box;
    box.classList.add('scroll');
    box.append(this.area);
    box.addEventListener('scroll', () => this.soon(), { passive: true });
    new ResizeObserver(() => this.resize()).observe(box);
    this.area.addEventListener('click', (e) => this.clicked(e));
    this.area.addEventListener('keydown', (e) => this.key(e));
    this.area.addEventListener('focusin', (e) => this.took(e));
  }

  // set shows total cells, and the first of them at the top.
  set(total, first = 0) {
    const had = this.area.contains(document.activeElement);
    this.total = total;
    this.focused = Math.min(first, Math.max(total - 1, 0));
    this.clear();
    this.measure();
    this.box.scrollTop = this.columns ? (Math.floor(first / this.columns) * this.rowHeight) / this.scale : 0;
    this.render();
    if (had && total) this.focus(this.focused);
  }

  clear() {
    for (const row of this.rows.values()) this.drop(row);
    this.rows.clear();
  }

  measure() {
    const width = this.box.clientWidth - 2 * this.margin();
    if (width <= 0) return false;
    this.columns = Math.max(1, Math.floor((width + GAP) / (this.hooks.size() + GAP)));
    this.side = Math.floor((width - GAP * (this.columns - 1)) / this.columns);
    this.rowHeight = this.side + this.hooks.caption() + GAP;
    const lines = Math.ceil(this.total / this.columns);
    const height = lines * this.rowHeight + GAP;
    const shown = Math.min(height, MOST_HEIGHT);
    const view = this.box.clientHeight;
    this.scale = height > MOST_HEIGHT ? (height - view) / (shown - view) : 1;
    this.area.style.height = `${shown}px`;
    this.area.style.setProperty('--side', `${this.side}px`);
    this.area.style.setProperty('--columns', this.columns);
    this.area.setAttribute('aria-rowcount', lines);
    this.area.setAttribute('aria-colcount', this.columns);
    return true;
  }

  margin() { return Number.parseFloat(getComputedStyle(this.box).paddingLeft) || 0; }

  resize() {
    const first = this.first();
    const columns = this.columns;
    if (!this.measure()) return;
    if (columns !== this.columns) {
      const had = this.area.contains(document.activeElement);
      this.clear();
      this.box.scrollTop = (Math.floor(first / this.columns) * this.rowHeight) / this.scale;
      this.render();
      if (had) this.focus(this.focused);
      return;
    }
    this.render();
  }

  // first is the number of the first cell on the screen.
  first() { return this.rowHeight ? Math.floor((this.box.scrollTop * this.scale) / this.rowHeight) * this.columns : 0; }

  soon() {
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.render(); });
  }

  render() {
    if (!this.rowHeight || this.box.clientHeight === 0) return;
    const top = this.box.scrollTop * this.scale;
    const lines = Math.ceil(this.total / this.columns);
    const first = Math.max(0, Math.floor(top / this.rowHeight) - SPARE);
    const last = Math.min(lines - 1, Math.floor((top + this.box.clientHeight) / this.rowHeight) + SPARE);
    const kept = document.activeElement?.closest?.('.row');
    for (const [line, row] of this.rows) {
      if ((line < first || line > last) && row !== kept) {
        this.drop(row);
        this.rows.delete(line);
      }
    }
    for (let line = first; line <= last; line++) if (!this.rows.has(line)) this.rows.set(line, this.row(line));
    for (const [line, row] of this.rows) {
      row.style.transform = `translateY(${Math.round(line * this.rowHeight - top + this.box.scrollTop) + GAP}px)`;
    }
    if (last >= first) this.hooks.range?.(first * this.columns, Math.min((last + 1) * this.columns, this.total) - 1);
  }

  row(line) {
    const row = document.createElement('div');
    row.className = 'row';
    row.setAttribute('role', 'row');
    row.setAttribute('aria-rowindex', line + 1);
    for (let at = line * this.columns; at < Math.min((line + 1) * this.columns, this.total); at++) {
      const cell = document.createElement('div');
      cell.className = 'cell';
      cell.setAttribute('role', 'gridcell');
      cell.setAttribute('aria-colindex', (at % this.columns) + 1);
      cell.tabIndex = at === this.focused ? 0 : -1;
      cell.dataset.at = at;
      this.hooks.fill(cell, at);
      row.append(cell);
    }
    // In the order of the rows, which is the order in which readers of the screen come by.
    const next = [...this.rows.keys()].filter((l) => l > line).sort((a, b) => a - b)[0];
    this.area.insertBefore(row, next === undefined ? null : this.rows.get(next));
    return row;
  }

  // drop takes a row out and calls off what it still loads.
  drop(row) {
    for (const img of row.querySelectorAll('img')) img.removeAttribute('src');
    row.remove();
  }

  cell(at) { return this.area.querySelector(`[data-at="${at}"]`); }

  // refill fills the cells on the screen again, those that test lets pass.
  refill(test = () => true) {
    for (const cell of this.area.querySelectorAll('.cell')) {
      const at = Number(cell.dataset.at);
      if (test(at)) this.hooks.fill(cell, at);
    }
  }

  took(event) {
    const cell = event.target.closest('.cell');
    if (!cell) return;
    const old = this.cell(this.focused);
    if (old) old.tabIndex = -1;
    this.focused = Number(cell.dataset.at);
    cell.tabIndex = 0;
  }

  clicked(event) {
    const cell = event.target.closest('.cell');
    if (!cell) return;
    cell.focus({ preventScroll: true });
    this.hooks.open(Number(cell.dataset.at), event);
  }

  // show scrolls so far that a cell is on the screen.
  show(at) {
    const top = Math.floor(at / this.columns) * this.rowHeight;
    const now = this.box.scrollTop * this.scale;
    const view = this.box.clientHeight - this.rowHeight - GAP;
    if (top < now) this.box.scrollTop = top / this.scale;
    else if (top > now + view) this.box.scrollTop = (top - view) / this.scale;
    this.render();
  }

  focus(at) {
    if (!this.total) return;
    this.show(at);
    this.cell(at)?.focus({ preventScroll: true });
  }

  key(event) {
    if (event.altKey || event.metaKey || !event.target.classList.contains('cell')) return;
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.rowHeight)) * this.columns;
    const inRow = this.focused % this.columns;
    const to = {
      ArrowLeft: this.focused - 1, ArrowRight: this.focused + 1, ArrowUp: this.focused - this.columns,
      ArrowDown: this.focused + this.columns,
      PageUp: this.focused - page, PageDown: this.focused + page, Home: event.ctrlKey ? 0 : this.focused - inRow,
      End: event.ctrlKey ? this.total - 1 : this.focused - inRow + this.columns - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const at = Math.min(Math.max(to, 0), this.total - 1);
    // A step that would leave the grid stays where it is, but for the last row, which may be shorter.
    if (to < 0 && event.key === 'ArrowUp') return;
    const from = this.focused;
    this.focus(at);
    this.hooks.moved?.(at, event, from);
  }
}
