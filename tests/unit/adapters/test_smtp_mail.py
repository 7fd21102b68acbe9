"""Notices over SMTP, to a server that speaks TLS: what is sent, not sent, and in doubt."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest

from rempart.adapters.smtp_mail import Server, SmtpMail, message_of
from rempart.domain.delivery import Post
from rempart.usecases.delivery_ports import Notice
from tests.mail_sink import Sink, mail_sink

title = "Notices by e-mail"

NOTICE = Notice(
    sender="dpo@op.example",
    to="crise@insurer.example",
    subject="[EXERCICE · EXERCISE] Rempart : un fichier vous attend",
    body="Bonjour,\n\nUn fichier signé vous attend.\n.\nFin\n",
)


def mail_to(sink: Sink, **more: Any) -> SmtpMail:
    said: dict[str, Any] = {"host": "localhost", "port": sink.port, "context": sink.context()}
    return SmtpMail(Server(**(said | more)))


@pytest.fixture
def sink(tmp_path):
    with mail_sink(tmp_path) as sink:
        yield sink


def test_a_notice_goes_over_tls_in_one_connection(sink):
    mail = mail_to(sink)
    assert [mail.send(NOTICE), mail.send(NOTICE)] == [Post.SENT, Post.SENT]
    mail.close()
    assert sink.connections == 1
    first, second = sink.messages
    assert (first["To"], first["From"]) == (NOTICE.to, NOTICE.sender)
    assert first["Subject"] == NOTICE.subject
    assert first.get_content().replace("\r\n", "\n") == NOTICE.body
    assert first["Message-ID"] != second["Message-ID"]
    assert not [*first.iter_attachments()]
    assert {line.split()[0] for line in sink.clear} == {b"ehlo", b"STARTTLS"}


def test_tls_may_come_first(tmp_path, monkeypatch):
    with mail_sink(tmp_path, tls_first=True) as sink:
        monkeypatch.setattr("rempart.adapters.smtp_mail.TLS_FIRST", sink.port)
        mail = mail_to(sink)
        assert mail.send(NOTICE) is Post.SENT
        mail.close()
        assert not sink.clear


def test_nothing_is_sent_without_tls(tmp_path):
    with mail_sink(tmp_path, offers_tls=False) as sink:
        assert mail_to(sink, user="desk", password="secret").send(NOTICE) is Post.NO_TLS
        assert not sink.messages
        assert not [line for line in sink.clear if b"insurer" in line or b"AUTH" in line.upper()]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_is_sent_to_a_server_of_another_name_or_authority(sink, host):
    """The certificate is for ``localhost``, and signed by nobody whom this machine knows."""
    context = sink.context() if host == "127.0.0.1" else ssl.create_default_context()
    assert mail_to(sink, host=host, context=context).send(NOTICE) is Post.BAD_CERTIFICATE
    assert not sink.messages


def test_a_login_is_given_and_a_wrong_one_is_said(tmp_path):
    with mail_sink(tmp_path, login=("desk", "secret")) as sink:
        mail = mail_to(sink, user="desk", password="secret")
        assert mail.send(NOTICE) is Post.SENT
        mail.close()
        wrong = mail_to(sink, user="desk", password="guess")
        assert [wrong.send(NOTICE), wrong.send(NOTICE)] == [Post.NO_LOGIN, Post.NO_LOGIN]
        assert sink.connections == 2, "a wrong login is not tried over and over"
        assert "guess" not in repr(wrong)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_what_the_server_refuses_was_not_sent_and_the_next_may_be(tmp_path, verb):
    with mail_sink(tmp_path, refuses=verb) as sink:
        mail = mail_to(sink)
        assert mail.send(NOTICE) is Post.REFUSED
        sink.refuses = ""
        assert mail.send(NOTICE) is Post.SENT
        mail.close()
        assert len(sink.messages) == 1


def test_a_server_that_hangs_up_once_it_has_the_text_leaves_a_doubt(tmp_path):
    with mail_sink(tmp_path, hangs_up=True) as sink:
        mail = mail_to(sink)
        assert mail.send(NOTICE) is Post.IN_DOUBT
        assert len(sink.messages) == 1, "it was taken, and we were not told"
        sink.hangs_up = False
        assert mail.send(NOTICE) is Post.SENT, "the next insurer is told"
        mail.close()
        sink.hangs_up = True
        mail = mail_to(sink)
        assert [mail.send(NOTICE) for _ in range(3)] == [Post.IN_DOUBT, Post.IN_DOUBT, Post.DOWN]


def test_a_server_that_is_down_is_tried_once_a_run(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    mail = SmtpMail(Server(host="127.0.0.1", port=port, context=ssl.create_default_context()))
    assert mail.send(NOTICE) is Post.DOWN
    monkeypatch.setattr("smtplib.SMTP", lambda *_, **__: pytest.fail("tried again"))
    assert mail.send(NOTICE) is Post.DOWN


@pytest.mark.parametrize("part", ["to", "sender", "subject"])
def test_no_header_has_a_second_line(part):
    with pytest.raises(ValueError, match="Header values"):
        message_of(replace(NOTICE, **{part: "a@b.example\r\nBcc: all@evil.example"}))
