"""What the drivers of Python clients share: the command line, and the lines that they print."""

import json
import os
import sys
import threading

import urllib3

URL, TOKEN = sys.argv[1:3]

# Clients print what they like; the lines are for whoever started this program.
_lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
sys.stdout = sys.stderr


def _print(**line):
    _lines.write(json.dumps(line) + "\n")


def started(version):
    """Says which client this is; to be called first. The program ends when its input is closed."""
    threading.Thread(target=_end_when_asked, daemon=True).start()
    _print(kind="started", version=version)


def _end_when_asked():
    sys.stdin.read()
    os._exit(0)


def message(event, id, data):
    """Says that the client has dispatched a message."""
    _print(kind="message", event=event or "message", id=id or "", data=data)


def stopped(why):
    """Says that the client will not come back by itself, and waits to be ended."""
    _print(kind="stopped", why=str(why))
    threading.Event().wait()


def headers(last):
    """The headers of a request that goes on after the last message, if there was one."""
    found = {"Authorization": "Bearer " + TOKEN}
    if last:
        found["Last-Event-ID"] = last
    return found


def chunks_of(response):
    """What an answer of requests brings, as it comes: `iter_content` waits for the end of one that is not chunked."""
    try:
        while chunk := response.raw.read1(65536, decode_content=True):
            yield chunk
    except urllib3.exceptions.HTTPError:
        # A connection that breaks is an end.
        return
