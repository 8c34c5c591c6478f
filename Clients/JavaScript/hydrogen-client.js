import { Commands } from "./lib/commands.js";
import { HydrogenError, base64url, clientError, settling } from "./lib/errors.js";
import { Ledger } from "./lib/ledger.js";
import { sign } from "./lib/signature.js";
import { Subscription } from "./lib/subscription.js";

export { HydrogenError, Subscription };

/** Close codes after which a client comes back by itself (Documentation/Protocol.md). */
const RETURNING = new Set([1001, 1006, 1011, 1012, 1013, 4408, 4413, 4429, 4503]);
const RATE_EXCEEDED = 4429;
const LOST = 1006;
/** No server sends more guaranteed events than this without acknowledgements. */
const MAX_UNACKNOWLEDGED = 10_000;

/** All times are milliseconds. */
const DEFAULTS = {
  key: undefined,
  ticket: undefined,
  WebSocket: globalThis.WebSocket,
  connectTimeout: 20_000,
  commandTimeout: 30_000,
  closeTimeout: 5_000,
  pingInterval: 30_000,
  pingTimeout: 10_000,
  backOffBase: 500,
  backOffMaximum: 30_000,
  stableAfter: 5_000,
  acknowledgeDelay: 50,
  acknowledgeBatch: 32,
  maxCommands: 1024,
  maxBufferedEvents: 1024,
  signedActions: [],
  random: Math.random,
};

/**
 * A client of a Hydrogen server, for browsers and Node. It stays connected: after a lost connection it comes back by
 * itself, resumes its session, and goes on where it was. README.md shows how it is used.
 */
export class HydrogenClient extends EventTarget {
  #url;
  #options;
  #state = "stopped";
  #socket = null;
  #timer = null; // of the attempt, the closing or the back-off
  #pingTimer = null;
  #lastHeard = 0;
  #attempt = 0; // how often delays were doubled
  #servedSince = 0; // 0 outside of service
  #retryAfter = 0; // of the last error over this connection
  /** What follows the end of this connection: judged by its code, `{ reason }` to stop, or `{ wait }` to come back. */
  #sequel = undefined;
  #starting = null; // settles `connect`
  #closing = null; // settles `close`

  #session = null; // { id, token }
  #signing = null; // { key, clock }: of this connection, and the server's clock less ours
  #fresh = null; // the session that a connection came with, while another one is resumed
  #missedFresh = false; // a guaranteed event of it was passed over
  #resumeId = null;
  #epoch = 0; // counts sessions
  #maxMessageBytes = Infinity;
  #ledger = new Ledger();
  #ackTimer = null;
  #commands;
  #subscriptions = new Set();

  constructor(url, options = {}) {
    super();
    this.#url = url;
    this.#options = { ...DEFAULTS, ...options };
    if (!this.#options.WebSocket) throw new TypeError("there is no WebSocket here: give one as the option WebSocket");
    const client = this;
    this.#commands = new Commands(this.#options, {
      get isOpen() { return client.#state === "connected"; },
      get token() { return client.#session.token; },
      get maxMessageBytes() { return client.#maxMessageBytes; },
      write: (command) => client.#write(command),
      send: (text) => client.#socket.send(text),
    });
  }

  /** `stopped`, `connecting`, `connected`, `waiting` or `closing`. */
  get state() {
    return this.#state;
  }

  /** The id of the session; null before there is one. */
  get session() {
    return this.#session?.id ?? null;
  }

  /** Connects. Settles with the first attempt; later losses are told by `state` events. */
  connect() {
    if (this.#starting) return this.#starting.promise;
    if (this.#state !== "stopped") return Promise.resolve();
    this.#starting = settling();
    const { promise } = this.#starting;
    this.#open();
    return promise;
  }

  /** Ends session and connection. What was not acknowledged counts as expired. */
  close() {
    if (this.#state === "stopped") return Promise.resolve();
    this.#closing ??= settling();
    const { promise } = this.#closing;
    if (this.#state === "waiting") this.#stop({ code: "closed" });
    else this.#closeSocket({ reason: { code: "closed" } });
    return promise;
  }

  /** Sends a command; resolves with the data of its answer. While there is no connection it waits for one. */
  command(channel, action, data = {}, options = {}) {
    const answer = this.#submit({ channel, action, data, ...options });
    if (channel !== "system" || action !== "refresh") return answer;
    // The token of the latest answer is the one that is used, and a new key for later connections.
    return answer.then((refreshed) => {
      if (this.#session) this.#session.token = refreshed.token;
      if (data.key) this.#options.key = data.key;
      return refreshed;
    });
  }

  /** Publishes an event; resolves with `{ event, receivers? }`. With a `key` it is repeated where an answer was lost. */
  publish(channel, action, data = {}, { guaranteed, retain, priority, key, count, to, ...options } = {}) {
    const body = { action, data, guaranteed, retain, priority, key, count, to };
    return this.#submit({ channel, action: "publish", data: body, repeatable: key !== undefined, ...options });
  }

  #submit(command) {
    if (this.#state === "stopped" || this.#closing) return Promise.reject(clientError("closed", "the client is closed"));
    return this.#commands.submit(command);
  }

  // Subscriptions

  /** Subscribes; resolves with a `Subscription` when the server has taken it. It is made again in each new session. */
  async subscribe(channel, topic, options = {}, handler = undefined) {
    const { filter, guaranteed, priority, conflate, conflateBy, acknowledge = "auto", maxBufferedEvents } = options;
    const request = { topic, filter, guaranteed, priority, conflate_ms: conflate, conflate_by: conflateBy };
    const subscription = new Subscription(channel, request, {
      explicit: acknowledge === "explicit",
      capacity: maxBufferedEvents ?? this.#options.maxBufferedEvents,
      end: () => this.#drop(subscription),
    });
    this.#subscriptions.add(subscription);
    try {
      await this.#ask(subscription);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      subscription.finish();
      throw error;
    }
    if (handler) this.#pump(subscription, handler);
    return subscription;
  }

  /** Asks for a subscription: however often connections are lost and errors pass, until there is an answer. */
  async #ask(subscription) {
    const { channel, request: data } = subscription;
    subscription.asking = this.#submit({ channel, action: "subscribe", data, timeout: Infinity, repeatable: true });
    try {
      subscription.id = (await subscription.asking).subscription;
    } finally {
      subscription.asking = undefined;
    }
  }

  async #pump(subscription, handler) {
    for (;;) {
      const { value, done } = await subscription.next();
      if (done) return;
      try {
        await handler(value);
      } catch (error) {
        subscription.giveBack();
        this.#tell("error", { error, event: value });
      }
    }
  }

  async #drop(subscription) {
    if (!this.#subscriptions.delete(subscription)) return;
    await subscription.asking?.catch(() => {});
    const { channel, id } = subscription;
    // The server gives the same request the same id.
    const isShared = [...this.#subscriptions].some((other) => other.channel === channel && other.id === id);
    if (isShared || id === undefined) return;
    const command = { channel, action: "unsubscribe", data: { subscription: id }, epoch: this.#epoch, repeatable: true };
    await this.#submit(command).catch(() => {});
  }

  /** In a new session what was subscribed is subscribed again. */
  #renewSubscriptions() {
    this.#commands.dropBefore(this.#epoch);
    for (const subscription of this.#subscriptions) {
      if (subscription.asking) continue;
      this.#ask(subscription).catch((error) => {
        if (!this.#subscriptions.delete(subscription)) return;
        subscription.finish();
        if (error.category !== "client") this.#tell("error", { error, subscription });
      });
    }
  }

  // The connection

  async #open() {
    this.#change("connecting");
    this.#retryAfter = 0;
    this.#arm(this.#options.connectTimeout, () => this.#abandon("no answer in time"));
    const { key, ticket, WebSocket } = this.#options;
    const placeholder = (this.#socket = {}); // until there is a socket
    try {
      const protocols = ["hydrogen-protocol"];
      if (ticket) protocols.push(`hydrogen.ticket.${await ticket()}`);
      else if (key) protocols.push(`hydrogen.key.${base64url(key)}`);
      if (this.#socket !== placeholder) return;
      this.#socket = new WebSocket(this.#url, protocols);
    } catch (error) {
      if (this.#socket === placeholder) this.#ended({ code: LOST, reason: error.message });
      return;
    }
    const socket = this.#socket;
    const ofThis = (body) => (event) => {
      if (this.#socket === socket) body(event);
    };
    let isOpen = false;
    socket.onopen = () => (isOpen = true);
    socket.onmessage = ofThis(({ data }) => this.#received(data));
    // A close follows, with its code; but Node 20 closes nothing that was never open.
    socket.onerror = ofThis(() => {
      if (!isOpen) return this.#ended({ code: LOST });
      this.#arm(this.#options.closeTimeout, () => this.#abandon("the connection failed"));
    });
    socket.onclose = ofThis((event) => this.#ended(event));
  }

  /** Gives up a connection that says nothing any more. */
  #abandon(reason) {
    const socket = this.#socket;
    this.#ended({ code: LOST, reason });
    socket?.close?.();
  }

  #closeSocket(sequel) {
    if (this.#state === "connected") this.#sendAcknowledgements();
    this.#sequel = sequel;
    this.#leaveService();
    if (!this.#socket.close) return this.#ended({ code: LOST });
    this.#change("closing");
    this.#arm(this.#options.closeTimeout, () => this.#ended({ code: LOST }));
    this.#socket.close(1000);
  }

  /** The server sent what no server of this protocol sends. */
  #breach(message) {
    this.#closeSocket({ reason: { code: "breach", message } });
  }

  #ended({ code, reason }) {
    const sequel = this.#sequel;
    this.#sequel = undefined;
    this.#leaveService();
    this.#socket = null;
    this.#fresh = null;
    this.#resumeId = null;
    if (sequel?.reason) return this.#stop(sequel.reason);
    const isAnswer = sequel !== undefined && code === 1000;
    if (!isAnswer && !RETURNING.has(code)) {
      return this.#stop({ code: "closed_by_server", message: reason || `closed with ${code}`, closeCode: code });
    }
    // The first attempt is the caller's to judge.
    if (this.#starting) return this.#stop({ code: "unreachable", message: reason || "no connection" });
    const ceiling = Math.min(this.#options.backOffBase * 2 ** this.#attempt, this.#options.backOffMaximum);
    if (ceiling < this.#options.backOffMaximum) this.#attempt += 1;
    const asked = Math.max(sequel?.wait ?? 0, code === RATE_EXCEEDED ? this.#retryAfter : 0);
    const retryIn = asked + this.#options.random() * ceiling;
    this.#change("waiting", { closeCode: code, reason, retryIn });
    this.#arm(retryIn, () => this.#open());
  }

  #stop({ code, message = code, closeCode }) {
    clearTimeout(this.#timer);
    this.#session = null;
    this.#ledger = new Ledger();
    this.#commands.failAll();
    for (const subscription of this.#subscriptions) subscription.finish();
    this.#subscriptions.clear();
    this.#change("stopped", { reason: code, message, closeCode });
    this.#starting?.reject(clientError(code, message, { closeCode }));
    this.#starting = null;
    this.#closing?.resolve();
    this.#closing = null;
  }

  /** Nothing is sent any more over this connection, and no answer is waited for. */
  #leaveService() {
    clearTimeout(this.#timer);
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    if (this.#servedSince > 0 && Date.now() - this.#servedSince >= this.#options.stableAfter) this.#attempt = 0;
    this.#servedSince = 0;
    this.#commands.connectionLost();
  }

  #received(text) {
    if (this.#state !== "connecting" && this.#state !== "connected") return;
    this.#lastHeard = Date.now();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#breach("a message that is not JSON");
    }
    if (this.#state === "connecting" && !this.#fresh) return this.#greeted(message);
    if (message.type === "event") return this.#eventReceived(message);
    if (message.type !== "response") return; // of a later version
    this.#hearClock(message.timestamp); // it may have been set
    if (this.#resumeId !== null && message.id === this.#resumeId) return this.#resumeAnswered(message);
    if (message.status === "error") this.#retryAfter = message.error?.retry_after_ms ?? 0;
    if (this.#commands.answered(message) || message.status === "ok" || /^\d+$/.test(message.id)) return;
    // An acknowledgement was refused: it is told again, later.
    this.#ledger.forgetAcknowledged();
    this.#acknowledgeIn(this.#retryAfter + this.#options.acknowledgeDelay);
  }

  #greeted({ type, timestamp, channel, action, data }) {
    if (type !== "event" || channel !== "system" || action !== "session" || data?.protocol !== 1 || !data.token) {
      return this.#breach("no greeting of this protocol");
    }
    this.#maxMessageBytes = data.max_message_bytes ?? Infinity;
    this.#fresh = { id: data.session, token: data.token };
    this.#signing = { key: data.signing_key, clock: NaN };
    this.#hearClock(timestamp);
    this.#missedFresh = false;
    if (!this.#session || !(data.resume_window_ms > 0)) return this.#begin(false);
    this.#resumeId = this.#commands.newId();
    const { id: session, token } = this.#session;
    this.#ledger.takeFloor(); // told with the resume
    this.#socket.send(this.#write({
      id: this.#resumeId, token: this.#fresh.token, channel: "system", action: "resume",
      data: { session, token, offset: this.#ledger.floor },
    }));
  }

  #hearClock(timestamp) {
    const time = Date.parse(timestamp);
    if (!Number.isNaN(time)) this.#signing.clock = time - Date.now();
  }

  /** The text of a command, signed if its action is to be. */
  #write({ id, token, channel, action, data }) {
    const message = { type: "command", id, auth: { token }, channel, action, data };
    const { key, clock } = this.#signing;
    if (key && !Number.isNaN(clock) && this.#options.signedActions.includes(`${channel}.${action}`)) {
      message.timestamp = new Date(Date.now() + clock).toISOString();
      const text = JSON.stringify(data ?? {});
      message.auth.signature = sign(key, { id, timestamp: message.timestamp, channel, action, data: text });
    }
    return JSON.stringify(message);
  }

  #resumeAnswered(message) {
    this.#resumeId = null;
    if (message.status === "ok") {
      this.#session.token = message.data.token;
      return this.#begin(true);
    }
    const error = new HydrogenError(message.error);
    if (!error.retryable) this.#session = null;
    // Refused for now, or an event of the fresh session was passed over: another connection, then.
    if (error.retryable || this.#missedFresh) return this.#closeSocket({ wait: error.retryAfter ?? 0 });
    this.#begin(false);
  }

  #begin(resumed) {
    clearTimeout(this.#timer);
    if (!resumed) {
      this.#session = this.#fresh;
      this.#epoch += 1;
      this.#ledger = new Ledger();
    }
    this.#fresh = null;
    this.#servedSince = Date.now();
    this.#change("connected", { session: this.#session.id, resumed });
    if (this.#state !== "connected") return; // a listener has closed it
    if (!resumed) this.#renewSubscriptions();
    this.#commands.sendWaiting();
    this.#acknowledgeSoon();
    this.#watch();
    this.#starting?.resolve();
    this.#starting = null;
  }

  /** A browser cannot ping: the server is asked when it was silent for too long. */
  #watch() {
    const { pingInterval, pingTimeout } = this.#options;
    if (!(pingInterval > 0)) return;
    this.#pingTimer = setTimeout(() => {
      if (Date.now() - this.#lastHeard < pingInterval) return this.#watch();
      const asked = Date.now();
      this.command("system", "ping", {}, { timeout: pingTimeout }).catch(() => {});
      this.#pingTimer = setTimeout(
        () => (this.#lastHeard < asked ? this.#abandon("the server is silent") : this.#watch()), pingTimeout);
    }, Math.max(0, this.#lastHeard + pingInterval - Date.now()));
  }

  // Events

  #eventReceived(message) {
    const { channel, action, offset, data } = message;
    if (channel === "system" && action === "gap") return this.#gapReceived(data);
    if (offset > 0) {
      if (this.#state !== "connected") {
        this.#missedFresh = true;
        return;
      }
      const { repeated, handled, gap } = this.#ledger.arrived(offset, message.id);
      if (handled) this.#acknowledgeSoon();
      if (repeated) return;
      if (gap) this.#tell("gap", { ...gap, announced: false });
      if (this.#ledger.outstandingCount > MAX_UNACKNOWLEDGED) return this.#breach("too many events without an answer");
    }
    this.#tell("event", message);
    const receivers = [...this.#subscriptions].filter((subscription) => subscription.wants(message));
    const settle = offset > 0 ? this.#ticket(message, receivers.length) : undefined;
    // Nobody wants it (any more): the server need not keep it.
    if (receivers.length === 0) settle?.(true);
    for (const receiver of receivers) receiver.push(message, settle);
  }

  /** Takes the word of each receiver; with the last one the event is acknowledged, or where none handled it, given back. */
  #ticket({ offset, id }, count) {
    const epoch = this.#epoch;
    let open = count;
    let isHandled = false;
    return (handled) => {
      open -= 1;
      isHandled ||= handled;
      if (open > 0 || epoch !== this.#epoch) return;
      if (!isHandled) return this.#ledger.giveBack(offset);
      this.#ledger.handled(offset, id);
      this.#acknowledgeSoon();
    };
  }

  #gapReceived({ from, to } = {}) {
    if (this.#state !== "connected") return; // the fresh session has had no offset yet
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || to < from) {
      return this.#breach("a gap that is none");
    }
    const news = this.#ledger.told(from, to);
    if (news) this.#tell("gap", { ...news, announced: true });
    this.#acknowledgeSoon();
  }

  #acknowledgeSoon() {
    if (this.#state !== "connected" || !this.#ledger.isDue) return;
    if (this.#ledger.handledCount >= this.#options.acknowledgeBatch) this.#sendAcknowledgements();
    else if (this.#ackTimer === null) this.#acknowledgeIn(this.#options.acknowledgeDelay);
  }

  #acknowledgeIn(delay) {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = setTimeout(() => this.#sendAcknowledgements(), delay);
  }

  #sendAcknowledgements() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    if (this.#state !== "connected") return;
    const auth = { token: this.#session.token };
    const floor = this.#ledger.takeFloor();
    if (floor !== null) this.#socket.send(JSON.stringify({ type: "ack", offset: floor, auth }));
    for (const id of this.#ledger.takeAhead()) this.#socket.send(JSON.stringify({ type: "ack", id, auth }));
  }

  #change(state, detail = {}) {
    this.#state = state;
    this.#tell("state", { state, ...detail });
  }

  #tell(type, detail) {
    this.dispatchEvent(Object.assign(new Event(type), { detail }));
  }

  #arm(delay, body) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(body, delay);
  }
}
