import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesFilter, matchesTopic } from "../lib/matching.js";

test("topics match by segments", () => {
  const cases = [
    ["job.done", "job.done", true], ["job.done", "job.done.x", false], ["job.*", "job.done", true],
    ["job.*", "job", false], ["job.*", "job.a.b", false], ["job.**", "job.a.b", true], ["job.**", "job", false],
    ["**", "a", true], ["**", "a.b.c", true], ["*", "a", true], ["*", "a.b", false], ["*.done", "job.done", true],
  ];
  for (const [topic, action, expected] of cases) assert.equal(matchesTopic(topic, action), expected, `${topic} ${action}`);
});

test("filters match as the protocol says", () => {
  const data = { n: 5, s: "é", t: true, z: null, o: { a: [1, { b: 2 }] } };
  const cases = [
    [{}, true], [{ n: 5 }, true], [{ n: 6 }, false], [{ n: "5" }, false], [{ missing: 1 }, false],
    [{ n: { gte: 5, lt: 6 } }, true], [{ n: { gt: 5 } }, false], [{ n: { lte: 4 } }, false], [{ n: { lt: "6" } }, false],
    [{ s: { gt: "z" } }, true], [{ s: { lt: "🦄" } }, true], [{ t: { gt: 0 } }, false], [{ z: null }, true],
    [{ n: { in: [1, 5] } }, true], [{ n: { in: [] } }, false], [{ n: { ne: 5 } }, false], [{ missing: { ne: 5 } }, true],
    [{ missing: { exists: false } }, true], [{ n: { exists: false } }, false], [{ z: { exists: true } }, true],
    [{ o: { eq: { a: [1, { b: 2 }] } } }, true], [{ o: { eq: { a: [1, { b: 3 }] } } }, false],
    [{ o: { eq: { a: [1] } } }, false], [{ n: 5, t: false }, false], [{ toString: { exists: true } }, false],
  ];
  for (const [filter, expected] of cases) assert.equal(matchesFilter(filter, data), expected, JSON.stringify(filter));
});

test("strings are compared by code point", () => {
  // U+FF5A comes before U+1F984, though its first UTF-16 unit is greater.
  assert.equal(matchesFilter({ s: { lt: "🦄" } }, { s: "ｚ" }), true);
});
