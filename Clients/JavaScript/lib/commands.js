import { HydrogenError, clientError, settling } from "./errors.js";

/** The commands of a client that are not answered yet. */
export class Commands {
  #options;
  #connection; // { isOpen, token, maxMessageBytes, write(command), send(text) }
  #lastId = 0;
  #pending = new Map(); // by id, in their order

  constructor(options, connection) {
    this.#options = options;
    this.#connection = connection;
  }

  /** An id that was never used. */
  newId() {
    return String(++this.#lastId);
  }

  /**
   * Sends a command, now or as soon as there is a connection; resolves with the data of its answer.
   *
   * @param command `{ channel, action, data, timeout?, signal?, repeatable?, epoch? }`. One that is `repeatable` is sent
   * again after a lost connection, and after an error that passes. One with an `epoch` is for that session alone.
   */
  submit(command) {
    const { promise, resolve, reject } = settling();
    const { timeout = this.#options.commandTimeout, signal } = command;
    if (this.#pending.size >= this.#options.maxCommands) return Promise.reject(clientError("busy", "too much is waiting"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.newId();
    const end = (settle, value) => {
      clearTimeout(timer);
      clearTimeout(command.retry);
      signal?.removeEventListener("abort", abort);
      this.#pending.delete(id);
      settle(value);
    };
    const abort = () => end(reject, signal.reason);
    const timer = timeout === Infinity
      ? undefined
      : setTimeout(() => end(reject, clientError("timed_out", "no answer in time")), timeout);
    signal?.addEventListener("abort", abort);
    command.id = id;
    command.sent = false;
    command.resolve = (data) => end(resolve, data);
    command.reject = (error) => end(reject, error);
    this.#pending.set(id, command);
    if (this.#connection.isOpen) this.#send(command);
    return promise;
  }

  #send(command) {
    const text = this.#connection.write({ ...command, token: this.#connection.token });
    if (new TextEncoder().encode(text).length > this.#connection.maxMessageBytes) {
      return command.reject(clientError("too_large", "longer than the server takes"));
    }
    command.sent = true;
    this.#connection.send(text);
  }

  /** Sends what waits, in the order in which it came. */
  sendWaiting() {
    for (const command of [...this.#pending.values()]) {
      if (!command.sent && command.retry === undefined) this.#send(command);
    }
  }

  /** Takes a response; returns the command that it answered for good, undefined where there is none. */
  answered(message) {
    const command = this.#pending.get(message.id);
    if (!command?.sent) return undefined;
    if (message.status === "ok") {
      command.resolve(message.data);
      return command;
    }
    const error = new HydrogenError(message.error);
    if (!command.repeatable || !error.retryable) {
      command.reject(error);
      return command;
    }
    command.sent = false;
    command.retry = setTimeout(() => {
      command.retry = undefined;
      if (this.#connection.isOpen) this.#send(command);
    }, (error.retryAfter ?? 0) + this.#options.random() * this.#options.backOffBase);
    return undefined;
  }

  /** No answer comes over this connection any more. */
  connectionLost() {
    for (const command of [...this.#pending.values()]) {
      if (!command.sent) continue;
      if (command.repeatable) command.sent = false;
      else command.reject(clientError("connection_lost", "the connection was lost before the answer"));
    }
  }

  /** What was to be done in an earlier session is not there to be done. */
  dropBefore(epoch) {
    for (const command of [...this.#pending.values()]) {
      if (command.epoch !== undefined && command.epoch !== epoch) command.resolve({});
    }
  }

  /** The client has ended. */
  failAll() {
    for (const command of [...this.#pending.values()]) command.reject(clientError("closed", "the client is closed"));
  }
}
