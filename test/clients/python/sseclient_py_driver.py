"""PyPI sseclient-py: it parses one answer; to come back is the caller's."""

import time
from importlib.metadata import version

import requests
from driver import URL, chunks_of, headers, message, started, stopped
from sseclient import SSEClient


class WholeFrames:
    """It dispatches half a frame when an answer ends: so it gets nothing behind the last blank line."""

    def __init__(self, response):
        self._response = response

    def __iter__(self):
        kept = b""
        for chunk in chunks_of(self._response):
            whole, end, kept = (kept + chunk).rpartition(b"\n\n")
            yield whole + end


started(version("sseclient-py"))
last, wait = None, 1.0
while True:
    try:
        with requests.get(URL, headers=headers(last), stream=True) as response:
            if response.status_code != 200:
                stopped(response.status_code)
            for event in SSEClient(WholeFrames(response)).events():
                message(event.event, event.id, event.data)
                last = event.id or last
                wait = wait if event.retry is None else int(event.retry) / 1000
    except requests.RequestException:
        pass
    time.sleep(wait)
