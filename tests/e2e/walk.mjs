// SPDX-License-Identifier: Apache-2.0
// Steps that several tests take, by the ids that clients/portal/README.md promises.
import assert from 'node:assert/strict';

import {codeOf, linkOf} from './harness.mjs';

export async function signIn(page, identifier, password) {
  await page.goto('/');
  await page.fill('#identifier', identifier);
  await page.fill('#password', password);
  await page.click('#sign-in');
}

export async function mustSignIn(page, identifier, password) {
  await signIn(page, identifier, password);
  await page.waitForSelector('#activity');
}

export async function mustRefuse(page, identifier, password) {
  await signIn(page, identifier, password);
  await page.waitForSelector('#problem');
}

// Wrong passwords until the page with every way on comes.
export async function lockOut(page, login) {
  for (let i = 0; i < 6; i++) {
    await signIn(page, login, `not the password ${i}`);
    await page.waitForSelector('#problem');
    if (await page.locator('#locked-start').count()) return;
  }
  assert.fail('six wrong passwords did not lead to the page for locked customers');
}

export async function startRecovery(page, identifier, intent = 'reset') {
  await page.goto('/recover/start');
  await page.fill('#identifier', identifier);
  await page.check(`#intent-${intent}`);
  await page.click('#start');
  await page.waitForSelector('#code');
}

export async function typeCode(page, code) {
  await page.fill('#code', code);
  await page.click('#submit-code');
}

export async function setPassword(page, password) {
  await page.waitForSelector('#new_password');
  await page.fill('#new_password', password);
  await page.click('#set-password');
  await page.waitForSelector('#reference');
}

export async function resetByCode(bank, page, customer, password) {
  await startRecovery(page, customer.login);
  const mail = await bank.mail.next(customer.email, /new password/);
  await typeCode(page, codeOf(mail));
  await setPassword(page, password);
}

// With scripts the page takes the token from the link's fragment and shows one button.
export async function openLink(bank, page, mail) {
  await page.goto(linkOf(mail).replace(bank.url, ''));
  await page.click('#open-link');
}

// What a member of staff does for a customer at the counter; the answer is the 12-digit token.
export async function issueToken(bank, terminal, customer) {
  assert.match(await terminal.ask(`find ${customer.number} forgot`), /^Case: /m);
  assert.match(await terminal.ask('inspect passport 4711'), /^Done: /m);
  assert.match(await terminal.ask('send'), /^Done: /m);
  const mail = await bank.mail.next(customer.email, /say in the branch/);
  assert.match(await terminal.ask(`check ${codeOf(mail)}`), /^Done: /m);
  const answer = await terminal.ask('token');
  assert.match(answer, /^Token: [\d ]+$/m);
  return /^Token: ([\d ]+)$/m.exec(answer)[1];
}

export async function useToken(page, customer, token) {
  await page.goto('/branch-token');
  await page.fill('#customer_number', customer.number);
  await page.fill('#token', token);
  await page.click('#use-token');
  await page.waitForSelector('#code');
}
