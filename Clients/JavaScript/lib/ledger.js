/**
 * Which guaranteed events of a session were delivered, handled and acknowledged.
 *
 * First sendings come in the order of offsets, so one number tells what arrived: everything up to `#highest` did, or was
 * given up. Of these, `#outstanding` is not handled yet.
 */
export class Ledger {
  #highest = 0;
  #outstanding = new Set(); // ascending, as they are added in order
  #returned = new Set(); // outstanding ones that nobody handles any more: taken once more when they come again
  #gaps = []; // told ahead of the events before them, ascending
  #acknowledged = 0; // the floor that the server was told
  #ahead = new Map(); // ids by offset: handled while an earlier one is not
  /** Handled since the last acknowledgement. */
  handledCount = 0;

  /** Everything up to here is handled, or will never be delivered. */
  get floor() {
    for (const first of this.#outstanding) return first - 1;
    return this.#highest;
  }

  get outstandingCount() {
    return this.#outstanding.size;
  }

  /** Whether there is something to tell the server. */
  get isDue() {
    return this.floor > this.#acknowledged || this.#ahead.size > 0;
  }

  /** What an offset that arrives is: `repeated` (and `handled`: to be acknowledged again), or new, perhaps after a gap. */
  arrived(offset, id) {
    if (offset <= this.#highest) {
      if (this.#returned.delete(offset)) return { repeated: false };
      if (this.#outstanding.has(offset)) return { repeated: true, handled: false };
      if (offset <= this.floor) this.#acknowledged = Math.min(this.#acknowledged, offset - 1);
      else this.#ahead.set(offset, id);
      return { repeated: true, handled: true };
    }
    const gap = offset > this.#highest + 1 ? { from: this.#highest + 1, to: offset - 1 } : undefined;
    this.#highest = offset;
    this.#outstanding.add(offset);
    this.#absorbGaps();
    return { repeated: false, gap };
  }

  /** Takes a gap that the server tells; returns what of it is news. */
  told(from, to) {
    const news = { from: Math.max(from, this.#highest + 1), to };
    if (news.from > to || this.#gaps.some((gap) => gap.from <= news.from && gap.to >= to)) return undefined;
    this.#gaps.push(news);
    this.#gaps.sort((left, right) => left.from - right.from);
    this.#absorbGaps();
    return news;
  }

  #absorbGaps() {
    while (this.#gaps.length > 0 && this.#gaps[0].from <= this.#highest + 1) {
      this.#highest = Math.max(this.#highest, this.#gaps.shift().to);
    }
  }

  /** The caller has handled an event. Once more does no harm. */
  handled(offset, id) {
    const { floor } = this;
    if (!this.#outstanding.delete(offset)) return;
    this.#returned.delete(offset);
    this.handledCount += 1;
    if (offset > floor + 1) this.#ahead.set(offset, id);
    const now = this.floor;
    for (const covered of this.#ahead.keys()) if (covered <= now) this.#ahead.delete(covered);
  }

  /** The caller will not handle an event that it was given. */
  giveBack(offset) {
    if (this.#outstanding.has(offset)) this.#returned.add(offset);
  }

  /** What was told may not have been heard. */
  forgetAcknowledged() {
    this.#acknowledged = 0;
  }

  /** The floor to tell, or null. It counts as told. */
  takeFloor() {
    this.handledCount = 0;
    if (this.floor <= this.#acknowledged) return null;
    this.#acknowledged = this.floor;
    return this.floor;
  }

  /** The ids to tell one by one. They count as told. */
  takeAhead() {
    const ids = [...this.#ahead.values()];
    this.#ahead.clear();
    return ids;
  }
}
