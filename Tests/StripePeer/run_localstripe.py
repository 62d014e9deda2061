"""Runs localstripe on 127.0.0.1 (its own command listens on every address), and without the copy of
its whole store that it would write to /tmp after each request. Nothing of the wire is changed."""
import sys

from aiohttp import web
from localstripe import server

server.store.dump_to_disk = lambda: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
