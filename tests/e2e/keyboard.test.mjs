// SPDX-License-Identifier: Apache-2.0
// From a forgotten password to the signed-in page by the keyboard alone, on a phone's width.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {codeOf, openBank, sizes} from './harness.mjs';

let bank;
before(async () => { bank = await openBank(); });
after(async () => { await bank?.close(); });

// Presses Tab until the element has the focus; it must be reachable, and show that it was reached.
async function tabTo(page, selector) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const {there, shown} = await page.evaluate((wanted) => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      return {there: at.matches(wanted), shown: style.outlineStyle !== 'none' || style.boxShadow !== 'none'};
    }, selector);
    if (!there) continue;
    assert.ok(shown, `${selector} has the focus and does not show it (WCAG 2.4.7)`);
    return;
  }
  assert.fail(`${selector} cannot be reached by Tab on ${page.url()}`);
}

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.type(text);
}

test('the whole way by the keyboard', async () => {
  const customer = bank.customer('anna.berg');
  const page = await bank.visitor({viewport: sizes.phone});
  await page.goto('/');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.lk-skip')), 'the first stop skips to the content');
  await page.keyboard.press('Enter');
  await tabTo(page, '#forgot');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#start');
  await type(page, '#identifier', customer.login);
  await tabTo(page, '[name=intent]');
  await page.keyboard.press('Space');
  await tabTo(page, '#start');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#code');
  await type(page, '#code', codeOf(await bank.mail.next(customer.email, /new password/)));
  await page.keyboard.press('Enter');
  await page.waitForSelector('#new_password');
  await type(page, '#new_password', 'candle orchard ferry 42 moss');
  await tabTo(page, 'button[data-shows="new_password"]');
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('#new_password', 'type'), 'text', 'the password can be shown');
  await tabTo(page, '#set-password');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#reference');
  await tabTo(page, '#to-sign-in');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#sign-in');
  await type(page, '#identifier', customer.login);
  await type(page, '#password', 'candle orchard ferry 42 moss');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#activity');
  assert.deepEqual(page.complaints, []);
});

test('after a refusal the problem is announced and the field says it is wrong', async () => {
  const page = await bank.visitor();
  await page.goto('/');
  await type(page, '#identifier', 'anna.berg');
  await type(page, '#password', 'not the password');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#problem');
  assert.equal(await page.getAttribute('#password', 'aria-invalid'), 'true');
  assert.match(await page.title(), /^Please check/);
});
