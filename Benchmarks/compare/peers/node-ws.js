// What a JavaScript programmer would write: ws and JSON.
//
//   node node-ws.js PORT command|fanout
const { WebSocketServer, WebSocket } = require('ws');

const [port, mode] = process.argv.slice(2);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });

server.on('connection', (connection) => {
  connection.on('error', () => {});
  if (mode === 'fanout') {
    connection.on('message', (message) => {
      for (const each of server.clients) {
        if (each !== connection && each.readyState === WebSocket.OPEN) each.send(message, { binary: false });
      }
    });
  } else {
    connection.on('message', (message) => {
      const { id, channel, action, data } = JSON.parse(message);
      const timestamp = new Date().toISOString();
      connection.send(JSON.stringify({ type: 'response', id, timestamp, channel, action, status: 'ok', data }));
    });
  }
});
