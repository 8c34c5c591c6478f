"use strict";
// Charts over the time of a simulation, drawn as SVG. All charts of a page share one range of time and one cross.

const svgNamespace = "http://www.w3.org/2000/svg";

function svg(name, attributes, parent) {
  const element = document.createElementNS(svgNamespace, name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (parent) parent.append(element);
  return element;
}

function html(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key in element && key !== "style") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const count = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

function countText(value) {
  return value >= 100000 ? short.format(value) : value >= 100 || Number.isInteger(value) ? count.format(Math.round(value)) : value.toFixed(value < 1 ? 2 : 1);
}

function byteText(value) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let index = 0;
  while (value >= 1024 && index < units.length - 1) { value /= 1024; index += 1; }
  return `${value >= 100 || index === 0 ? Math.round(value) : value.toFixed(1)} ${units[index]}`;
}

// Latencies, from microseconds.
function latencyText(value) {
  if (value <= 0) return "0";
  if (value < 1000) return `${Math.round(value)} µs`;
  if (value < 1e6) return `${trim(value / 1000)} ms`;
  return value < 6e7 ? `${trim(value / 1e6)} s` : timeText(value / 1e6);
}

function trim(value) { return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2); }

// A point of the simulation's time, from seconds.
function timeText(seconds, step = 1) {
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const places = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  const second = (rest % 60).toFixed(places).padStart(places ? places + 3 : 2, "0");
  return `${days ? `${days} d ` : ""}${two(rest / 3600)}:${two((rest / 60) % 60)}:${second}`;
}

// How long something took, from seconds.
function durationText(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const parts = [];
  for (const [name, size] of units) {
    const whole = name === "s" ? Math.round(seconds * 1000) / 1000 : Math.floor(seconds / size);
    if (whole >= 1 || (name === "s" && !parts.length)) parts.push(`${whole} ${name}`);
    seconds -= name === "s" ? 0 : whole * size;
  }
  return parts.slice(0, 2).join(" ");
}

// Distances of ticks that read well.
function niceStep(span, wanted, steps) {
  const rough = span / wanted;
  if (steps) return steps.find((step) => step >= rough) || steps[steps.length - 1] * Math.ceil(rough / steps[steps.length - 1]);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

const timeSteps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000];

class Clockwork {
  // What the charts of a page share.
  constructor(end) {
    this.end = end;
    this.range = [0, end];
    this.charts = [];
  }
  zoom(range) {
    this.range = range || [0, this.end];
    for (const chart of this.charts) chart.draw();
  }
  point(time) { for (const chart of this.charts) chart.cross(time); }
}

class Chart {
  // options: title, unit, series [{name, color, values, dashed}], times, isStacked, isLogarithmic, text(value), height, markers
  constructor(clockwork, options) {
    Object.assign(this, { height: 170, text: countText, markers: [] }, options);
    this.clockwork = clockwork;
    this.shown = this.series.filter((series) => series.values.some((value) => value > 0));
    this.box = html("div", { className: "chart" });
    this.legend = html("div", { className: "legend" });
    this.element = html("section", { className: "card" },
      html("header", {}, html("h2", {}, this.title), html("span", { className: "unit" }, this.unit)), this.box, this.legend);
    clockwork.charts.push(this);
    if (!this.shown.length) {
      this.box.append(html("p", { className: "empty" }, this.nothing || "Nothing of this happened."));
      this.legend.remove();
      this.box.dataset.drawn = "empty";
      return;
    }
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  draw() {
    if (!this.shown.length) return;
    const width = this.box.clientWidth;
    if (!width) return;
    this.left = 58;
    this.right = width - 8;
    this.top = this.markers.length ? 20 : 8;
    this.bottom = this.height - 22;
    const [from, to] = this.clockwork.range;
    this.x = (time) => this.left + ((time - from) / (to - from || 1)) * (this.right - this.left);
    this.first = Math.max(0, this.times.findIndex((time) => time >= from) - 1);
    const last = this.times.findIndex((time) => time > to);
    this.last = last < 0 ? this.times.length - 1 : last;
    const root = svg("svg", { height: this.height, viewBox: `0 0 ${width} ${this.height}`, role: "img", "aria-label": this.title });
    this.scale();
    this.axes(root, from, to);
    const clip = `clip-${Chart.next++}`;
    svg("rect", { x: this.left, y: 0, width: this.right - this.left, height: this.bottom }, svg("clipPath", { id: clip }, svg("defs", {}, root)));
    const plot = svg("g", { "clip-path": `url(#${clip})` }, root);
    if (this.isStacked) this.areas(plot); else this.lines(plot);
    this.notes(root, plot, from, to);
    this.crossLine = svg("line", { class: "cross", y1: this.top, y2: this.bottom, visibility: "hidden" }, root);
    this.listen(root);
    this.box.replaceChildren(root);
    this.box.dataset.drawn = "yes";
    this.cross(null);
  }

  scale() {
    let most = 0;
    let least = Infinity;
    for (let index = this.first; index <= this.last; index += 1) {
      let sum = 0;
      for (const series of this.shown) {
        const value = series.values[index];
        sum = this.isStacked ? sum + value : Math.max(sum, value);
        if (value > 0) least = Math.min(least, value);
      }
      most = Math.max(most, sum);
    }
    if (this.isLogarithmic) {
      const low = 10 ** Math.floor(Math.log10(Math.min(least, most) || 1));
      const high = Math.max(most * 1.2, low * 10);
      this.ticks = [];
      for (let tick = low; tick <= high; tick *= 10) this.ticks.push(tick);
      const size = Math.log(high / low);
      this.y = (value) => this.bottom - (Math.log(Math.max(value, low) / low) / size) * (this.bottom - this.top);
    } else {
      const step = Math.max(niceStep(most || 1, 4), this.least || 0);
      const high = Math.ceil((most || 1) / step) * step;
      this.ticks = [];
      for (let tick = 0; tick <= high + step / 2; tick += step) this.ticks.push(tick);
      this.y = (value) => this.bottom - (value / high) * (this.bottom - this.top);
    }
  }

  axes(root, from, to) {
    const group = svg("g", { class: "axis" }, root);
    for (const tick of this.ticks) {
      const y = this.y(tick);
      svg("line", { x1: this.left, x2: this.right, y1: y, y2: y, class: tick === 0 ? "base" : "" }, group);
      svg("text", { x: this.left - 8, y: y + 4, "text-anchor": "end" }, group).textContent = this.text(tick);
    }
    const step = niceStep(to - from, (this.right - this.left) / 110, timeSteps);
    for (let time = Math.ceil(from / step) * step; time <= to + step / 1000; time += step) {
      const x = this.x(time);
      const anchor = x > this.right - 30 ? "end" : x < this.left + 30 ? "start" : "middle";
      svg("text", { x, y: this.bottom + 16, "text-anchor": anchor }, group).textContent = timeText(time, step);
    }
  }

  // Gauges hold until the next sample, so areas have steps.
  areas(plot) {
    const base = new Float64Array(this.times.length);
    for (const series of this.shown) {
      const upper = [];
      const lower = [];
      for (let index = this.first; index <= this.last; index += 1) {
        const x = this.x(this.times[index]).toFixed(1);
        const next = this.x(index < this.last ? this.times[index + 1] : this.clockwork.range[1]).toFixed(1);
        const low = this.y(base[index]).toFixed(1);
        base[index] += series.values[index];
        const high = this.y(base[index]).toFixed(1);
        upper.push(`${x},${high}L${next},${high}`);
        lower.push(`${next},${low}L${x},${low}`);
      }
      svg("path", { d: `M${upper.join("L")}L${lower.reverse().join("L")}Z`, fill: series.color }, plot);
    }
  }

  lines(plot) {
    const [from, to] = this.clockwork.range;
    for (const series of this.shown) {
      const points = [];
      let previous = -Infinity;
      for (let index = this.first; index <= this.last; index += 1) {
        const value = series.values[index];
        // A latency of nothing is no latency: the line goes on at the next one, unless that is far away.
        if (this.isLogarithmic && value <= 0) continue;
        const time = this.times[index];
        const isFar = this.isLogarithmic && time - previous > (to - from) / 20;
        // A move alone draws nothing; with a round end, one of no length is a dot.
        const x = this.x(time).toFixed(1);
        points.push(index === this.first || isFar || previous < 0 ? `M${x},${this.y(value).toFixed(1)}h0` : `L${x},${this.y(value).toFixed(1)}`);
        previous = time;
      }
      const path = points.join("");
      if (this.isFilled) svg("path", { d: `${path}L${this.x(this.times[this.last]).toFixed(1)},${this.bottom}L${this.x(this.times[this.first]).toFixed(1)},${this.bottom}Z`, fill: series.color, opacity: 0.15 }, plot);
      svg("path", { d: path, fill: "none", stroke: series.color, "stroke-width": 1.6, "stroke-linejoin": "round", "stroke-linecap": "round", ...(series.dashed ? { "stroke-dasharray": "5 3" } : {}) }, plot);
    }
  }

  // What the scenario lets happen at a time.
  notes(root, plot, from, to) {
    const group = svg("g", { class: "marker" }, root);
    let free = -Infinity;
    for (const marker of this.markers) {
      if (marker.at > to || (marker.end || marker.at) < from) continue;
      const x = Math.max(this.x(marker.at), this.left);
      if (marker.end) svg("rect", { x, y: this.top, width: Math.max(this.x(marker.end) - x, 1), height: this.bottom - this.top }, plot.appendChild(svg("g", { class: "marker" })));
      svg("line", { x1: x, x2: x, y1: this.top, y2: this.bottom }, group);
      if (x < free) continue;
      const text = svg("text", { x: x + 3, y: this.top - 6 }, group);
      text.textContent = marker.text;
      const width = marker.text.length * 5.6 + 10;
      if (x + width > this.right) { text.setAttribute("text-anchor", "end"); text.setAttribute("x", this.right); }
      free = x + width;
    }
  }

  // The values at a time; without one, the greatest of each series.
  cross(time) {
    if (!this.shown.length || !this.crossLine) return;
    let index = null;
    if (time !== null) {
      index = this.times.findIndex((other) => other > time);
      index = index < 0 ? this.times.length - 1 : Math.max(0, index - 1);
      const x = this.x(this.times[index]);
      this.crossLine.setAttribute("x1", x);
      this.crossLine.setAttribute("x2", x);
    }
    this.crossLine.setAttribute("visibility", time === null ? "hidden" : "visible");
    const step = this.clockwork.end / (this.times.length || 1);
    this.legend.replaceChildren(...this.shown.map((series) => {
      const value = index === null ? Math.max(...series.values) : series.values[index];
      const swatch = html("i", { style: `background:${series.color}` });
      return html("span", {}, swatch, series.name, html("b", {}, (index === null ? "≤ " : "") + this.text(value)));
    }), html("span", { className: "hint" }, index === null ? (this.hint || "") : timeText(this.times[index], step)));
  }

  listen(root) {
    const time = (event) => {
      const place = root.getBoundingClientRect();
      const [from, to] = this.clockwork.range;
      const part = (event.clientX - place.left - this.left) / (this.right - this.left);
      return from + Math.min(Math.max(part, 0), 1) * (to - from);
    };
    let start = null;
    let box = null;
    root.addEventListener("pointermove", (event) => {
      this.clockwork.point(time(event));
      if (start === null) return;
      const [low, high] = [start, time(event)].sort((one, other) => one - other);
      box = box || svg("rect", { class: "zoom", y: this.top, height: this.bottom - this.top }, root);
      box.setAttribute("x", this.x(low));
      box.setAttribute("width", this.x(high) - this.x(low));
    });
    root.addEventListener("pointerleave", () => this.clockwork.point(null));
    root.addEventListener("pointerdown", (event) => { if (event.button === 0) { start = time(event); root.setPointerCapture(event.pointerId); } });
    root.addEventListener("pointerup", (event) => {
      const range = start === null ? [0, 0] : [start, time(event)].sort((one, other) => one - other);
      start = null;
      if (box) box.remove();
      box = null;
      const [from, to] = this.clockwork.range;
      if (range[1] - range[0] > (to - from) / 100) this.clockwork.zoom(range);
    });
    root.addEventListener("dblclick", () => this.clockwork.zoom(null));
  }
}
Chart.next = 0;
