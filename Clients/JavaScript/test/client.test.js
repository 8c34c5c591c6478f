import assert from "node:assert/strict";
import { after, test } from "node:test";
import { HydrogenClient, HydrogenError } from "../hydrogen-client.js";
import { fakeSockets } from "./fake-socket.js";

const QUICK = { random: () => 0, acknowledgeDelay: 0, pingInterval: 0, key: "hk_ä?>" };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Every client and its sockets, to be ended. */
const everything = [];
after(() => {
  for (const { client, sockets } of everything) {
    client.close();
    for (const socket of sockets) socket.onclose?.({ code: 1000 });
  }
});

/** A client in service, its socket, and what it told. */
async function connected(options = {}, greeting = {}) {
  const { FakeSocket, socket, sockets } = fakeSockets();
  const client = new HydrogenClient("ws://a/", { ...QUICK, WebSocket: FakeSocket, ...options });
  everything.push({ client, sockets });
  const told = [];
  for (const type of ["state", "gap", "error"]) client.addEventListener(type, ({ detail }) => told.push({ type, ...detail }));
  const connecting = client.connect();
  const first = await socket(1);
  first.greet("s1", greeting);
  await connecting;
  return { client, first, socket, sockets, told };
}

test("the key goes into a sub-protocol, and the URL holds none", async () => {
  const { first } = await connected();
  assert.deepEqual(first.protocols, ["hydrogen-protocol", "hydrogen.key.aGtfw6Q_Pg"]);
  assert.equal(first.url, "ws://a/");
});

test("each attempt gets a ticket of its own", async () => {
  let number = 0;
  const { first, socket } = await connected({ ticket: async () => `t${(number += 1)}` });
  first.end();
  assert.deepEqual((await socket(2)).protocols, ["hydrogen-protocol", "hydrogen.ticket.t2"]);
});

test("commands are answered, each once", async () => {
  const { client, first } = await connected();
  const [whoami, nothing] = [client.command("system", "whoami"), client.command("print", "nothing", { a: 1 })];
  assert.deepEqual(first.sent[1], {
    type: "command", id: "2", auth: { token: "hs_s1" }, channel: "print", action: "nothing", data: { a: 1 },
  });
  first.refuse(1, "application.unknown_action");
  first.answer(0, { identity: "me" });
  first.answer(0, { identity: "you" });
  assert.deepEqual(await whoami, { identity: "me" });
  await assert.rejects(nothing, (error) => error instanceof HydrogenError && error.fullCode === "application.unknown_action");
});

test("commands end in time, with their signal, with their connection, and with the client", async () => {
  const { client, first } = await connected();
  const code = (expected) => ({ category: "client", code: expected });
  await assert.rejects(client.command("a", "b", {}, { timeout: 5 }), code("timed_out"));
  const controller = new AbortController();
  const aborted = client.command("a", "b", {}, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(aborted, { message: "enough" });
  const lost = client.command("a", "b");
  first.end();
  await assert.rejects(lost, code("connection_lost"));
  const waiting = client.command("a", "b");
  const closing = client.close();
  await assert.rejects(waiting, code("closed"));
  await closing;
  await assert.rejects(client.command("a", "b"), code("closed"));
});

test("commands and messages have bounds", async () => {
  const { client, first } = await connected({ maxCommands: 2 }, { max_message_bytes: 200 });
  await assert.rejects(client.command("a", "b", { a: "ä".repeat(100) }), { code: "too_large" });
  assert.equal(first.sent.length, 0);
  client.command("a", "b").catch(() => {});
  client.command("a", "b").catch(() => {});
  await assert.rejects(client.command("a", "b"), { code: "busy" });
});

test("a publish with a key is repeated, under its number", async () => {
  const { client, first, socket } = await connected();
  const publication = client.publish("print", "done", { n: 1 }, { key: "k", guaranteed: true });
  assert.deepEqual(first.sent[0].data, { action: "done", data: { n: 1 }, guaranteed: true, key: "k" });
  first.end();
  const second = await socket(2);
  second.greet("s2", { resume_window_ms: 0 });
  assert.equal(second.sent[0].id, "1");
  second.refuse(0, "application.busy", { retryable: true, retry_after_ms: 1 });
  while (second.sent.length < 2) await settled();
  assert.equal(second.sent[1].id, "1");
  second.answer(1, { event: "e9" });
  assert.deepEqual(await publication, { event: "e9" });
});

test("events go to whom they match, and are acknowledged when the next is asked for", async () => {
  const { client, first } = await connected();
  const asking = client.subscribe("print", "job.*", { guaranteed: true });
  assert.deepEqual(first.sent[0].data, { topic: "job.*", guaranteed: true });
  first.answer(0, { subscription: "sub-1" });
  const jobs = await asking;
  first.event(1);
  first.event(2);
  assert.equal((await jobs.next()).value.offset, 1);
  await settled();
  assert.equal(first.sent.length, 1);
  assert.equal((await jobs.next()).value.offset, 2);
  await settled();
  assert.deepEqual(first.sent[1], { type: "ack", offset: 1, auth: { token: "hs_s1" } });
  // What nobody wants need not be kept.
  first.event(3, "other");
  await settled();
  assert.deepEqual(first.sent[2], { type: "ack", id: "e3", auth: { token: "hs_s1" } });
});

test("an event that is left unhandled comes again", async () => {
  const { client, first, told } = await connected();
  let calls = 0;
  const asking = client.subscribe("print", "**", {}, () => {
    calls += 1;
    if (calls === 1) throw new Error("not now");
  });
  first.answer(0, { subscription: "sub-1" });
  await asking;
  first.event(1);
  await settled();
  assert.equal(told.at(-1).error.message, "not now");
  assert.equal(first.sent.length, 1);
  first.event(1);
  await settled();
  assert.equal(calls, 2);
  assert.equal(first.sent[1].offset, 1);
});

test("explicit acknowledgements, and a slow consumer", async () => {
  const { client, first } = await connected({ maxBufferedEvents: 2 });
  const asking = client.subscribe("print", "**", { acknowledge: "explicit" });
  first.answer(0, { subscription: "sub-1" });
  const all = await asking;
  for (const offset of [1, 0, 0, 2]) first.event(offset);
  assert.equal(all.dropped, 2);
  const { value } = await all.next();
  await all.next();
  await settled();
  assert.equal(first.sent.length, 1);
  value.acknowledge();
  value.acknowledge();
  await settled();
  assert.deepEqual(first.sent.slice(1).map(({ offset }) => offset), [1]);
});

test("leaving a loop ends the subscription, a shared one with the last", async () => {
  const { client, first } = await connected();
  const asking = [client.subscribe("print", "**"), client.subscribe("print", "**")];
  first.answer(0, { subscription: "sub-1" });
  first.answer(1, { subscription: "sub-1" });
  const [one, other] = await Promise.all(asking);
  first.event(0);
  for await (const event of one) {
    assert.equal(event.action, "job.done");
    break;
  }
  assert.equal(first.sent.length, 2);
  other.unsubscribe();
  await settled();
  assert.deepEqual([first.sent[2].action, first.sent[2].data], ["unsubscribe", { subscription: "sub-1" }]);
  assert.equal((await one.next()).done, true);
});

test("a session is resumed with its offset, and its token rotates", async () => {
  const { client, first, socket, told } = await connected();
  const asking = client.subscribe("print", "**", {}, () => {});
  first.answer(0, { subscription: "sub-1" });
  await asking;
  first.event(1);
  await settled();
  first.end();
  const second = await socket(2);
  second.greet("s2");
  assert.deepEqual(second.sent[0].data, { session: "s1", token: "hs_s1", offset: 1 });
  assert.equal(second.sent[0].auth.token, "hs_s2");
  second.answer(0, { session: "s1", resumed: true, token: "hs_next", pending: 0 });
  assert.deepEqual([client.session, told.at(-1).resumed], ["s1", true]);
  second.event(1);
  await settled();
  assert.deepEqual(second.sent[1], { type: "ack", offset: 1, auth: { token: "hs_next" } });
  second.event(3);
  assert.deepEqual(told.at(-1), { type: "gap", from: 2, to: 2, announced: false });
});

test("a session that is gone is begun anew, with its subscriptions", async () => {
  const { client, first, socket, told } = await connected();
  const asking = client.subscribe("print", "**");
  first.answer(0, { subscription: "sub-1" });
  const all = await asking;
  first.end();
  const second = await socket(2);
  second.greet("s2");
  second.refuse(0, "authentication.session");
  assert.deepEqual([client.session, told.at(-1).resumed], ["s2", false]);
  assert.deepEqual(second.sent[1].data, { topic: "**" });
  second.answer(1, { subscription: "sub-7" });
  second.event(1);
  assert.equal((await all.next()).value.offset, 1);
});

test("a resume that is refused for now is asked again over another connection", async () => {
  const { client, first, socket } = await connected();
  first.end();
  const second = await socket(2);
  second.greet("s2");
  second.refuse(0, "application.busy", { retryable: true, retry_after_ms: 1 });
  assert.deepEqual([second.closed, client.state], [1000, "closing"]);
  second.end(1000);
  const third = await socket(3);
  third.greet("s3");
  assert.equal(third.sent[0].data.session, "s1");
});

test("it comes back after the codes that say so, and after no others", async () => {
  for (const code of [1001, 1006, 1011, 1012, 1013, 4408, 4413, 4429, 4503]) {
    const { client, first, told } = await connected();
    first.end(code);
    assert.equal(client.state, "waiting", `${code}`);
    assert.equal(told.at(-1).closeCode, code);
    await client.close();
  }
  for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 4401, 4403, 4409]) {
    const { client, first, told } = await connected();
    first.end(code);
    assert.deepEqual([client.state, told.at(-1).reason, told.at(-1).closeCode], ["stopped", "closed_by_server", code]);
  }
});

test("delays grow with full jitter, and heed the server after 4429", async () => {
  const { first, sockets, told } = await connected({ random: () => 0.5, backOffBase: 4, backOffMaximum: 10 });
  first.end();
  const delays = () => told.filter(({ state }) => state === "waiting").map(({ retryIn }) => retryIn);
  for (let number = 2; number <= 5; number += 1) {
    while (sockets.length < number) await settled();
    sockets.at(-1).end();
  }
  assert.deepEqual(delays(), [2, 4, 5, 5, 5]);
  const other = await connected();
  other.first.refuse(undefined, "connection.rate_limited", { retry_after_ms: 70 });
  other.first.end(4429);
  assert.equal(other.told.at(-1).retryIn, 70);
});

test("the first attempt is the caller's to judge", async () => {
  const { FakeSocket, socket } = fakeSockets();
  const client = new HydrogenClient("ws://a/", { ...QUICK, WebSocket: FakeSocket });
  const connecting = client.connect();
  (await socket(1)).end();
  await assert.rejects(connecting, { code: "unreachable" });
  assert.equal(client.state, "stopped");
});

test("an error ends an attempt, and a connection that is never closed after it", async () => {
  const { first, socket, told } = await connected({ closeTimeout: 5 });
  first.onopen();
  first.onerror();
  const second = await socket(2);
  assert.ok(told.some(({ state, reason }) => state === "waiting" && reason === "the connection failed"));
  second.onerror();
  await socket(3);
});

test("what no server of this protocol sends ends the client", async () => {
  for (const message of ["{", { type: "event", channel: "system", action: "gap", data: { from: 2, to: 1 } }]) {
    const { client, first, told } = await connected();
    first.say(message);
    assert.equal(first.closed, 1000);
    first.end(1000);
    assert.deepEqual([client.state, told.at(-1).reason], ["stopped", "breach"]);
  }
  const { FakeSocket, socket } = fakeSockets();
  const client = new HydrogenClient("ws://a/", { ...QUICK, WebSocket: FakeSocket });
  const connecting = client.connect();
  const first = await socket(1);
  first.greet("s1", { protocol: 2 });
  first.end(1000);
  await assert.rejects(connecting, { code: "breach" });
});

test("a silent server is asked, and given up", async () => {
  const { first, socket, told } = await connected({ pingInterval: 10, pingTimeout: 10 });
  while (first.sent.length === 0) await settled();
  assert.deepEqual([first.sent[0].channel, first.sent[0].action], ["system", "ping"]);
  await socket(2);
  assert.ok(told.some(({ state, reason }) => state === "waiting" && reason === "the server is silent"));
  // A socket that is given up is closed all the same.
  assert.equal("closed" in first, true);
});

test("an acknowledgement that is refused is told again", async () => {
  const { first } = await connected();
  first.event(1);
  await settled();
  assert.equal(first.sent[0].offset, 1);
  first.refuse(undefined, "connection.rate_limited", { retryable: true, retry_after_ms: 1 });
  while (first.sent.length < 2) await settled();
  assert.equal(first.sent[1].offset, 1);
});
