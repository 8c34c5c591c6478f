/** What JSON can say. */
export type JSONValue = string | number | boolean | null | JSONValue[] | { [name: string]: JSONValue };
export type JSONObject = { [name: string]: JSONValue };

export type Priority = "critical" | "high" | "normal" | "low";

/** A WebSocket as browsers have it: what the client needs of one. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** All times are milliseconds. */
export interface ClientOptions {
  /** What `hydrogen key create` printed. It is for trusted pages; proxies may log it. */
  key?: string;
  /** Gets a ticket for each attempt, for pages that should hold no key. It takes the place of `key`. */
  ticket?: () => string | Promise<string>;
  /** The constructor of the WebSocket; the global one if there is one. */
  WebSocket?: new (url: string, protocols: string[]) => WebSocketLike;
  /** From an attempt to being in service (20,000). */
  connectTimeout?: number;
  /** For a command, where a call names no other (30,000). */
  commandTimeout?: number;
  /** For a connection to end by itself (5,000). */
  closeTimeout?: number;
  /** Silence after which the server is asked whether it is there (30,000); 0: never. */
  pingInterval?: number;
  /** Silence after that question that counts as a lost connection (10,000). */
  pingTimeout?: number;
  /** The longest delay before the first attempt to come back (500); it doubles from attempt to attempt. */
  backOffBase?: number;
  /** The longest delay of all (30,000). */
  backOffMaximum?: number;
  /** In service for so long, and delays start from the base again (5,000). */
  stableAfter?: number;
  /** How long an acknowledgement may wait for others to go with it (50). */
  acknowledgeDelay?: number;
  /** So many acknowledgements never wait (32). */
  acknowledgeBatch?: number;
  /** Commands that are not answered yet (1,024); beyond it `client.busy`. */
  maxCommands?: number;
  /** Events that wait for each subscription (1,024); beyond it the oldest that is not guaranteed is dropped. */
  maxBufferedEvents?: number;
  /** The actions, as `channel.action`, that are signed: those that the server's `SignedActions` names. */
  signedActions?: string[];
  /** From 0 up to 1, for the jitter of the back-off. */
  random?: () => number;
}

export interface CommandOptions {
  /** From now to the answer. */
  timeout?: number;
  /** Gives the command up; whether the server does it is then not known. */
  signal?: AbortSignal;
}

export interface PublishOptions extends CommandOptions {
  /** Kept for each receiver until it acknowledges the event, also while it is away. */
  guaranteed?: boolean;
  /** Kept as the last event of its action, for new subscribers. */
  retain?: boolean;
  priority?: Priority;
  /** 1 to 128 bytes: a repeat within five minutes publishes nothing. */
  key?: string;
  /** Ask how many sessions receive it. */
  count?: boolean;
  to?: { identity?: string; session?: string; all?: boolean };
}

export interface Publication {
  /** The id of the event. */
  event: string;
  /** Only where `count` was asked for. */
  receivers?: number;
}

export interface SubscribeOptions {
  /** Conditions on top-level members of the data: a bare value, or `{ eq, ne, lt, lte, gt, gte, in, exists }`. */
  filter?: JSONObject;
  /** Each event is kept for this client until it is acknowledged, also while it is away. */
  guaranteed?: boolean;
  priority?: Priority;
  /** Of the events of an action, only the latest of each such interval. */
  conflate?: number;
  /** The same for each value of this member of the data. */
  conflateBy?: string;
  /** `auto`: when the next event is asked for, or the handler has returned. `explicit`: by `event.acknowledge()`. */
  acknowledge?: "auto" | "explicit";
  maxBufferedEvents?: number;
}

/** What came from a channel. */
export interface HydrogenEvent {
  type: "event";
  id: string;
  channel: string;
  action: string;
  /** RFC 3339. */
  timestamp: string;
  data: JSONObject;
  priority?: Exclude<Priority, "normal">;
  /** The last event of its action, given to a new subscription. */
  retained?: true;
  /** Of guaranteed events: rises by one per session and event. */
  offset?: number;
  ack?: true;
  /** Which sending it is, from the second one on. */
  attempt?: number;
}

export interface DeliveredEvent extends HydrogenEvent {
  /** Tells the server that the event is handled. Once more does no harm. */
  acknowledge(): void;
}

/** Events of one subscription, in their order, for one consumer. Leaving a loop over it ends it. */
export class Subscription implements AsyncIterableIterator<DeliveredEvent> {
  private constructor();
  readonly channel: string;
  /** What the server calls it. */
  readonly id: string | undefined;
  /** Events that were dropped as too many waited; guaranteed ones never are. */
  readonly dropped: number;
  next(): Promise<IteratorResult<DeliveredEvent, undefined>>;
  return(): Promise<IteratorResult<DeliveredEvent, undefined>>;
  [Symbol.asyncIterator](): this;
  /** Ends it, here and at the server. What was not acknowledged comes again to who subscribes next. */
  unsubscribe(): Promise<void>;
}

/** An error of the server, or one of the client's own with the category `client`. */
export class HydrogenError extends Error {
  readonly category: string;
  /**
   * Of the client's own: `timed_out`, `connection_lost`, `closed`, `busy`, `too_large`, `unreachable`,
   * `closed_by_server`, `breach`.
   */
  readonly code: string;
  /** `category.code`. */
  readonly fullCode: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Not before so many milliseconds. */
  readonly retryAfter?: number;
  /** Of `client.closed_by_server`. */
  readonly closeCode?: number;
}

export type State = "stopped" | "connecting" | "connected" | "waiting" | "closing";

export interface StateDetail {
  state: State;
  /** `connected`: the session, and whether it is the one before. What was not acknowledged in another one is lost. */
  session?: string;
  resumed?: boolean;
  /** `waiting`: milliseconds to the next attempt. */
  retryIn?: number;
  /** `waiting` and `stopped`: of the server's close frame; 1006 where there was none. */
  closeCode?: number;
  /** `waiting`: the text of the close; `stopped`: the code of the error. */
  reason?: string;
  /** `stopped`: the reason in words. */
  message?: string;
}

export interface ClientEventMap {
  state: Event & { readonly detail: StateDetail };
  /** Every event that reaches the session, whatever subscription it is for. */
  event: Event & { readonly detail: HydrogenEvent };
  /** Offsets, both included, that will never be delivered; `announced` unless the server kept it to itself. */
  gap: Event & { readonly detail: { from: number; to: number; announced: boolean } };
  /** A handler threw (its event comes again), or the server took a subscription back. */
  error: Event & { readonly detail: { error: unknown; event?: DeliveredEvent; subscription?: Subscription } };
}

/** `EventTarget`, with the events of a client. */
interface ClientEventTarget {
  addEventListener<Type extends keyof ClientEventMap>(
    type: Type, listener: (event: ClientEventMap[Type]) => void, options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof ClientEventMap>(
    type: Type, listener: (event: ClientEventMap[Type]) => void, options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}
declare const ClientEventTarget: { new (): ClientEventTarget };

/** A client of a Hydrogen server. It stays connected until it is closed, or the server says something final. */
export class HydrogenClient extends ClientEventTarget {
  /** @param url `ws://host[:port][/path]` or `wss://…`; the key is never part of it. */
  constructor(url: string, options?: ClientOptions);
  readonly state: State;
  /** The id of the session; null before there is one. */
  readonly session: string | null;
  /** Connects. Settles with the first attempt; later losses are told by `state` events. */
  connect(): Promise<void>;
  /** Ends session and connection. What was not acknowledged counts as expired. */
  close(): Promise<void>;
  /** Sends a command; resolves with the data of its answer, and rejects with a `HydrogenError`. */
  command<Answer = JSONObject>(
    channel: string, action: string, data?: object, options?: CommandOptions,
  ): Promise<Answer>;
  /** Publishes an event; a guaranteed one is stored when this resolves. */
  publish(channel: string, action: string, data?: object, options?: PublishOptions): Promise<Publication>;
  /** Subscribes, and calls the handler for each event, one after the other, or leaves that to the caller. */
  subscribe(
    channel: string, topic: string, options?: SubscribeOptions,
    handler?: (event: DeliveredEvent) => unknown,
  ): Promise<Subscription>;
}
