"""PyPI httpx-sse: it parses one answer; to come back is the caller's."""

import time
from importlib.metadata import version

import httpx
from driver import URL, headers, message, started, stopped
from httpx_sse import connect_sse

started(version("httpx-sse"))
last, wait = None, 1.0
with httpx.Client(timeout=None) as client:
    while True:
        try:
            with connect_sse(client, "GET", URL, headers=headers(last)) as source:
                status = source.response.status_code
                if status != 200:
                    stopped(status)
                for sse in source.iter_sse():
                    message(sse.event, sse.id, sse.data)
                    last = sse.id or last
                    wait = wait if sse.retry is None else sse.retry / 1000
        except httpx.TransportError:
            pass
        time.sleep(wait)
