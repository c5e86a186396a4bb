# SPDX-License-Identifier: Apache-2.0
"""What a walk through the demonstration needs: a browser without scripts, a mailbox, programs behind pipes, a clock.

Standard library only, so that it runs on a machine that has nothing installed.
"""
import base64
import hashlib
import hmac
import html.parser
import http.client
import json
import os
import re
import selectors
import struct
import subprocess
import time
import urllib.parse


class Failed(Exception):
    """A step did not come out as it must; the text says what was seen instead."""


class Page(html.parser.HTMLParser):
    """One page as a customer without scripts has it: its words, its forms, its links."""

    def __init__(self, status, path, body, headers):
        super().__init__(convert_charrefs=True)
        self.status, self.path, self.body, self.headers = status, path, body, headers
        self.forms, self.ids, self.links, self.title = {}, {}, [], ""
        self._form, self._hidden, self._id = None, 0, []
        self._text = []
        self.feed(body)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self._text))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in ("script", "style"):
            self._hidden += 1
        if tag == "form":
            self._form = {"action": values.get("action", self.path), "fields": {}, "buttons": {}}
            self.forms[values.get("id", f"form-{len(self.forms)}")] = self._form
        if tag == "a":
            self.links.append(values.get("href", ""))
        if "id" in values:
            self.ids[values["id"]] = values
        if self._form is None or "name" not in values:
            return
        if tag == "input" and values.get("type") in ("radio", "checkbox"):
            if "checked" in values:
                self._form["fields"][values["name"]] = values.get("value", "on")
        elif tag == "input":
            self._form["fields"][values["name"]] = values.get("value", "")
        elif tag == "button":
            self._form["buttons"][values["name"]] = values.get("value", "")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._hidden -= 1
        if tag == "form":
            self._form = None

    def handle_data(self, data):
        if not self._hidden:
            self._text.append(data)


class Browser:
    """Cookies, redirects and forms over real HTTP; no scripts."""

    def __init__(self, port, source="127.0.0.1"):
        self.port, self.source, self.cookies = port, source, {}

    def get(self, path):
        return self._ask("GET", path, None)

    def submit(self, page, form_id, **fields):
        if form_id not in page.forms:
            raise Failed(f"{page.path} has no form {form_id}; it says: {page.text[:200]}")
        form = page.forms[form_id]
        body = urllib.parse.urlencode({**form["fields"], **fields})
        return self._ask("POST", form["action"], body)

    def _ask(self, method, path, body, redirects=5):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(self.source, 0))
        origin = f"http://localhost:{self.port}"
        headers = {"Host": f"localhost:{self.port}", "Accept-Language": "en"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": origin})
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self._keep(value)
        connection.close()
        if response.status in (301, 302, 303) and redirects:
            return self._ask("GET", response.getheader("Location"), None, redirects - 1)
        return Page(response.status, path, text, dict(response.getheaders()))

    def _keep(self, header):
        pair, *attributes = header.split(";")
        name, _, value = pair.strip().partition("=")
        if any(a.strip().lower() == "max-age=0" for a in attributes) or not value:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


class Mail:
    """One message as the mailbox page gives it."""

    def __init__(self, entry):
        self.id, self.subject = entry["id"], entry["subject"]
        self.text = entry["text"]

    @property
    def code(self):
        # The code stands alone on its line, in groups, so that it can be read aloud.
        found = re.search(r"^\s*(\d{4})[ \u00a0]?(\d{4})\s*$", self.text, re.M)
        if not found:
            raise Failed(f"the message \"{self.subject}\" has no code")
        return found.group(1) + found.group(2)

    def link(self, path):
        found = re.search(re.escape(path) + r"#t=([A-Za-z0-9_-]+)", self.text)
        if not found:
            raise Failed(f"the message \"{self.subject}\" has no link to {path}")
        return found.group(1)


class Mailbox:
    """The demonstration's mail page, asked for its JSON."""

    def __init__(self, port):
        self.port, self.seen = port, set()

    def _all(self, address):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/messages.json?to=" + urllib.parse.quote(address))
        entries = json.loads(connection.getresponse().read())
        connection.close()
        return [Mail(entry) for entry in entries]

    def next(self, address, subject, patience=30):
        """The first message to the address that was not taken yet and whose subject holds these words."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for mail in self._all(address):
                if mail.id not in self.seen and subject in mail.subject:
                    self.seen.add(mail.id)
                    return mail
            time.sleep(0.1)
        raise Failed(f"no message \"{subject}…\" came to {address} within {patience} s")


class Program:
    """A program behind pipes: lines in, lines out."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self.output, self._at = "", 0
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)

    def say(self, line):
        self._at = len(self.output)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_for(self, *patterns, patience=20):
        """What was printed since the last line in, once one of the patterns is in it."""
        deadline = time.monotonic() + patience
        while True:
            fresh = self.output[self._at :]
            if any(re.search(pattern, fresh, re.M) for pattern in patterns):
                return fresh
            left = deadline - time.monotonic()
            if left <= 0 or (self.process.poll() is not None and not self._selector.select(0)):
                raise Failed(f"waited for {patterns[0]!r}, and it said: {fresh.strip()[-300:]!r}")
            if self._selector.select(min(left, 0.2)):
                self.output += os.read(self.process.stdout.fileno(), 65536).decode("utf-8", "replace")

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._selector.close()
        self.process.stdout.close()


def totp(secret_base32, at=None):
    """RFC 6238 with SHA-1, six digits, thirty seconds."""
    key = base64.b32decode(secret_base32 + "=" * (-len(secret_base32) % 8))
    step = struct.pack(">Q", int((at or time.time()) // 30))
    digest = hmac.new(key, step, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


class Steps:
    """Prints each step with its time, and counts."""

    def __init__(self):
        self.count = self.failed = 0

    def journey(self, title):
        print(f"\n{title}")

    def run(self, words, action):
        self.count += 1
        started = time.monotonic()
        try:
            value, problem = action(), None
        except (Failed, OSError, http.client.HTTPException, KeyError, ValueError) as error:
            value, problem = None, str(error) or type(error).__name__
        took = (time.monotonic() - started) * 1000
        print(f"  {'ok  ' if problem is None else 'FAIL'} {took:7.0f} ms  {words}", flush=True)
        if problem is not None:
            self.failed += 1
            print(f"                  {problem}", flush=True)
            raise Failed(words)
        return value
