"""What a Python programmer would write: websockets and json.

python-websockets.py PORT command|fanout
"""

import asyncio
import datetime
import json
import sys

from websockets.asyncio.server import broadcast, serve

subscribers = set()


async def answer(connection):
    async for message in connection:
        request = json.loads(message)
        now = datetime.datetime.now(datetime.timezone.utc)
        response = {
            "type": "response",
            "id": request["id"],
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
            "channel": request["channel"],
            "action": request["action"],
            "status": "ok",
            "data": request["data"],
        }
        await connection.send(json.dumps(response))


async def fan_out(connection):
    subscribers.add(connection)
    try:
        async for message in connection:
            broadcast(subscribers - {connection}, message)
    finally:
        subscribers.discard(connection)


async def main(port, mode):
    handler = fan_out if mode == "fanout" else answer
    async with serve(handler, "127.0.0.1", port, compression=None, ping_interval=None) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
