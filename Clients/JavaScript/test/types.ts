// Compiled, never run: what the types must allow, and what they must not.
import { HydrogenClient, HydrogenError, Subscription, type DeliveredEvent } from "../hydrogen-client.js";

const client = new HydrogenClient("wss://example.org/", { key: "hk_…", backOffMaximum: 10_000 });
await client.connect();
const { identity } = await client.command<{ identity: string }>("system", "whoami");
identity.toUpperCase();
const jobs: Subscription = await client.subscribe("print", "job.*", { filter: { id: { gte: 5 } }, guaranteed: true });
for await (const job of jobs) {
  const event: DeliveredEvent = job;
  event.acknowledge();
  if (job.offset !== undefined) job.offset.toFixed();
  break;
}
await client.subscribe("print", "**", { acknowledge: "explicit" }, (event) => event.acknowledge());
const { event, receivers } = await client.publish("print", "job.done", { id: 7 }, { count: true, key: "once" });
event.length + (receivers ?? 0);
client.addEventListener("state", ({ detail }) => detail.retryIn?.toFixed());
client.addEventListener("gap", ({ detail: { from, to } }) => to - from);
try {
  await client.command("print", "start", {}, { timeout: 5_000, signal: new AbortController().signal });
} catch (error) {
  if (error instanceof HydrogenError && error.retryable) error.fullCode.length;
}
await client.close();

// @ts-expect-error: a priority that there is not
await client.publish("print", "job.done", {}, { priority: "top" });
// @ts-expect-error: no such event
client.addEventListener("message", () => {});
// @ts-expect-error: subscriptions come from a client
new Subscription();
