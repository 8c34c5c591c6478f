// A conversation with Node's built-in WebSocket client: what a browser's page would do. Prints one JSON line.
const [url, encodedKey] = process.argv.slice(2);
const socket = new WebSocket(url, ["hydrogen-protocol", `hydrogen.key.${encodedKey}`]);
const seen = { protocol: null, events: [], responses: [] };
let token = null;

const command = (id, channel, action, data) =>
  socket.send(JSON.stringify({ type: "command", id, channel, action, data, auth: { token } }));

socket.onopen = () => { seen.protocol = socket.protocol; };
socket.onerror = (event) => { console.error("error", event.message ?? event.type); process.exitCode = 1; };
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === "event") {
    seen.events.push(message);
    if (message.action === "session") {
      token = message.data.token;
      command("one", "print", "subscribe", { topic: "node.*" });
      command("two", "print", "publish", { action: "node.greeting", data: { text: "grüße 🚀" }, count: true });
      command("three", "system", "whoami");
    }
  } else {
    seen.responses.push(message);
  }
  if (seen.events.length === 2 && seen.responses.length === 3) socket.close(1000, "done");
};
socket.onclose = ({ code, wasClean }) => {
  console.log(JSON.stringify({ ...seen, code, wasClean }));
};
