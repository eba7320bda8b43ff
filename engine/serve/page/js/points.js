// Draws the points of the map: with WebGL2, or as a density on a plain canvas where that is missing.

const VERTEX = `#version 300 es
in vec2 place; in float group; in vec2 mark;
uniform vec2 scale, shift; uniform float size, light, byScore, fading;
out vec4 color;
vec3 hsl(float h, float s, float l) {
  vec3 c = clamp(abs(mod(h * 6.0 + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0);
  return l + s * (c - 0.5) * (1.0 - abs(2.0 * l - 1.0));
}
void main() {
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  float state = mark.y; // 0 out of the filter, 1 within, 2 selected
  float l = mix(0.62, 0.42, light);
  vec3 c = group > 65534.5 ? vec3(mix(0.62, 0.45, light)) : hsl(fract(group * 0.61803399), 0.6, l + 0.09 * (mod(group, 3.0) - 1.0));
  float a = 0.85;
  if (byScore > 0.5) { c = mark.x > 0.0 ? hsl(mix(0.66, 0.08, mark.x / 255.0), 0.85, mix(0.6, 0.45, light)) : vec3(0.5); a = mark.x > 0.0 ? 0.95 : 0.25; }
  if (state < 0.5) { c = vec3(0.5); a = 0.12; }
  gl_PointSize = size;
  if (state > 1.5) { c = mix(vec3(1.0, 0.82, 0.25), vec3(0.85, 0.3, 0.0), light); a = 1.0; gl_PointSize = size + 2.0; }
  else if (fading > 0.5) a *= 0.7;
  color = vec4(c * a, a);
}`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec4 color; out vec4 o;
void main() { float d = length(gl_PointCoord - 0.5); if (d > 0.5) discard; o = color * smoothstep(0.5, 0.38, d); }`;

function program(gl) {
  const p = gl.createProgram();
  for (const [type, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const s = gl.createShader(type);
    gl.shaderSource(s, text);
    gl.compileShader(s);
    gl.attachShader(p, s);
  }
  ['place', 'group', 'mark'].forEach((name, at) => gl.bindAttribLocation(p, at, name));
  gl.linkProgram(p);
  return gl.getProgramParameter(p, gl.LINK_STATUS) ? p : null;
}

// marks holds two bytes for each point: its score from 0 to 255, and whether it is out of the filter (0), within (1) or selected (2).
class ByGPU {
  constructor(canvas, gl, p, points, marks) {
    Object.assign(this, { canvas, gl, n: points.length / 3 });
    const at = (name) => gl.getUniformLocation(p, name);
    this.at = Object.fromEntries(['scale', 'shift', 'size', 'light', 'byScore', 'fading'].map((name) => [name, at(name)]));
    gl.useProgram(p);
    const buffer = (data, usage) => {
      const b = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, b);
      gl.bufferData(gl.ARRAY_BUFFER, data, usage);
      return b;
    };
    buffer(points, gl.STATIC_DRAW);
    gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 6, 0);
    gl.vertexAttribPointer(1, 1, gl.UNSIGNED_SHORT, false, 6, 4);
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
    gl.drawArrays(gl.POINTS, 0, this.n);
  }
}

const STEP = 3; // pixels to a side of a square of the density

class ByDensity {
  constructor(canvas, points, marks) { Object.assign(this, { canvas, points, marks, pen: canvas.getContext('2d') }); }

  marked(marks) { this.marks = marks; }

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
