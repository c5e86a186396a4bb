// SPDX-License-Identifier: Apache-2.0
// A program on a real terminal (tmux), and what stands on its screen.
import {execFileSync} from 'node:child_process';

export class Screen {
  constructor(command, {columns = 100, rows = 44} = {}) {
    this.socket = `latchkey-${process.pid}`;
    this.tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), ...command);
  }

  tmux(...args) {
    return execFileSync('tmux', ['-L', this.socket, ...args], {encoding: 'utf8', env: {...process.env, LC_ALL: 'C.UTF-8'}});
  }

  type(line) {
    this.tmux('send-keys', '-l', line);
    this.tmux('send-keys', 'Enter');
  }

  text() {
    return this.tmux('capture-pane', '-p').trimEnd();
  }

  async waitFor(pattern, patience = 20_000) {
    const deadline = Date.now() + patience;
    while (!pattern.test(this.text())) {
      if (Date.now() > deadline) throw new Error(`waited for ${pattern}; the screen shows:\n${this.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close() {
    this.tmux('kill-server');
  }
}
