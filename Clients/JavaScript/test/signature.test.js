import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { HydrogenClient } from "../hydrogen-client.js";
import { hmac, sha256, sign } from "../lib/signature.js";
import { fakeSockets } from "./fake-socket.js";

const bytes = (count, seed = 0) => Uint8Array.from({ length: count }, (_, i) => (i * 7 + seed) & 255);

test("digests are those of Node, at every length around a block", () => {
  for (const count of [0, 1, 54, 55, 56, 63, 64, 65, 118, 119, 120, 127, 128, 1000]) {
    assert.deepEqual(Buffer.from(sha256(bytes(count))), createHash("sha256").update(bytes(count)).digest(), `${count}`);
  }
  for (const size of [0, 43, 64, 65, 200]) {
    const expected = createHmac("sha256", bytes(size, 3)).update(bytes(100)).digest();
    assert.deepEqual(Buffer.from(hmac(bytes(size, 3), bytes(100))), expected, `${size}`);
  }
});

test("a command's signature covers what the contract says", () => {
  const key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  const command = { id: "é", timestamp: "2026-11-25T12:00:00Z", channel: "system", action: "ping", data: "{}" };
  assert.equal(sign(key, command), "99e985c92a25c926614594ebe9c79c8d965e1e37cc014e586ad99c99e640e84e");
});

test("only the named actions are signed, with the server's time", async () => {
  const { FakeSocket, socket } = fakeSockets();
  const client = new HydrogenClient("ws://a/", {
    WebSocket: FakeSocket, pingInterval: 0, signedActions: ["file.delete"],
  });
  const connecting = client.connect();
  const first = await socket(1);
  const data = { session: "s1", token: "hs_s1", signing_key: "k", protocol: 1 };
  const timestamp = "2030-01-01T00:00:00.000Z";
  first.say({ type: "event", id: "e", timestamp, channel: "system", action: "session", data });
  await connecting;
  client.command("file", "delete", { path: "ä" }).catch(() => {});
  client.command("file", "read", { path: "ä" }).catch(() => {});
  const [signed, plain] = first.sent;
  assert.equal(plain.auth.signature, undefined);
  assert.ok(Math.abs(Date.parse(signed.timestamp) - Date.parse(timestamp)) < 60_000, signed.timestamp);
  const digest = createHash("sha256").update('{"path":"ä"}').digest("hex");
  const lines = [signed.id, signed.timestamp, "file", "delete", digest].join("\n");
  assert.equal(signed.auth.signature, createHmac("sha256", "k").update(lines).digest("hex"));
  client.close();
  first.onclose({ code: 1000 });
});
