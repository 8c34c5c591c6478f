// Run by Tests/EndToEnd: subscribes, and prints states, gaps and events, one JSON object a line, until it is told to end.
import { HydrogenClient } from "../hydrogen-client.js";

const { HYDROGEN_URL: url, HYDROGEN_KEY: key, HYDROGEN_OPTIONS: options = "{}" } = process.env;
const say = (object) => console.log(JSON.stringify(object));
if (url) {
  const client = new HydrogenClient(url, { key, backOffBase: 50, backOffMaximum: 500 });
  for (const type of ["state", "gap"]) client.addEventListener(type, ({ detail }) => say({ [type]: detail }));
  client.connect().catch((error) => say({ failure: error.fullCode }));
  await client.subscribe("print", "**", JSON.parse(options), ({ action, data, offset, attempt }) => {
    say({ event: { action, data, offset, attempt } });
  });
  say({ subscribed: true });
  process.on("SIGTERM", () => client.close().then(() => process.exit(0)));
}
