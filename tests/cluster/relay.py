"""Ports of this machine's loopback that lead into a cluster's network, for people and programs outside of it. Tests do without.

    relay.py HUB_PID REPORT NAME=HOST:PORT…    listens first, then moves into the hub's network, where it connects
"""
import asyncio
import json
import pathlib
import socket
import sys

from places import Place, enter_network
from processes import Process, wait_for


def start(folder, hub, targets):
    """Gives the process and the loopback address of each target's name."""
    report = pathlib.Path(folder, "relay.json")
    words = [f"{name}={host}:{port}" for name, (host, port) in targets.items()]
    process = Process.start([sys.executable, "-B", __file__, str(hub.keeper.pid), str(report), *words], pathlib.Path(folder, "relay.log"), folder)
    wait_for(report.exists, "the relay", 20, process.log)
    return process, json.loads(report.read_text(encoding="ascii"))


async def _pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


def _serve(host, port):
    async def connected(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        writer.close()
        far_writer.close()
    return connected


async def _main(hub_pid, report, targets):
    listeners = {}
    for target in targets:
        name, _, address = target.partition("=")
        listener = socket.create_server(("127.0.0.1", 0))
        host, _, port = address.partition(":")
        listeners[name] = (listener, host, int(port))
    enter_network(Place(None, "hub", None, Process(hub_pid, None, None)))
    servers = [await asyncio.start_server(_serve(host, port), sock=listener) for listener, host, port in listeners.values()]
    beside = pathlib.Path(report + ".new")
    beside.write_text(json.dumps({name: f"127.0.0.1:{listener.getsockname()[1]}" for name, (listener, _, _) in listeners.items()}))
    beside.rename(report)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
