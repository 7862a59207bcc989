"""A mail server for the flow tests: the catcher of ``./run``, which a test may make fail."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections import Counter
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

CATCHER = Path(__file__).resolve().parents[1] / "bin" / "mail-catcher"


def _load_catcher():
    """Import the program, whose name has no ``.py``."""
    loader = SourceFileLoader("mail_catcher", str(CATCHER))
    module = module_from_spec(spec_from_loader("mail_catcher", loader))
    sys.modules["mail_catcher"] = module
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module


mail_catcher = _load_catcher()
# Each command of each session, at a level that tests show.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class MailServer(mail_catcher.Catcher):
    """Catches mail into a folder and does what a test asks for at a step of a message.

    ``at`` holds functions of the number of messages stored so far, by step: ``rcpt`` (a
    recipient is named), ``data`` (the message is here, not yet stored) and ``stored`` (it
    is stored, the client has no answer yet; if true, the connection is cut instead).
    """

    def __init__(self, folder: Path, refused=()):
        super().__init__(mail_catcher.Mailbox(folder), refused)
        self.at = {}
        self.server = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        self._reach("rcpt")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):
        self._reach("data")
        answer = await super().handle_DATA(server, session, envelope)
        if self._reach("stored"):
            server.transport.abort()
        return answer

    def _reach(self, step):
        return step in self.at and self.at[step](len(self.mailbox.numbers()))

    def messages(self):
        """Return the caught messages, oldest first."""
        return [self.mailbox.message(number) for number in self.mailbox.numbers()]

    def recipients(self) -> Counter:
        """Return how many messages each envelope recipient got."""
        return Counter(
            address
            for message in self.messages()
            for address in str(message["X-RcptTo"]).split(", ")
        )

    @property
    def port(self) -> int:
        return self.server.smtp_port


@contextlib.contextmanager
def mail_server(folder: Path, refused=()):
    """Run a :class:`MailServer` on a free port."""
    mail = MailServer(folder, refused)
    mail.server = mail_catcher.Server(mail.mailbox, catcher=mail)
    mail.server.start()
    try:
        yield mail
    finally:
        mail.server.stop()
