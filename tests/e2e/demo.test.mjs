// SPDX-License-Identifier: Apache-2.0
// The demonstration itself: what stands in its way gets one clear line; a second start is quick and keeps the data.
import assert from 'node:assert/strict';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import net from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {bin, portsOf, Program, root} from './harness.mjs';

let dir;
before(async () => { dir = await mkdtemp(path.join(tmpdir(), 'latchkey-demo-test-')); });
after(async () => { await rm(dir, {recursive: true, force: true}); });

function demo(folder, ...more) {
  return new Program(path.join(root, 'deploy/demo'), ['--bin', bin, '--dir', folder, '--free-ports', ...more]);
}

// It ends by itself with one line that holds these words.
async function mustRefuse(program, words) {
  assert.equal(await program.end(), 2);
  const lines = program.output.trim().split('\n');
  assert.match(lines.at(-1), words);
  assert.equal(lines.filter((line) => line.startsWith('demo: ')).length, 1, program.output);
}

test('a second start takes under five seconds, keeps the data, and may use other ports', async () => {
  const folder = path.join(dir, 'kept');
  const first = demo(folder);
  await first.waitFor(/is open/, 60_000);
  await first.end('SIGINT');
  const tellers = await readFile(path.join(folder, 'tellers.tsv'), 'utf8');
  const before = Object.values(await portsOf(folder));

  const started = Date.now();
  const second = demo(folder);
  await second.waitFor(/is open/, 60_000);
  assert.ok(Date.now() - started < 5_000, `took ${Date.now() - started} ms`);
  const now = await portsOf(folder);
  const page = await fetch(`http://localhost:${now.portal}/`);
  assert.equal(page.status, 200);
  assert.equal(await readFile(path.join(folder, 'tellers.tsv'), 'utf8'), tellers);
  await second.end('SIGINT');
  for (const port of [...before, ...Object.values(now)]) {
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`), undefined, `port ${port} is still served`);
  }
});

// Two demonstrations that start at once took one port, and so did an outgoing connection of anybody.
// Seen to fail with the holder's sockets closed once their ports are named.
test('nobody else is given the ports of a demonstration that is still being made', async (t) => {
  const script = `. ${path.join(root, 'deploy/lib.sh')}; hold_ports 5; echo held "\${held_ports[@]}"; read -r`;
  const holder = new Program('bash', ['-c', script]);
  t.after(() => holder.end());
  const [, ...ports] = (await holder.waitFor(/^held .*\n/m)).trim().split(' ');
  assert.equal(new Set(ports).size, 5);
  const bind = 'import socket, sys; socket.socket().bind(("127.0.0.1", int(sys.argv[1])))';
  for (const port of ports) {
    assert.notEqual(await new Program('python3', ['-c', bind, port]).end(), 0, `port ${port} was free`);
  }
});

test('a taken port is named with the option that changes it', async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const taken = demo(path.join(dir, 'taken'), '--portal-port', String(server.address().port));
  await mustRefuse(taken, /port \d+ is taken .* --portal-port/);
  await new Promise((resolve) => server.close(resolve));
});

test('a half-made folder is not built upon', async () => {
  const folder = await mkdtemp(path.join(dir, 'half-'));
  await writeFile(path.join(folder, 'customers.csv'), 'customer_number\n');
  await mustRefuse(demo(folder), /half-made.*rm -r /);
});

test('options that make no sense are refused', async () => {
  await mustRefuse(demo(path.join(dir, 'a'), '--colour', 'red'), /no option "--colour"/);
  await mustRefuse(demo(path.join(dir, 'b'), '--mail-port', 'eighty'), /--mail-port must be a port number/);
  await mustRefuse(demo('/proc/nowhere'), /cannot be made/);
});

test('a program that ends by itself takes the rest down, and is named', async () => {
  const folder = path.join(dir, 'kept');
  const bank = demo(folder);
  await bank.waitFor(/is open/, 60_000);
  const pid = Number((await readFile(path.join(folder, 'log/pids'), 'utf8')).match(/latchkey-portal (\d+)/)[1]);
  process.kill(pid, 'SIGKILL');
  await mustRefuse(bank, /latchkey-portal ended by itself/);
});
