// A conversation with a real server, in whatever has a WebSocket: run by Node and by a page. Returns what was seen.
import { HydrogenClient, HydrogenError } from "../hydrogen-client.js";

export async function conversation({ url, key, name }) {
  const seen = { states: [] };
  const client = new HydrogenClient(url, { key });
  client.addEventListener("state", ({ detail }) => seen.states.push(detail.state));
  await client.connect();
  seen.session = client.session;
  seen.whoami = await client.command("system", "whoami");
  seen.echo = await client.command("system", "ping", { text: "grüße 日本 🚀", list: [1.5, null, true] });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, number) => client.command("system", "ping", { number })));
  seen.inOrder = answers.every(({ number }, index) => number === index);
  seen.error = await client.command("print", "nothing").catch((error) => {
    return error instanceof HydrogenError ? error.fullCode : String(error);
  });

  const handled = [];
  const everything = await client.subscribe("print", `${name}.**`, {}, (event) => handled.push(event.data.n));
  const large = await client.subscribe("print", `${name}.*`, { filter: { n: { gte: 3 } } });
  seen.receivers = [];
  for (let n = 1; n <= 4; n += 1) {
    const { receivers } = await client.publish("print", `${name}.step`, { n }, { count: true });
    seen.receivers.push(receivers);
  }
  seen.filtered = [];
  for await (const { data } of large) {
    seen.filtered.push(data.n);
    if (seen.filtered.length === 2) break;
  }
  // What was published before this answer is here with it.
  await client.command("system", "ping");
  seen.handled = handled;
  await everything.unsubscribe();
  seen.afterwards = (await client.publish("print", `${name}.step`, { n: 5 }, { count: true })).receivers;
  seen.once = [];
  for (const publishKey of ["a", "a", "b"]) {
    const { event } = await client.publish("print", `${name}.once`, {}, { key: `${name}-${publishKey}` });
    seen.once.push(event);
  }
  await client.close();
  seen.closed = await client.command("system", "ping").catch((error) => error.fullCode);
  const refused = new HydrogenClient(url, { key: "hk_wrong" });
  seen.refused = await refused.connect().catch((error) => error.fullCode);
  return seen;
}
