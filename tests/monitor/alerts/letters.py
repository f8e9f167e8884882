"""A mail server on loopback that keeps what it gets, and refuses what it is told to refuse."""

import socketserver
import ssl
import threading
from contextlib import contextmanager


class Letters:
    """What came.

    Attributes
    ----------
    got : whole letters
    commands : of all conversations, without the letters
    refuse : command to the answer that it gets instead of the usual one
    """

    def __init__(self):
        self.got: list[bytes] = []
        self.commands: list[str] = []
        self.secure: list[str] = []
        self.refuse: dict[str, str] = {}
        self.port = 0


class Handler(socketserver.StreamRequestHandler):
    """One conversation."""

    def say(self, *lines):
        for each in lines[:-1]:
            self.wfile.write(each.replace(" ", "-", 1).encode() + b"\r\n")
        self.wfile.write(lines[-1].encode() + b"\r\n")

    def handle(self):
        self.secure, held = False, self.server.held
        self.say("220 loopback")
        while line := self.rfile.readline():
            command = line.decode("ascii", "replace").rstrip("\r\n")
            held.commands.append(command)
            word = command.split(" ")[0].upper()
            if self.secure:
                held.secure.append(word)
            if word in held.refuse:
                self.say(held.refuse[word])
            else:
                getattr(self, word.lower(), lambda: self.say("250 yes"))()

    def ehlo(self):
        tls, auth = self.server.context, self.server.auth
        offered = ["250 STARTTLS"] if tls and not self.secure else []
        offered += ["250 AUTH PLAIN"] if auth and (self.secure or not tls) else []
        self.say("250 loopback", *offered, "250 8BITMIME")

    def starttls(self):
        self.say("220 go on")
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.secure = True

    def auth(self):
        self.say("235 welcome")

    def data(self):
        self.say("354 go on")
        letter = b""
        while (part := self.rfile.readline()) not in (b".\r\n", b""):
            letter += part
        self.server.held.got.append(letter)
        self.say("250 kept")

    def quit(self):
        self.say("221 bye")

    def finish(self):
        super().finish()
        self.request.close()  # not the socket that the server knows, once that is encrypted


class Server(socketserver.ThreadingTCPServer):
    """Hears everybody at once."""

    def handle_error(self, *_):
        """Say nothing: a client that leaves early is part of the tests."""


@contextmanager
def post_office(context: ssl.SSLContext | None = None, auth: bool = False):
    server = Server(("127.0.0.1", 0), Handler)
    server.context, server.auth, server.held = context, auth, Letters()
    server.held.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
