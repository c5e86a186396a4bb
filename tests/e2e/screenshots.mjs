// SPDX-License-Identifier: Apache-2.0
// The pictures of the README: pages of a real bank, on a desktop and on a phone, and a branch terminal. Run by
// deploy/screenshots.
import {mkdir} from 'node:fs/promises';
import path from 'node:path';

import {bin, codeOf, openBank, sizes, totp} from './harness.mjs';
import {Screen} from './screen.mjs';
import * as walk from './walk.mjs';

const folder = process.argv[2];
await mkdir(folder, {recursive: true});
const bank = await openBank();

async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({path: path.join(folder, `${name}.png`), animations: 'disabled'});
}

// As a terminal shows it: the characters are the program's, the window is ours.
async function pictureOfScreen(screen, name) {
  const page = await bank.visitor({viewport: {width: 940, height: 600}});
  await page.setContent(`<style>
    body { background: #e9edf1; margin: 0; padding: 20px; display: inline-block; }
    pre { background: #10202b; border-radius: 8px; color: #e6edf2; font: 14px/1.4 monospace; margin: 0; padding: 18px 22px; }
  </style><pre></pre>`);
  await page.locator('pre').evaluate((pre, text) => { pre.textContent = text; }, screen.text());
  await page.locator('body').screenshot({path: path.join(folder, `${name}.png`)});
}

async function tellerAtWork(login) {
  const [, password, secret, branch] = bank.tellers.get(login);
  const config = path.join(bank.dir, 'bank', `branch-${branch}-terminal-1.toml`);
  const screen = new Screen([path.join(bin, 'latchkey-branch'), '--config', config]);
  for (const [prompt, answer] of [[/Login:/, login], [/Password:/, password], [/authenticator:/, totp(secret)]]) {
    await screen.waitFor(prompt);
    screen.type(answer);
  }
  await screen.waitFor(/Signed in/);
  return screen;
}

try {
  const customer = bank.customer('anna.berg');
  const desktop = {viewport: {width: 1180, height: 800}, reducedMotion: 'reduce'};
  const phone = {viewport: sizes.phone, deviceScaleFactor: 2, reducedMotion: 'reduce'};
  const page = await bank.visitor(desktop);
  await page.goto('/');
  await picture(page, 'sign-in');
  await walk.lockOut(page, customer.login);
  await picture(page, 'locked');
  await walk.startRecovery(page, customer.login);
  await picture(page, 'look-at-your-messages');
  const mail = await bank.mail.next(customer.email, /new password/);

  const hand = await bank.visitor({...phone, colorScheme: 'dark'});
  await hand.goto('/recover/code');
  await picture(hand, 'code-on-a-phone-dark');
  await walk.typeCode(page, codeOf(mail));
  await page.waitForSelector('#new_password');
  await page.fill('#new_password', 'aaaaaaaaaaaaaaaa');
  await page.click('#set-password');
  await page.waitForSelector('#problem');
  await picture(page, 'new-password');
  await walk.setPassword(page, 'candle orchard ferry 42 moss');
  await picture(page, 'done');
  await walk.mustSignIn(page, customer.login, 'candle orchard ferry 42 moss');
  await picture(page, 'account');

  const screen = await tellerAtWork('t.miller');
  screen.type(`find ${customer.number} forgot`);
  await screen.waitFor(/^Next:/m);
  await pictureOfScreen(screen, 'branch');
  screen.close();

  const pocket = await bank.visitor(phone);
  await pocket.goto('/');
  await picture(pocket, 'sign-in-on-a-phone');
  const message = await bank.visitor({viewport: {width: 760, height: 1000}});
  await message.goto(`http://localhost:${bank.ports.mail}/messages/${mail.id}/html`);
  await picture(message, 'message');
} finally {
  await bank.close();
}
