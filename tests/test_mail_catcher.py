"""The mail catcher of ``./run``: what it takes, what it refuses, what a person sees of it."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import EmailMessage

import pytest
from mail_support import CATCHER

SCRIPT = "<script>alert(1)</script>"


def notice(**headers):
    """A mail with text, HTML, a picture of its own and two files; header values by name."""
    message = EmailMessage()
    fields = {"From": "me@example.com", "To": "Ann Müller <ann@example.com>"}
    for name, value in {**fields, "Subject": "Reminder", **headers}.items():
        message[name] = value
    message.set_content("Plain words")
    message.add_alternative(
        f'<p>Kind words</p>{SCRIPT}<img src="cid:logo@x"><a href="http://x/pay">Pay</a>',
        subtype="html",
    )
    html = message.get_payload()[1]
    html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo@x>")
    message.add_attachment(
        b"%PDF-1.4", maintype="application", subtype="pdf", filename='INV "1".pdf'
    )
    message.add_attachment(SCRIPT.encode(), maintype="text", subtype="html")
    return message


class Running:
    """A catcher in a process of its own."""

    def __init__(self, folder, *args):
        command = [sys.executable, str(CATCHER), "--smtp-port=0", "--http-port=0"]
        self.folder = folder
        self.process = subprocess.Popen(
            [*command, f"--folder={folder}", *args], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline().rpartition(":")[2])
        self.web = self.process.stdout.readline().split()[1]

    def send(self, message, *recipients):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as connection:
            return connection.send_message(message, to_addrs=recipients or None)

    def get(self, path="", **headers):
        request = urllib.request.Request(self.web + path, headers=headers)
        return urllib.request.urlopen(request, timeout=30)

    def page(self, path=""):
        with self.get(path) as response:
            return response.read().decode()

    def end(self):
        self.process.terminate()
        return self.process.wait(30)


@pytest.fixture
def running(tmp_path):
    catcher = Running(tmp_path / "mail", "--fail", "gone@example.com")
    yield catcher
    if catcher.process.poll() is None:
        catcher.end()
    catcher.process.stdout.close()


def test_message_becomes_a_file_with_its_envelope(running):
    running.send(notice(), "ann@example.com", "bob@example.com")
    (path,) = running.folder.iterdir()
    assert path.name == "001.eml"
    lines = path.read_bytes().split(b"\r\n")
    assert lines[:2] == [
        b"X-MailFrom: me@example.com",
        b"X-RcptTo: ann@example.com, bob@example.com",
    ]


def test_numbers_go_on_after_a_restart(running):
    running.send(notice())
    assert running.end() == 0
    again = Running(running.folder)
    try:
        again.send(notice())
    finally:
        again.end()
        again.process.stdout.close()
    assert sorted(path.name for path in running.folder.iterdir()) == [
        "001.eml",
        "002.eml",
    ]


def test_refused_recipient_gets_550_and_the_others_their_mail(running):
    refused = running.send(notice(), "Gone@Example.com", "ann@example.com")
    assert refused["Gone@Example.com"][0] == 550
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        running.send(notice(), "gone@example.com")
    assert [path.name for path in running.folder.iterdir()] == ["001.eml"]


def test_list_and_message_show_what_a_reader_needs(running):
    running.send(notice(Subject=f"Mahnung {SCRIPT}"))
    for page in (running.page(), running.page("1")):
        assert "Ann Müller &lt;ann@example.com&gt;" in page
        assert "Mahnung &lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert SCRIPT not in page
    assert "INV &quot;1&quot;.pdf</a> (application/pdf, 8 bytes)" in running.page("1")


def test_body_can_run_nothing_and_shows_its_own_pictures(running):
    running.send(notice())
    assert '<iframe sandbox="allow-popups ' in running.page("1")
    with running.get("1/html") as response:
        policy = response.headers["Content-Security-Policy"]
        body = response.read().decode()
    assert policy.startswith("sandbox ") and "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    source = body.partition('<img src="/')[2].partition('"')[0]
    with running.get(source) as response:
        assert response.headers["Content-Type"] == "image/png"
        assert response.read() == b"\x89PNG"


def test_plain_mail_is_escaped(running):
    message = EmailMessage()
    message["To"] = "ann@example.com"
    message["From"] = "me@example.com"
    message.set_content(SCRIPT)
    running.send(message)
    assert "&lt;script&gt;" in running.page("1/html")
    assert SCRIPT not in running.page("1/html")


def test_attached_page_is_saved_and_never_shown(running):
    running.send(notice())
    links = running.page("1").split('href="')
    (link,) = [part.partition('"')[0] for part in links if "unnamed</a>" in part]
    with running.get(link.removeprefix("/")) as response:
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.read().decode().strip() == SCRIPT


@pytest.mark.parametrize("path", ["9", "1/part/99", "../etc/passwd", "1/other"])
def test_what_is_not_there_answers_404(running, path):
    running.send(notice())
    with pytest.raises(urllib.error.HTTPError) as error:
        running.get(path)
    assert error.value.code == 404


def test_page_elsewhere_cannot_read_the_mail(running):
    """A name of somebody's that leads to this machine is no way in."""
    with pytest.raises(urllib.error.HTTPError) as error:
        running.get(Host="rebound.example.com")
    assert error.value.code == 403


def test_taken_port_is_said_in_one_line(running):
    command = [sys.executable, str(CATCHER), f"--smtp-port={running.port}"]
    second = subprocess.run(
        [*command, "--http-port=0", f"--folder={running.folder}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.startswith("error: ") and "Traceback" not in second.stderr
