"use strict";
// The life of a connection, step by step.

class Life {
  constructor(run, clockwork) {
    this.run = run;
    this.clients = run.clients;
    this.element = html("section", { className: "card", id: "life" });
    const select = html("select", { "aria-label": "Client" }, ...this.clients.map((client, index) =>
      html("option", { value: index }, `${client.group}, client ${client.client}`)));
    select.addEventListener("change", () => this.choose(Number(select.value)));
    this.strip = html("div", { className: "strip chart" });
    this.body = html("tbody");
    this.list = html("div", { className: "steps", tabIndex: 0, role: "listbox" }, html("table", {},
      html("thead", {}, html("tr", {}, ...["time", "connection", "event", "state", "then"].map((name) => html("th", {}, name)))), this.body));
    this.now = html("div", { className: "now" });
    this.element.append(
      html("header", {}, html("h2", {}, "The life of one connection"),
        html("span", { className: "unit" }, "arrow keys step"), html("span", { className: "right" }, select)),
      this.strip, html("div", { className: "life" }, this.list, this.now));
    this.list.addEventListener("keydown", (event) => {
      const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
      if (move === undefined) return;
      event.preventDefault();
      this.go(this.place + move);
    });
    clockwork.charts.push({ draw: () => this.drawStrip(clockwork.range), cross: () => {} });
    this.clockwork = clockwork;
    new ResizeObserver(() => this.drawStrip(clockwork.range)).observe(this.strip);
    const followed = this.clients.findIndex((client) => run.violation && client.client === run.violation.client);
    select.value = Math.max(followed, 0);
    this.choose(Math.max(followed, 0));
  }

  choose(index) {
    this.steps = this.clients[index].steps;
    this.isCut = this.clients[index].isCut;
    this.rows = this.steps.map((step, number) => {
      const row = html("tr", {}, html("td", { className: "mono" }, timeText(step.at, 0.001)), html("td", { className: "mono" }, step.connection),
        html("td", {}, step.event), html("td", {}, stateLabel(step.after)), html("td", { className: "observed" }, step.action));
      row.addEventListener("click", () => this.go(number));
      return row;
    });
    this.body.replaceChildren(...this.rows);
    this.place = 0;
    this.go(0);
    this.drawStrip(this.clockwork.range);
  }

  go(place) {
    if (!this.steps.length) return;
    this.rows[this.place].removeAttribute("aria-selected");
    this.place = Math.min(Math.max(place, 0), this.steps.length - 1);
    const row = this.rows[this.place];
    row.setAttribute("aria-selected", "true");
    const top = row.offsetTop - 30;
    if (top < this.list.scrollTop || row.offsetTop + 30 > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = Math.max(top - 80, 0);
    const step = this.steps[this.place];
    const button = (text, move, label) => {
      const control = html("button", { title: label, "aria-label": label, disabled: move < 0 ? this.place === 0 : this.place === this.steps.length - 1 }, text);
      control.addEventListener("click", () => this.go(this.place + move));
      return control;
    };
    const before = this.place ? this.steps[this.place - 1].at : 0;
    this.now.replaceChildren(
      html("div", {}, html("div", { className: "time mono" }, timeText(step.at, 0.001)),
        html("div", { className: "hint" }, this.place ? `${latencyText((step.at - before) * 1e6)} after the step before` : "the first step")),
      html("div", { className: "event" }, step.event),
      html("div", { className: "path" }, stateLabel(step.before), ...(step.before === step.after ? [] : ["→", stateLabel(step.after)])),
      html("div", { className: "action" }, step.action || "nothing more"),
      html("div", { className: "hint" }, `loop ${step.loop}, connection ${step.connection}`),
      html("div", { className: "controls" }, button("‹", -1, "Step back"), button("›", 1, "Step on"),
        html("span", { className: "hint" }, `${this.place + 1} of ${count.format(this.steps.length)}${this.isCut ? ", the first of more" : ""}`)));
    if (this.needle && this.x) {
      this.needle.setAttribute("x1", this.x(step.at));
      this.needle.setAttribute("x2", this.x(step.at));
    }
  }

  // The states of the connection as a band over time.
  drawStrip(range) {
    const width = this.strip.clientWidth;
    if (!width || !this.steps) return;
    const [from, to] = range;
    const height = 40;
    this.x = (time) => ((Math.min(Math.max(time, from), to) - from) / (to - from || 1)) * width;
    const root = svg("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "States over time" });
    svg("rect", { x: 0, y: 6, width, height: 18, rx: 4, fill: "var(--faint)" }, root);
    this.steps.forEach((step, index) => {
      if (step.after === "freed") return;
      const next = this.steps[index + 1];
      const end = next ? next.at : this.isCut ? step.at : to;
      if (end < from || step.at > to) return;
      svg("rect", { x: this.x(step.at), y: 6, width: Math.max(this.x(end) - this.x(step.at), 0.8), height: 18, fill: `var(--state-${step.after})` }, root);
    });
    const axis = svg("g", { class: "axis" }, root);
    const distance = niceStep(to - from, width / 130, timeSteps);
    for (let time = Math.ceil(from / distance) * distance; time <= to; time += distance) {
      const x = this.x(time);
      svg("text", { x, y: 38, "text-anchor": x > width - 30 ? "end" : x < 30 ? "start" : "middle" }, axis).textContent = timeText(time, distance);
    }
    this.needle = svg("line", { y1: 1, y2: 29, stroke: "var(--ink)", "stroke-width": 2 }, root);
    root.addEventListener("pointerdown", (event) => {
      const time = from + ((event.clientX - root.getBoundingClientRect().left) / width) * (to - from);
      const place = this.steps.findIndex((step) => step.at > time);
      this.go(place < 0 ? this.steps.length - 1 : place - 1);
    });
    this.strip.replaceChildren(root);
    this.strip.dataset.drawn = "yes";
    const step = this.steps[this.place];
    if (step) { this.needle.setAttribute("x1", this.x(step.at)); this.needle.setAttribute("x2", this.x(step.at)); }
  }
}

function stateLabel(name) {
  return html("span", { className: "state" }, html("i", { style: `background:var(--state-${name})` }), name);
}
