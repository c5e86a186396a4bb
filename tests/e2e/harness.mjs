// SPDX-License-Identifier: Apache-2.0
// A whole bank for a test: the real programs on free ports in a folder of its own, a real browser, real mail.
//
// The bank is the demonstration's (deploy/demo), so what people try by hand is what is tested. LATCHKEY_BIN names the
// folder with the programs. Nothing waits for a time to pass: only for something to happen.
import {spawn} from 'node:child_process';
import {createHmac} from 'node:crypto';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

import {chromium} from 'playwright-core';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const bin = process.env.LATCHKEY_BIN ?? path.join(root, 'build/release/bin');
const PATIENCE_MS = 20_000;

export const sizes = {
  phone: {width: 360, height: 740},
  tablet: {width: 768, height: 1024},
  desktop: {width: 1280, height: 900},
};

async function table(file) {
  const text = await readFile(file, 'utf8');
  return text.trimEnd().split('\n').map((line) => line.split('\t'));
}

// A program behind pipes: lines in, lines out.
export class Program {
  constructor(command, args, options = {}) {
    this.output = '';
    this.at = 0;
    this.child = spawn(command, args, {stdio: ['pipe', 'pipe', 'pipe'], ...options});
    const gather = (data) => {
      this.output += data;
      this.wake?.();
    };
    this.child.stdout.setEncoding('utf8').on('data', gather);
    this.child.stderr.setEncoding('utf8').on('data', gather);
    this.ended = new Promise((resolve) => this.child.on('exit', (code) => {
      this.exitCode = code ?? -1;
      this.wake?.();
      resolve(this.exitCode);
    }));
  }

  say(line) {
    this.at = this.output.length;
    this.child.stdin.write(`${line}\n`);
  }

  // What was printed since the last line in, once the pattern is in it.
  async waitFor(pattern, patience = PATIENCE_MS) {
    const deadline = Date.now() + patience;
    for (;;) {
      const fresh = this.output.slice(this.at);
      if (pattern.test(fresh)) return fresh;
      if (this.exitCode !== undefined || Date.now() > deadline) {
        throw new Error(`waited for ${pattern}; it said: ${fresh.slice(-400)}`);
      }
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async end(signal) {
    if (this.exitCode === undefined) signal ? this.child.kill(signal) : this.child.stdin.end();
    return this.ended;
  }
}

// The mail page of the demonstration, asked for its JSON. Each message is handed out once.
class Mailbox {
  constructor(port) {
    this.port = port;
    this.seen = new Set();
  }

  async next(address, subject = /./) {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const url = `http://127.0.0.1:${this.port}/messages.json?to=${encodeURIComponent(address)}`;
      for (const mail of await (await fetch(url)).json()) {
        if (this.seen.has(mail.id) || !subject.test(mail.subject)) continue;
        this.seen.add(mail.id);
        return mail;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no message ${subject} came to ${address}`);
  }
}

export function codeOf(mail) {
  const found = /^\s*(\d{4})[ \u00a0]?(\d{4})\s*$/m.exec(mail.text);
  if (!found) throw new Error(`the message "${mail.subject}" has no code`);
  return found[1] + found[2];
}

export function linkOf(mail, place = '/recover') {
  const found = new RegExp(`https?://\\S+${place}#t=[A-Za-z0-9_-]+`).exec(mail.text);
  if (!found) throw new Error(`the message "${mail.subject}" has no link to ${place}`);
  return found[0];
}

// RFC 6238: SHA-1, six digits, thirty seconds.
export function totp(secret, at = Date.now()) {
  let bits = '';
  for (const c of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', key).update(step).digest();
  const code = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(code % 1_000_000).padStart(6, '0');
}

class Bank {
  customer(login) {
    const [number, , password, , name] = this.customers.get(login);
    return {login, number, password, name, email: `${login}@mail.example`};
  }

  // A terminal of the branch where the teller works, signed in.
  async teller(login = 't.miller') {
    const [, password, secret, branch] = this.tellers.get(login);
    const config = path.join(this.dir, 'bank', `branch-${branch}-terminal-1.toml`);
    const terminal = new Program(path.join(bin, 'latchkey-branch'), ['--plain', '--config', config]);
    await terminal.waitFor(/^Login:/m);
    terminal.say(login);
    await terminal.waitFor(/^Password:/m);
    terminal.say(password);
    await terminal.waitFor(/authenticator:/);
    terminal.say(totp(secret));
    await terminal.waitFor(/^Signed in:[\s\S]*^Next:.*\n/m);
    terminal.ask = async (line) => {
      terminal.say(line);
      return terminal.waitFor(/^Next:.*\n/m);
    };
    return terminal;
  }

  phone() {
    const config = path.join(this.dir, 'bank/ivr.toml');
    return new Program(path.join(bin, 'latchkey-ivr'), ['--console', '--config', config]);
  }

  operator(...args) {
    const config = path.join(this.dir, 'bank/latchkey.toml');
    return new Program(path.join(bin, 'latchkey'), ['--config', config, ...args]);
  }

  async browser() {
    this.chromium ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
    });
    return this.chromium;
  }

  // A fresh visitor: a context of its own with one page. The page fails the test when it asks any other host for
  // anything, or when the browser reports a breach of the content security policy.
  async visitor(options = {}) {
    const browser = await this.browser();
    const context = await browser.newContext({baseURL: this.url, locale: 'en-GB', viewport: sizes.desktop, ...options});
    const page = await context.newPage();
    page.complaints = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url)) page.complaints.push(`asked for ${request.url()}`);
    });
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) page.complaints.push(message.text());
    });
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }

  async close() {
    await this.chromium?.close();
    await this.demo.end('SIGINT');
    await rm(this.dir, {recursive: true, force: true});
  }
}

// The ports of the demonstration in that folder, by their names.
export async function portsOf(folder) {
  const lines = (await readFile(path.join(folder, 'ports'), 'utf8')).trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, port]) => [name, Number(port)]));
}

export async function openBank() {
  const bank = new Bank();
  bank.dir = await mkdtemp(path.join(tmpdir(), 'latchkey-e2e-'));
  const args = ['--bin', bin, '--dir', bank.dir, '--free-ports'];
  bank.demo = new Program(path.join(root, 'deploy/demo'), args, {detached: false});
  try {
    await bank.demo.waitFor(/is open\. Ctrl-C/, 60_000);
  } catch (error) {
    await bank.close();
    throw error;
  }
  bank.ports = await portsOf(bank.dir);
  bank.url = `http://localhost:${bank.ports.portal}`;
  bank.mail = new Mailbox(bank.ports.mail);
  bank.customers = new Map((await table(path.join(bank.dir, 'passwords.tsv'))).map((row) => [row[1], row]));
  bank.tellers = new Map((await table(path.join(bank.dir, 'tellers.tsv'))).map((row) => [row[0], row]));
  return bank;
}
