import { matchesFilter, matchesTopic } from "./matching.js";

/**
 * Events of one subscription, in their order, for one consumer: an async iterator. A guaranteed event is acknowledged
 * when the next one is asked for, or with `explicit` by its `acknowledge()`; one that never is comes again.
 */
export class Subscription {
  /** What the server calls it; undefined before it has answered. */
  id = undefined;
  /** While the server is being asked for it: its answer. */
  asking = undefined;
  /** Events that were dropped as too many waited; guaranteed ones never are. */
  dropped = 0;
  #explicit;
  #capacity;
  #end;
  #queue = []; // { event, settle }
  #waiters = [];
  #inHand = undefined;
  #isFinished = false;

  constructor(channel, request, { explicit, capacity, end }) {
    Object.assign(this, { channel, request });
    this.#explicit = explicit;
    this.#capacity = capacity;
    this.#end = end;
  }

  /** Ends it, here and at the server. What waits, or is in hand, is not acknowledged. */
  unsubscribe() {
    this.giveBack();
    for (const { settle } of this.#queue.splice(0)) settle?.(false);
    this.finish();
    return this.#end();
  }

  /** The next event. */
  next() {
    this.#inHand?.(true);
    this.#inHand = undefined;
    const item = this.#queue.shift();
    if (item) return Promise.resolve(this.#handOver(item));
    if (this.#isFinished) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** A loop that is left ends the subscription. */
  async return(value) {
    await this.unsubscribe();
    return { value, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  // For the client

  /** Whether an event is one of these. */
  wants({ channel, action, data }) {
    const { topic, filter } = this.request;
    return channel === this.channel && matchesTopic(topic, action) && (!filter || matchesFilter(filter, data));
  }

  /** @param {((handled: boolean) => void) | undefined} settle Of a guaranteed event: called once, at its end. */
  push(event, settle) {
    const item = { event, settle };
    const waiter = this.#waiters.shift();
    if (waiter) return waiter(this.#handOver(item));
    if (this.#queue.length >= this.#capacity) {
      const plain = this.#queue.findIndex((one) => one.settle === undefined);
      if (plain >= 0) {
        this.#queue.splice(plain, 1);
        this.dropped += 1;
      }
    }
    this.#queue.push(item);
  }

  #handOver({ event, settle }) {
    let isSettled = false;
    const once = settle && ((handled) => {
      if (!isSettled) settle(handled);
      isSettled = true;
    });
    if (!this.#explicit) this.#inHand = once;
    return { value: { ...event, acknowledge: () => once?.(true) }, done: false };
  }

  /** What the consumer has in hand will not be handled. */
  giveBack() {
    this.#inHand?.(false);
    this.#inHand = undefined;
  }

  /** No event comes any more; those that wait are still taken. */
  finish() {
    this.#isFinished = true;
    for (const waiter of this.#waiters.splice(0)) waiter({ value: undefined, done: true });
  }
}
