// SPDX-License-Identifier: Apache-2.0
// Locked out by wrong passwords, then back in through each door; what one door does holds at the others (Laws 1, 5).
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {codeOf, openBank} from './harness.mjs';
import * as walk from './walk.mjs';

let bank;
before(async () => { bank = await openBank(); });
after(async () => { await bank?.close(); });

// The customer, locked out at home; the right password rests too.
async function locked(login) {
  const customer = bank.customer(login);
  const page = await bank.visitor();
  await walk.lockOut(page, customer.login);
  await walk.signIn(page, customer.login, customer.password);
  await page.waitForSelector('#locked-start');
  return {customer, page};
}

async function backIn({customer, page}) {
  await walk.mustSignIn(page, customer.login, customer.password);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

test('by the web: unlocked by the code, the password stays', async () => {
  const visit = await locked('anna.berg');
  await visit.page.click('#locked-start');
  await visit.page.fill('#identifier', visit.customer.login);
  await visit.page.check('#intent-unlock');
  await visit.page.click('#start');
  await walk.typeCode(visit.page, codeOf(await bank.mail.next(visit.customer.email, /[Uu]nlock/)));
  await visit.page.click('#unlock');
  await visit.page.waitForSelector('#reference');
  await backIn(visit);
});

test('by the phone: a code keyed in, the password stays', async () => {
  const visit = await locked('ben.carter');
  const phone = bank.phone();
  await phone.waitFor(/Keys:/);
  const keys = async (pressed, wanted) => {
    phone.say(pressed);
    await phone.waitFor(wanted);
    await phone.waitFor(/Keys:/);
  };
  await keys(`${visit.customer.number}#`, /\[menu\]/);
  await keys('1', /\[code-menu\]/);
  await keys('2', /\[message-on-its-way\]/);
  await keys(codeOf(await bank.mail.next(visit.customer.email)), /\[proven-menu\]/);
  phone.say('1');
  await phone.waitFor(/\[unlocked\]/);
  await phone.end();
  await backIn(visit);
});

// Fails without: the keys that Telephone::Listen keeps; ThrowAwayAhead (each seen).
test('on the phone who knows the way keys on, and never into a secret (attack T06)', async () => {
  const phone = bank.phone();
  await phone.waitFor(/^Keys:/m);
  phone.say(`${bank.customer('uma.eriksen').number}#11#12345678`);
  const heard = await phone.waitFor(/^Keys:/m);
  phone.say('*');
  const again = await phone.waitFor(/^Keys:/m);
  await phone.end();
  assert.match(heard, /^\[menu\] .*\n\[code-menu\] .*\nNot taken: .*\n\[enter-code\] .*\nKeys:/m);
  assert.match(again, /^\[enter-code\] .*\nKeys:/m, 'nothing was guessed');
});

test('by the branch: a document inspected, unlocked at the counter, the password stays', async () => {
  const visit = await locked('chiara.conti');
  const terminal = await bank.teller();
  assert.match(await terminal.ask(`find ${visit.customer.number} locked`), /^Case: /m);
  assert.match(await terminal.ask('unlock'), /^Refused: /m, 'without a proof nothing is unlocked (Law 8)');
  assert.match(await terminal.ask('inspect card 0815'), /^Done: /m);
  assert.match(await terminal.ask('unlock'), /^Done: /m);
  terminal.say('out');
  await terminal.end();
  await backIn(visit);
});

test('nobody serves their own account (Law 8)', async () => {
  const terminal = await bank.teller('a.berg');
  assert.match(await terminal.ask('find 100001 forgot'), /^Refused: this is your own account/m);
  await terminal.end();
});

test('a known device is not locked out by a stranger (Law 5)', async () => {
  const customer = bank.customer('daniel.okafor');
  const home = await bank.visitor();
  await walk.mustSignIn(home, customer.login, customer.password);
  await home.click('#sign-out');
  const stranger = await bank.visitor();
  await walk.lockOut(stranger, customer.login);
  await stranger.context().close();
  await walk.mustSignIn(home, customer.login, customer.password);
  await home.context().close();
});

test('the journal is whole after all this (Law 13)', async () => {
  const verify = bank.operator('journal', 'verify');
  assert.equal(await verify.end(), 0, verify.output);
  assert.match(verify.output, /^whole: /m);
});
