#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A mail relay that behaves badly, for the tests of the courier.

  hostile_smtp.py --folder D [--host ADDRESS] [--certificate C --key K] MODE...

The n-th conversation goes by the n-th MODE, all later ones by the last. What a client says is kept in D/N.heard, the
mail that it hands over in D/N.mail, both before it gets an answer. The first line printed is the port.

  accept       takes one mail and ends; under TLS if there is a certificate
  keep         takes one mail after another
  once-more    takes one mail, and then ends without a word when the next is begun
  away         nobody listens (only as the first MODE)
  mute         listens and says nothing, until the client goes
  stall        says nothing after RCPT, until the client goes
  busy         421 at the greeting            later    450 at RCPT
  never        550 5.1.1 at RCPT              policy   550 5.7.1 at RCPT
  full         452 after the content          spam     554 5.6.0 after the content
  lose         takes the content and closes without an answer
  hang         takes the content and says nothing more until the client goes
  hold         takes the content, prints "took", and answers when a line comes on standard input
  cut          closes in the middle of the content
  break-tls    offers STARTTLS and refuses it
"""
import argparse
import os
import pathlib
import queue
import socket
import ssl
import sys
import threading

ANSWERS_AT_RCPT = {"later": "450 4.2.0 <anna@example.org> HOSTILE-WORDS come later",
                   "never": "550 5.1.1 <anna@example.org> HOSTILE-WORDS unknown",
                   "policy": "550 5.7.1 HOSTILE-WORDS relaying denied"}
ANSWERS_AT_END = {"full": "452 4.3.1 HOSTILE-WORDS no room", "spam": "554 5.6.0 HOSTILE-WORDS not liked"}


class Conversation:
    def __init__(self, options, number, connection):
        self.options, self.number, self.connection = options, number, connection
        self.mode = options.modes[min(number, len(options.modes)) - 1]
        self.stream = connection.makefile("rwb")
        self.heard = open(options.folder / f"{number}.heard", "ab", buffering=0)
        self.secure = False
        self.took = 0

    def say(self, *lines):
        self.stream.write("".join(line + "\r\n" for line in lines).encode())
        self.stream.flush()

    def run(self):
        if self.mode == "mute":
            return self.stream.read()
        if self.mode == "busy":
            return self.say("421 4.3.2 HOSTILE-WORDS go away")
        self.say("220 hostile ESMTP")
        for line in self.stream:
            self.heard.write(line)
            if not self.answer(line.split()[0].upper().decode(errors="replace") if line.split() else ""):
                return None
        return None

    def answer(self, verb):
        """False ends the conversation."""
        if verb == "EHLO":
            offers = self.options.certificate or self.mode == "break-tls"
            self.say(*(["250-hostile", "250-STARTTLS"] if offers and not self.secure else ["250-hostile"]),
                     "250-AUTH PLAIN", "250 SMTPUTF8")
        elif verb == "STARTTLS" and self.mode == "break-tls":
            self.say("454 4.7.0 HOSTILE-WORDS no TLS today")
        elif verb == "STARTTLS":
            self.start_tls()
        elif verb == "AUTH":
            self.say("235 2.7.0 welcome")
        elif verb == "MAIL" and self.mode == "once-more" and self.took:
            return False
        elif verb == "RCPT" and self.mode == "stall":
            self.stream.read()
            return False
        elif verb == "RCPT":
            self.say(ANSWERS_AT_RCPT.get(self.mode, "250 OK"))
        elif verb == "DATA":
            self.say("354 go on")
            return self.take()
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 OK")
        return True

    def start_tls(self):
        self.say("220 go on")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.options.certificate, self.options.key)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.stream = self.connection.makefile("rwb")
        self.secure = True

    def take(self):
        mail = b""
        for line in self.stream:
            if self.mode == "cut":
                return False
            if line == b".\r\n":
                break
            mail += line[1:] if line.startswith(b".") else line
        else:
            return False
        path = self.options.folder / f"{self.number}.mail"
        path.with_suffix(".part").write_bytes(mail)
        path.with_suffix(".part").rename(path)
        if self.mode == "lose":
            return False
        if self.mode == "hang":
            self.stream.read()
            return False
        if self.mode == "hold":
            print("took", flush=True)
            TOLD.get()
        self.say(ANSWERS_AT_END.get(self.mode, "250 2.0.0 kept"))
        self.took += 1
        return self.mode in ("keep", "once-more")


# What the test said, line by line. When it ends, however it ends, so does this.
TOLD = queue.Queue()


def hear():
    for line in sys.stdin:
        TOLD.put(line)
    os._exit(0)


def converse(options, number, connection):
    try:
        Conversation(options, number, connection).run()
    except OSError:  # the client went, or would not have our certificate
        pass
    finally:
        # Also ends what a file object still holds.
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("modes", nargs="+", metavar="MODE")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    listener = socket.socket()
    listener.bind((options.host, 0))
    if options.modes[0] != "away":  # bound and not listening: the port is ours, and refuses
        listener.listen(64)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=hear, daemon=True).start()
    number = 0
    while options.modes[0] != "away":
        connection, _ = listener.accept()
        number += 1
        threading.Thread(target=converse, args=(options, number, connection), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
