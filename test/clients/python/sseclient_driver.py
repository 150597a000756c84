"""PyPI sseclient, which comes back by itself, with what it lacks."""

import codecs
from importlib.metadata import version

import requests
from driver import TOKEN, URL, chunks_of, message, started, stopped
from sseclient import SSEClient


class Client(SSEClient):
    def _connect(self):
        # It keeps the whole lines of half a frame, and puts the next frame behind them.
        self.buf = ""
        while True:
            try:
                super()._connect()
                break
            except requests.ConnectionError:
                # A connection that breaks before its answer is an end to it.
                continue
        if self.resp.status_code == 204:
            stopped(204)
        # Without a charset it takes the text for Latin-1.
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def iter_content(self):
        # Its own way reads the sizes of HTTP chunks as text.
        return chunks_of(self.resp)


started(version("sseclient"))
try:
    for event in Client(URL, headers={"Authorization": "Bearer " + TOKEN}):
        message(event.event, event.id, event.data)
except requests.HTTPError as error:
    stopped(error.response.status_code)
