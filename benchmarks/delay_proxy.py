"""A line with a delay: everything that passes comes out so much later, in both directions, in the same order.

Chromium's own emulation of a slow network does not reach websockets, and widgets speak through one.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what comes, each piece ``delay`` seconds after it came."""
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue()

    async def write() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                return
            sink.write(piece)
            await sink.drain()

    writing = asyncio.create_task(write())
    with contextlib.suppress(ConnectionError):
        while piece := await source.read(65536):
            pieces.put_nowait((loop.time() + delay, piece))
    pieces.put_nowait((loop.time() + delay, b""))
    with contextlib.suppress(ConnectionError):
        await writing
    sink.close()


@contextlib.contextmanager
def delayed(port: int, round_trip: float) -> Iterator[int]:
    """A port that leads to ``port`` of this computer, ``round_trip`` seconds farther away."""
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(asyncio.CancelledError):  # when the line is taken down
            await asyncio.gather(_pump(reader, back, round_trip / 2), _pump(there, writer, round_trip / 2))

    async def listen() -> None:
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        found.append(server.sockets[0].getsockname()[1])
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(listen())
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
