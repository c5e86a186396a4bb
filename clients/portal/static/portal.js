// SPDX-License-Identifier: Apache-2.0
// Comforts only: every page works without this file.
"use strict";

// The secret of a mailed link stands in the fragment, which browsers never send. Here it moves into the form, and out
// of the address bar and the history. Nothing is sent before the customer presses the button.
function takeToken() {
  const holder = document.getElementById("with-token");
  if (!holder) return;
  const field = document.getElementById("token");
  // 32 bytes: anything else was cut on its way. Mail programs take the full stop of a sentence along.
  const match = /^#t=([A-Za-z0-9_-]{43})[.,;:!?)>\]]?$/.exec(location.hash);
  if (match) {
    field.value = match[1];
    // Changing the language loads the page again: the fragment rides along, and still never reaches a server.
    for (const form of document.querySelectorAll("form[data-keeps-fragment]")) form.action += location.hash;
    history.replaceState(null, "", location.pathname);
  }
  // Where the page says already what is wrong with the link, once is enough.
  document.getElementById("cut").hidden = Boolean(field.value || document.getElementById("problem"));
  if (!field.value) return;
  holder.hidden = false;
  document.getElementById("without-token").hidden = true;
}

function showPasswords() {
  for (const button of document.querySelectorAll("button[data-shows]")) {
    const field = document.getElementById(button.dataset.shows);
    const show = (visible) => {
      field.type = visible ? "text" : "password";
      button.textContent = visible ? button.dataset.hide : button.dataset.show;
      button.setAttribute("aria-label", visible ? button.dataset.hideLabel : button.dataset.showLabel);
    };
    button.hidden = false;
    button.addEventListener("click", () => show(field.type === "password"));
    // Sent hidden, so that browsers do not keep it among the things that were typed.
    field.form.addEventListener("submit", () => show(false));
  }
}

// The service takes a phone number with its country only, and says to nobody that it knows no such customer.
function warnOfLocalPhone() {
  const field = document.getElementById("identifier");
  if (!field) return;
  const look = () => {
    document.getElementById("local-phone").hidden = !/^0(?!0)\d{5,}$/.test(field.value.replace(/[\s()\/.-]/g, ""));
  };
  field.addEventListener("input", look);
  look();
}

takeToken();
// Another link, opened in this tab, changes the fragment only: browsers then load nothing.
addEventListener("hashchange", takeToken);
showPasswords();
warnOfLocalPhone();
const problem = document.getElementById("problem");
if (problem) problem.focus();
