"use strict";
// Puts the page together from its data.

window.addEventListener("error", (event) => { document.documentElement.dataset.error = event.message; });

const report = JSON.parse(document.getElementById("data").textContent);
const words = { passed: "passed", missed: "an expectation failed", broken: "a rule broke" };

function tiles(run) {
  return html("div", { className: "tiles" }, ...run.figures.map((figure) => html("div", { className: "tile" },
    html("div", { className: "name" }, figure.name), html("div", { className: "value" }, figure.value), html("div", { className: "note" }, figure.note || "\u00a0"))));
}

function failure(run) {
  if (!run.violation) return null;
  const row = (name, value, isCode) => value ? [html("dt", {}, name), html("dd", {}, isCode ? html("code", {}, value) : value)] : [];
  return html("section", { className: "card failure" },
    html("p", { className: "text" }, run.violation.text),
    html("p", { className: "observed" }, `Rule ${run.violation.rule} broke at ${timeText(run.violation.at, 0.001)}, in step ${count.format(run.violation.step)}.`),
    html("dl", {}, ...row("repeat", run.violation.repeat, true), ...row("shrunk", run.violation.shrunk, true)));
}

function expectations(run) {
  if (!run.expectations.length) return null;
  return html("section", { className: "card" }, html("header", {}, html("h2", {}, "Expectations")),
    html("table", {}, html("tbody", {}, ...run.expectations.map((expectation) => html("tr", {},
      html("td", { className: `mark ${expectation.isMet ? "yes" : "no"}` }, expectation.isMet ? "✓" : "✗"),
      html("td", {}, expectation.text), html("td", { className: "observed number" }, expectation.observed))))));
}

function charts(run, clockwork) {
  const samples = run.samples;
  const seconds = run.sampleSeconds;
  const perSecond = (name) => samples[name].map((value) => value / seconds);
  const markers = run.markers;
  const make = (options) => new Chart(clockwork, { times: samples.at, markers, ...options }).element;
  const color = (number) => `var(--series-${number})`;
  return [
    make({
      title: "Connections by state", unit: "contexts of the server", isStacked: true, height: 250, least: 1,
      hint: "drag to zoom, double click for all",
      series: run.states.map((name, index) => ({ name, color: `var(--state-${name})`, values: samples.connections[index] })),
    }),
    make({
      title: "Connecting", unit: "per second", nothing: "Nobody connected.", series: [
        { name: "attempts", color: color(6), values: perSecond("attempts") }, { name: "opened", color: color(2), values: perSecond("opened") },
        { name: "refused", color: color(4), values: perSecond("refused") }, { name: "closed", color: color(5), values: perSecond("closed") },
      ],
    }),
    make({
      title: "Messages", unit: "per second", nothing: "Nobody said anything.", series: [
        { name: "received", color: color(1), values: perSecond("messages") }, { name: "responses", color: color(2), values: perSecond("responses") },
        { name: "events delivered", color: color(5), values: perSecond("events") },
      ],
    }),
    make({
      title: "Refusals", unit: "per second", nothing: "No message was refused, and nothing dropped.", series: [
        { name: "errors", color: color(4), values: perSecond("errors") }, { name: "rate limited", color: color(3), values: perSecond("rateLimited") },
        { name: "events dropped", color: color(5), values: perSecond("droppedEvents") },
        { name: "addresses and identities blocked, now", color: color(6), values: samples.blocked, dashed: true },
      ],
    }),
    make({
      title: "Send queues", unit: "bytes that wait for slow readers", text: byteText, isFilled: true, nothing: "No bytes waited for a reader.",
      series: [{ name: "waiting", color: color(3), values: samples.queuedBytes }],
    }),
    make({
      title: "Latency", unit: "logarithmic; of the samples between two points", text: latencyText, isLogarithmic: true, nothing: "Nothing was measured.", series: [
        { name: "response, median", color: color(1), values: samples.responseMedian }, { name: "response, p99", color: color(1), values: samples.responseP99, dashed: true },
        { name: "delivery, median", color: color(2), values: samples.deliveryMedian }, { name: "delivery, p99", color: color(2), values: samples.deliveryP99, dashed: true },
      ],
    }),
  ];
}

function latencies(run) {
  const rows = run.latencies.filter((latency) => latency.count);
  if (!rows.length) return null;
  const names = ["median", "p90", "p99", "p99.9", "greatest"];
  return html("section", { className: "card" }, html("header", {}, html("h2", {}, "Latency over the whole run"), html("span", { className: "unit" }, "a percentile is at most 1/16 too high")),
    html("table", {}, html("thead", {}, html("tr", {}, html("th", {}, ""), html("th", { className: "number" }, "count"), ...names.map((name) => html("th", { className: "number" }, name)))),
      html("tbody", {}, ...rows.map((latency) => html("tr", {}, html("td", {}, latency.name), html("td", { className: "number" }, count.format(latency.count)),
        ...latency.percentiles.map((value) => html("td", { className: "number" }, latencyText(value))))))));
}

function coverage(run) {
  const most = Math.max(1, ...run.coverage.flat().map((cell) => cell.count));
  const cell = (value, state, event) => {
    const [kind, text] = value.count ? [value.kind, short.format(value.count)] : value.kind === "impossible" ? ["impossible", "·"] : ["never", ""];
    const heat = value.count ? 0.12 + 0.6 * (Math.log(value.count + 1) / Math.log(most + 1)) : 0;
    const style = value.count ? `background:rgba(var(--heat),${heat.toFixed(2)})` : "";
    return html("td", { className: kind, style, title: `${state} × ${event}: ${value.count ? count.format(value.count) + " times" : "never"}\n${value.outcome}` }, text);
  };
  const pairs = run.coverage.flat().filter((value) => value.kind !== "impossible");
  const seen = pairs.filter((value) => value.count).length;
  return html("section", { className: "card" },
    html("header", {}, html("h2", {}, "What the state machine went through"),
      html("span", { className: "unit" }, `${seen} of ${pairs.length} pairs of state and event; ${run.transitions.taken} of ${run.transitions.all} transitions`)),
    html("div", { className: "coverage" }, html("table", {},
      html("thead", {}, html("tr", {}, html("th"), ...run.events.map((event) => html("th", {}, html("div", {}, html("span", {}, event)))))),
      html("tbody", {}, ...run.coverage.map((row, index) => html("tr", {}, html("th", {}, stateLabel(run.allStates[index])),
        ...row.map((value, column) => cell(value, run.allStates[index], run.events[column]))))))),
    html("div", { className: "key" },
      html("span", {}, html("i", { style: "background:rgba(var(--heat),.5)" }), "it came, so often"),
      html("span", {}, html("i", { style: "box-shadow:inset 0 0 0 1px var(--mute)" }), "it did not come"),
      html("span", {}, html("i", {}, "·"), "no driver can provoke it")),
    run.transitions.never.length ? html("p", { className: "hint", style: "margin-top:10px" }, `Transitions that were not taken: ${run.transitions.never.join(", ")}.`) : null);
}

function counts(title, rows, nothing) {
  const most = Math.max(1, ...rows.map((row) => row[1]));
  return html("section", { className: "card" }, html("header", {}, html("h2", {}, title)),
    rows.length ? html("table", { className: "bars" }, html("tbody", {}, ...rows.map(([name, value]) => html("tr", {},
      html("td", {}, name), html("td", { style: "width:38%" }, html("div", { className: "bar", style: `width:${(100 * value) / most}%` })),
      html("td", { className: "number" }, count.format(value)))))) : html("p", { className: "empty" }, nothing));
}

function configuration(run) {
  return html("section", { className: "card" }, html("details", {}, html("summary", {}, "The scenario, with the configuration under test"),
    html("pre", { className: "mono", style: "overflow-x:auto;margin:12px 0 0" }, run.source)));
}

// Until when there is something to see: after the goodbye a run waits for what nothing comes of.
function lively(run) {
  const isQuiet = (index) => run.samples.connections.every((state) => state[index] === 0) && run.samples.attempts[index] === 0;
  let last = run.samples.at.length - 1;
  while (last > 0 && isQuiet(last)) last -= 1;
  const end = run.samples.at[Math.min(last + 1, run.samples.at.length - 1)] * 1.02;
  return end > 0 ? Math.min(end, run.end) : run.end;
}

function show(index) {
  const run = report.runs[index];
  const clockwork = new Clockwork(run.end);
  clockwork.range = [0, lively(run)];
  const drawn = charts(run, clockwork);
  const life = run.clients.length ? new Life(run, clockwork).element : null;
  document.getElementById("run").replaceChildren(...[
    html("div", { className: "head" }, html("div", {}, html("div", { className: "kicker" }, `Simulation, seed ${run.seed}${run.isSwarm ? " of a swarm" : ""}`), html("h1", {}, run.name), html("p", { className: "about" }, run.description)),
      html("span", { className: `verdict ${run.verdict}` }, words[run.verdict])),
    tiles(run), failure(run), expectations(run), drawn[0], html("div", { className: "two" }, drawn[1], drawn[2]),
    html("div", { className: "two", style: "margin-top:14px" }, drawn[3], drawn[4]), drawn[5], latencies(run), life, coverage(run),
    html("div", { className: "two" }, counts("Faults that struck", run.faults, "No fault struck."), counts("Limits that were hit", run.limits, "No limit was hit.")),
    html("div", { className: "two", style: "margin-top:14px" }, counts("Connections that ended, by code", run.closeCodes, "No connection ended."), counts("Who took part", run.groups, "Nobody.")),
    configuration(run),
  ].filter((element) => element));
  for (const chart of clockwork.charts) chart.draw();
  document.title = `${run.name}: ${words[run.verdict]}`;
  for (const [place, button] of [...document.querySelectorAll(".runs button")].entries()) button.setAttribute("aria-pressed", String(place === index));
}

if (report.runs.length > 1) {
  document.querySelector("main").prepend(html("nav", { className: "runs", "aria-label": "Scenarios" }, ...report.runs.map((run, index) => {
    const button = html("button", {}, html("span", { className: `dot ${run.verdict}` }), run.name);
    button.addEventListener("click", () => show(index));
    return button;
  })));
}
document.getElementById("about").textContent = report.about;
show(0);
document.documentElement.dataset.ready = "yes";
