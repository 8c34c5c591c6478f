/** WebSockets whose other end is the test. */
export function fakeSockets() {
  const sockets = [];
  class FakeSocket {
    sent = [];
    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close(code) {
      this.closed = code;
    }
    /** The server says this. */
    say(message) {
      this.onmessage({ data: typeof message === "string" ? message : JSON.stringify(message) });
    }
    greet(session = "s1", more = {}) {
      const data = { session, token: `hs_${session}`, resume_window_ms: 120_000, max_message_bytes: 65_536, protocol: 1, ...more };
      this.say({ type: "event", id: "e0", channel: "system", action: "session", data });
    }
    answer(index, data = {}) {
      this.say({ type: "response", id: this.sent.at(index).id, status: "ok", data });
    }
    /** Refuses a message, or one that the server could not read. */
    refuse(index, fullCode, more = {}) {
      const [category, code] = fullCode.split(".");
      const id = index === undefined ? null : this.sent.at(index).id;
      this.say({ type: "response", id, status: "error", error: { category, code, message: "", ...more } });
    }
    event(offset, action = "job.done", data = {}) {
      this.say({ type: "event", id: `e${offset}`, channel: "print", action, data, ...(offset ? { offset, ack: true } : {}) });
    }
    end(code = 1006, reason = "") {
      this.onclose({ code, reason });
    }
  }
  /** The socket of that number, once it is there. */
  const socket = async (number) => {
    for (;;) {
      if (sockets.length >= number) return sockets[number - 1];
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return { FakeSocket, sockets, socket };
}
