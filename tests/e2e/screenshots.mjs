// SPDX-License-Identifier: Apache-2.0
// The pictures of the README: pages of a real bank, on a desktop and on a phone. Run by deploy/screenshots.
import {mkdir} from 'node:fs/promises';
import path from 'node:path';

import {codeOf, openBank, sizes} from './harness.mjs';
import * as walk from './walk.mjs';

const folder = process.argv[2];
await mkdir(folder, {recursive: true});
const bank = await openBank();

async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({path: path.join(folder, `${name}.png`), animations: 'disabled'});
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

  const pocket = await bank.visitor(phone);
  await pocket.goto('/');
  await picture(pocket, 'sign-in-on-a-phone');
  const message = await bank.visitor({viewport: {width: 760, height: 1000}});
  await message.goto(`http://localhost:${bank.ports.mail}/messages/${mail.id}/html`);
  await picture(message, 'message');
} finally {
  await bank.close();
}
