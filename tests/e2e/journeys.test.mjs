// SPDX-License-Identifier: Apache-2.0
// Whole journeys through real programs, real mail and a real browser; each with scripts and without.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {codeOf, linkOf, openBank} from './harness.mjs';
import * as walk from './walk.mjs';

let bank;
before(async () => { bank = await openBank(); });
after(async () => { await bank?.close(); });

const NEW = 'candle orchard ferry 42 moss';
const kinds = [
  {name: 'with scripts', options: {}, customers: ['anna.berg', 'ben.carter', 'chiara.conti', 'daniel.okafor']},
  {name: 'without scripts', options: {javaScriptEnabled: false},
    customers: ['gustav.lindqvist', 'hanna.kowalska', 'ismail.haddad', 'jana.novakova']},
];

async function visited(options, steps) {
  const page = await bank.visitor(options);
  await steps(page);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

for (const {name, options, customers} of kinds) {
  test(`a forgotten password is replaced by the code, ${name} (Laws 1, 2, 9)`, async () => {
    const customer = bank.customer(customers[0]);
    await visited(options, async (page) => {
      await walk.resetByCode(bank, page, customer, NEW);
      await page.goto('/account');
      assert.equal(await page.locator('#activity').count(), 0, 'a reset signs nobody in');
      await walk.mustRefuse(page, customer.login, customer.password);
      await walk.mustSignIn(page, customer.login, NEW);
      assert.match(await page.locator('#activity').innerText(), /sent: link and code for a new password/);
    });
    linkOf(await bank.mail.next(customer.email, /was changed/), '/stop');
  });

  test(`a session from before ends with the reset, ${name} (attack S03)`, async () => {
    const customer = bank.customer(customers[1]);
    const home = await bank.visitor(options);
    await walk.mustSignIn(home, customer.login, customer.password);
    await visited(options, (page) => walk.resetByCode(bank, page, customer, NEW));
    await home.goto('/account');
    assert.equal(await home.locator('#activity').count(), 0);
    await home.context().close();
  });

  test(`a token from a branch is worth nothing alone and opens the way with a code, ${name} (Law 8)`, async () => {
    const customer = bank.customer(customers[2]);
    const terminal = await bank.teller(options.javaScriptEnabled === false ? 'a.berg' : 't.miller');
    const token = await walk.issueToken(bank, terminal, customer);
    terminal.say('out');
    await terminal.end();
    await visited(options, async (page) => {
      await walk.useToken(page, customer, token);
      await page.goto('/recover/password');
      assert.equal(await page.locator('#new_password').count(), 0, 'the token alone opens nothing');
      await page.goto('/recover/code');
      const mail = await bank.mail.next(customer.email, /use the token/);
      await walk.typeCode(page, codeOf(mail));
      await walk.setPassword(page, NEW);
      await walk.mustSignIn(page, customer.login, NEW);
    });
  });

  test(`"this was not me" freezes the account, ${name} (Law 9)`, async () => {
    const customer = bank.customer(customers[3]);
    await visited(options, async (page) => {
      await walk.resetByCode(bank, page, customer, NEW);
      const link = linkOf(await bank.mail.next(customer.email, /was changed/), '/stop');
      if (options.javaScriptEnabled === false) {
        await page.goto('/stop');
        await page.fill('#link', link);
        await page.click('#stop-by-link');
      } else {
        await page.goto(link.replace(bank.url, ''));
        await page.click('#stop');
      }
      await page.waitForSelector('#reference');
      await walk.mustRefuse(page, customer.login, NEW);
    });
    await bank.mail.next(customer.email, /frozen/);
  });
}

test('the link is opened by one press, and opening it again explains itself (Law 3, attack L07)', async () => {
  const customer = bank.customer('kwame.mensah');
  await visited({}, async (page) => {
    await walk.startRecovery(page, customer.email);
    const mail = await bank.mail.next(customer.email, /new password/);
    const scanner = await bank.visitor();
    for (let i = 0; i < 3; i++) await scanner.goto(linkOf(mail).replace(bank.url, ''));
    await scanner.context().close();
    await walk.openLink(bank, page, mail);
    await walk.setPassword(page, NEW);
    const late = await bank.visitor();
    await walk.openLink(bank, late, mail);
    await late.waitForSelector('#start-again');
    await late.context().close();
    await walk.mustSignIn(page, customer.login, NEW);
  });
});

// Fails without: what portal.js does with #cut (seen: the page spoke of the code alone).
test('a link that was cut on its way says so, and the whole one still opens', async () => {
  const customer = bank.customer('oskar.hansen');
  await visited({}, async (page) => {
    await walk.startRecovery(page, customer.login);
    const mail = await bank.mail.next(customer.email, /new password/);
    const link = linkOf(mail).replace(bank.url, '');
    for (const kept of [link.indexOf('#'), link.indexOf('#') + 12, link.length - 1]) {
      await page.goto('about:blank');  // from the mail: the same page with another fragment is not loaded again
      await page.goto(link.slice(0, kept));
      assert.ok(await page.locator('#cut').isVisible());
      assert.ok(await page.locator('#code').isVisible(), 'and the code of the same message is a way on');
      assert.ok(await page.locator('#open-link').isHidden());
    }
    await page.goto(`${link}.`);  // as mail programs do with the full stop of a sentence
    assert.ok(await page.locator('#cut').isHidden());
    await page.click('#open-link');
    await page.waitForSelector('#new_password');
    await page.goto('/stop#t=c3RvcHM');
    assert.ok(await page.locator('#cut').isVisible());
  });
  await visited({javaScriptEnabled: false}, async (page) => {
    await page.goto('/recover');
    assert.ok(await page.locator('#cut').isHidden(), 'without scripts no link is looked at');
  });
});

test('an unsuitable new password is refused with its reason, and nothing is lost', async () => {
  const customer = bank.customer('mateo.garcia');
  await visited({}, async (page) => {
    await walk.startRecovery(page, customer.number);
    await walk.typeCode(page, codeOf(await bank.mail.next(customer.email, /new password/)));
    for (const bad of ['short', 'internationalization', 'mateo.garcia mateo.garcia', 'aaaaaaaaaaaaaaaaaaaa']) {
      await page.fill('#new_password', bad);
      await page.click('#set-password');
      await page.waitForSelector('#problem');
    }
    await walk.setPassword(page, NEW);
  });
});

test('a stranger learns nothing from asking for somebody (Law 6)', async () => {
  const answers = [];
  for (const identifier of ['nadia.petrova', 'nobody.at.all', '999999', 'nobody@mail.example']) {
    await visited({}, async (page) => {
      await walk.startRecovery(page, identifier);
      answers.push((await page.locator('#main').innerText()).replaceAll(identifier, '…'));
    });
  }
  assert.equal(new Set(answers).size, 1, answers.join('\n---\n'));
});

test('the page answers in German where it is chosen, and the mail where the customer speaks it', async () => {
  const customer = bank.customer('frieda.neumann');
  await visited({}, async (page) => {
    await page.goto('/');
    await page.click('#language-de');
    await page.waitForSelector('html[lang=de]');
    await walk.startRecovery(page, customer.login);
    assert.match(await page.locator('h1').innerText(), /Nachricht/);
  });
  const mail = await bank.mail.next(customer.email);
  assert.match(mail.text, /Passwort/);
});
