import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../lib/ledger.js";

function delivered(ledger, ...offsets) {
  return offsets.map((offset) => ledger.arrived(offset, `e${offset}`));
}

test("repeats are told apart", () => {
  const ledger = new Ledger();
  assert.deepEqual(delivered(ledger, 1, 1), [{ repeated: false, gap: undefined }, { repeated: true, handled: false }]);
  ledger.handled(1, "e1");
  assert.equal(ledger.takeFloor(), 1);
  assert.equal(ledger.takeFloor(), null);
  assert.deepEqual(delivered(ledger, 1), [{ repeated: true, handled: true }]);
  assert.equal(ledger.takeFloor(), 1);
});

test("what is handled out of order goes by id", () => {
  const ledger = new Ledger();
  delivered(ledger, 1, 2, 3, 4);
  ledger.handled(3, "e3");
  ledger.handled(2, "e2");
  assert.equal(ledger.takeFloor(), null);
  assert.deepEqual(ledger.takeAhead(), ["e3", "e2"]);
  ledger.handled(1, "e1");
  assert.deepEqual([ledger.floor, ledger.takeFloor(), ledger.takeAhead()], [3, 3, []]);
});

test("gaps are told once, also ahead of the events before them", () => {
  const ledger = new Ledger();
  delivered(ledger, 1);
  assert.deepEqual(ledger.told(2, 4), { from: 2, to: 4 });
  assert.equal(ledger.told(2, 4), undefined);
  assert.deepEqual(ledger.told(3, 5), { from: 5, to: 5 });
  assert.deepEqual(ledger.told(8, 9), { from: 8, to: 9 });
  assert.equal(ledger.told(8, 9), undefined);
  assert.deepEqual(delivered(ledger, 6, 7, 10).map(({ gap }) => gap), [undefined, undefined, undefined]);
  assert.deepEqual(delivered(ledger, 12)[0].gap, { from: 11, to: 11 });
});

test("what is given back is taken once more", () => {
  const ledger = new Ledger();
  delivered(ledger, 1);
  ledger.giveBack(1);
  assert.deepEqual(delivered(ledger, 1, 1).map(({ repeated }) => repeated), [false, true]);
  ledger.handled(1, "e1");
  ledger.giveBack(1);
  assert.deepEqual(delivered(ledger, 1), [{ repeated: true, handled: true }]);
});

/** A small generator, so that a course that fails can be repeated. */
function generator(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % bound;
  };
}

test("against an outbox: each event is delivered once, in order, and acknowledged in the end", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const draw = generator(seed);
    const ledger = new Ledger();
    const [seen, inHand] = [[], []];
    let [last, cursor, outbox] = [0, 0, []];
    const hear = (offset) => {
      const { repeated, gap } = ledger.arrived(offset, offset);
      assert.equal(gap, undefined);
      if (!repeated) {
        seen.push(offset);
        inHand.push(offset);
      }
    };
    const sendNext = () => {
      const offset = outbox.find((one) => one > cursor);
      if (offset !== undefined) hear((cursor = offset));
    };
    const sendAgain = () => {
      const sent = outbox.filter((one) => one <= cursor);
      if (sent.length > 0) hear(sent[draw(sent.length)]);
    };
    const handle = () => {
      if (inHand.length === 0) return;
      const [offset] = inHand.splice(draw(Math.min(3, inHand.length)), 1);
      ledger.handled(offset, offset);
    };
    const acknowledge = (isLost) => {
      const floor = ledger.takeFloor() ?? 0;
      const ids = ledger.takeAhead();
      if (!isLost) outbox = outbox.filter((one) => one > floor && !ids.includes(one));
    };
    for (let step = 0; step < 300; step += 1) {
      const choice = draw(10);
      if (choice < 2) outbox.push((last += 1));
      else if (choice < 5) sendNext();
      else if (choice < 6) sendAgain();
      else if (choice < 8) handle();
      else if (choice < 9) acknowledge(draw(3) === 0);
      else {
        ledger.takeFloor();
        outbox = outbox.filter((one) => one > ledger.floor);
        cursor = ledger.floor;
      }
    }
    while (outbox.length > 0) {
      sendNext();
      sendAgain();
      handle();
      acknowledge(false);
    }
    assert.deepEqual(seen, Array.from({ length: last }, (_, index) => index + 1), `seed ${seed}`);
  }
});
