"""A receiver of webhooks on loopback, which can be down, slow, or rude."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = b"a secret of the tests, long enough"


class Receiver:
    """Takes what is posted, and answers as it is told.

    Attributes
    ----------
    got : (headers, body) of every POST, in order
    came : set as soon as anything came
    status, head : of the next answers; a list of statuses is used up first
    """

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status: int = 204
        self.next: list[int] = []
        self.head: dict[str, str] = {}
        self.wait, self.came = threading.Event(), threading.Event()
        self.slow: str = ""
        self.url = ""

    @property
    def keys(self) -> list[str]:
        return [head["Dohyo-Delivery"] for head, _ in self.got]


@contextmanager
def receiving(context: Any = None):
    held = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            held.got.append((dict(self.headers), body))
            held.came.set()
            if held.slow == "silent":
                held.wait.wait(10)
                return
            if held.slow == "drip":  # each byte in time, the whole never
                while not held.wait.wait(0.05):
                    try:
                        self.wfile.write(b"H")
                    except OSError:
                        return
                return
            self.send_response(held.next.pop(0) if held.next else held.status)
            for name, value in held.head.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    held.url = f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield held
    finally:
        held.wait.set()
        server.shutdown()
        thread.join()
        server.server_close()
