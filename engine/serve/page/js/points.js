// Draws the points of the map: with WebGL2, or as a density on a plain canvas where that is missing.

// The colours of values, in light and in dark, as the swatches in views.css: of any two, as usual eyes see them and as eyes
// without red, green or blue cones do (Machado, Oliveira and Fernandes 2009), the distance in CIELAB is 29 or more; the contrast to the
// ground is 3 or more. They were searched for at random.
const COLOURS = { light: ['#2392f7', '#e44a13', '#7a2a3f', '#5a3673', '#b67dac', '#8d0805', '#dc7166', '#1537b9'],
  dark: ['#726af9', '#d57619', '#24f8d2', '#fdd31f', '#ad7096', '#c4b0f4', '#a6ea86', '#2da665'] };
// The scale of scores, whose lightness changes steadily, so that it can be read without colours.
const RAMP = { light: ['#b4bccb', '#c8702a', '#571000'], dark: ['#4d5466', '#d97b2e', '#ffeaa6'] };
const GREY = { light: '#8a909c', dark: '#7d8492' };

const rgb = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);

const VERTEX = `#version 300 es
in vec2 place; in float kind; in vec2 mark;
uniform vec2 scale, shift; uniform float size, light, byScore, fading; uniform vec3 colours[8], ramp[3], grey;
out vec4 color; flat out int shape;
void main() {
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  float state = mark.y; // 0 out of the filter, 1 within, 2 selected
  int nth = int(kind + 0.5);
  bool known = nth < 32;
  // 32 to 39: of values without a colour of their own
  vec3 c = known ? colours[nth % 8] : nth < 40 ? mix(colours[nth % 8], grey, 0.6) : grey;
  shape = known ? (nth + nth / 8) % 4 : 0;
  float a = known ? 0.95 : 0.6;
  gl_PointSize = size;
  if (byScore > 0.5) {
    float s = mark.x / 255.0;
    c = s < 0.5 ? mix(ramp[0], ramp[1], s * 2.0) : mix(ramp[1], ramp[2], s * 2.0 - 1.0);
    a = 0.6 + 0.4 * s; shape = 0; gl_PointSize = size * (0.8 + 0.8 * s * s);
  }
  if (state < 0.5) { c = grey; a = 0.14; }
  if (state > 1.5) { c = mix(vec3(1.0, 0.82, 0.25), vec3(0.85, 0.3, 0.0), light); a = 1.0; gl_PointSize = size + 3.0; shape = 4; }
  else if (fading > 0.5) a *= 0.7;
  color = vec4(c * a, a);
}`;
// The shapes: disc, square, diamond, triangle, and the ring of what is selected. Squares and triangles are drawn smaller than discs.
const FRAGMENT = `#version 300 es
precision mediump float; in vec4 color; flat in int shape; out vec4 o;
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float d = length(p);
  if (shape == 1) d = max(abs(p.x), abs(p.y)) * 1.15;
  if (shape == 2) d = abs(p.x) + abs(p.y);
  if (shape == 3) d = max(p.y / 0.8, (1.89 * abs(p.x) - p.y) / 0.9);
  float a = smoothstep(1.0, 0.76, d);
  if (shape == 4) a *= smoothstep(0.2, 0.5, d);
  if (a <= 0.0) discard;
  o = color * a;
}`;

function program(gl) {
  const p = gl.createProgram();
  for (const [type, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const s = gl.createShader(type);
    gl.shaderSource(s, text);
    gl.compileShader(s);
    gl.attachShader(p, s);
  }
  ['place', 'kind', 'mark'].forEach((name, at) => gl.bindAttribLocation(p, at, name));
  gl.linkProgram(p);
  return gl.getProgramParameter(p, gl.LINK_STATUS) ? p : null;
}

// marks holds two bytes for each point: its score from 0 to 255, and whether it is out of the filter (0), within (1) or selected (2).
class ByGPU {
  constructor(canvas, gl, p, points, marks) {
    Object.assign(this, { canvas, gl, n: points.length / 3, inColour: true });
    const at = (name) => gl.getUniformLocation(p, name);
    this.at = Object.fromEntries(['scale', 'shift', 'size', 'light', 'byScore', 'fading', 'colours', 'ramp',
      'grey'].map((name) => [name, at(name)]));
    gl.useProgram(p);
    const buffer = (data, usage) => {
      const b = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, b);
      gl.bufferData(gl.ARRAY_BUFFER, data, usage);
      return b;
    };
    buffer(points, gl.STATIC_DRAW);
    gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 6, 0);
    this.kindBuffer = buffer(new Uint8Array(this.n).fill(255), gl.DYNAMIC_DRAW);
    gl.vertexAttribPointer(1, 1, gl.UNSIGNED_BYTE, false, 1, 0);
    this.markBuffer = buffer(marks, gl.DYNAMIC_DRAW);
    gl.vertexAttribPointer(2, 2, gl.UNSIGNED_BYTE, false, 2, 0);
    for (let i = 0; i < 3; i++) gl.enableVertexAttribArray(i);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  marked(marks) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.markBuffer);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, marks);
  }

  // coloured takes the kind of each point: the place of its value in the legend, a pale colour from 32 on, or 255, which is grey.
  coloured(kinds) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.kindBuffer);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, kinds);
  }

  // draw takes the pixel of the corner of the map and the pixels of its side.
  draw({ x, y, side, size, light, byScore, fading }) {
    const { gl, canvas, at } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(at.scale, (2 * side) / canvas.width, (-2 * side) / canvas.height);
    gl.uniform2f(at.shift, (2 * x) / canvas.width - 1, 1 - (2 * y) / canvas.height);
    gl.uniform1f(at.size, size);
    gl.uniform1f(at.light, light ? 1 : 0);
    gl.uniform1f(at.byScore, byScore ? 1 : 0);
    gl.uniform1f(at.fading, fading ? 1 : 0);
    const scheme = light ? 'light' : 'dark';
    gl.uniform3fv(at.colours, COLOURS[scheme].flatMap(rgb));
    gl.uniform3fv(at.ramp, RAMP[scheme].flatMap(rgb));
    gl.uniform3fv(at.grey, rgb(GREY[scheme]));
    gl.drawArrays(gl.POINTS, 0, this.n);
  }
}

const STEP = 3; // pixels to a side of a square of the density

class ByDensity {
  constructor(canvas, points, marks) { Object.assign(this, { canvas, points, marks, pen: canvas.getContext('2d'), inColour: false }); }

  marked(marks) { this.marks = marks; }

  coloured() {} // of many points in a square there is no one colour

  draw({ x, y, side, light, byScore }) {
    const { canvas, points, marks, pen } = this;
    const wide = Math.ceil(canvas.width / STEP);
    const high = Math.ceil(canvas.height / STEP);
    const count = new Uint16Array(wide * high);
    const best = new Uint8Array(wide * high); // the last state above "within", or the score
    for (let i = 0; i < points.length / 3; i++) {
      const col = Math.floor((x + (points[3 * i] / 65535) * side) / STEP);
      const row = Math.floor((y + (points[3 * i + 1] / 65535) * side) / STEP);
      if (col < 0 || row < 0 || col >= wide || row >= high || marks[2 * i + 1] === 0) continue;
      const c = row * wide + col;
      count[c]++;
      if (marks[2 * i + 1] === 2) best[c] = 255;
      else if (byScore && best[c] < 255) best[c] = Math.max(best[c], marks[2 * i] * 0.99);
    }
    const most = Math.log(1 + count.reduce((a, b) => Math.max(a, b), 1));
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (let c = 0; c < count.length; c++) {
      if (!count[c]) continue;
      const strength = 0.3 + 0.7 * (Math.log(1 + count[c]) / most);
      const hue = best[c] === 255 ? 30 : byScore && best[c] ? 235 - (best[c] / 255) * 200 : 225;
      pen.fillStyle = `hsl(${hue} ${best[c] ? 90 : 45}% ${light ? 75 - 35 * strength : 25 + 45 * strength}%)`;
      pen.fillRect((c % wide) * STEP, Math.floor(c / wide) * STEP, STEP, STEP);
    }
  }
}

// painter is what draws on a canvas, as well as the browser can.
export function painter(canvas, points, marks) {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true, alpha: true });
  const p = gl && program(gl);
  if (p) return new ByGPU(canvas, gl, p, points, marks);
  return new ByDensity(canvas, points, marks);
}
