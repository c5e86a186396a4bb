// SPDX-License-Identifier: Apache-2.0
#include "clients/ivr/catalog.h"

#include "services/base/check.h"

namespace latchkey::ivr {
namespace {

struct Text {
  Prompt prompt;
  std::string_view name;
  std::string_view english;
  std::string_view german;
};

// Short sentences, the key last, so that a listener knows what for before hearing which. Nothing
// here depends on who calls or whether a number exists (attack T02).
constexpr std::array kTexts = {
    Text{Prompt::kGreeting, "greeting",
         "Welcome to {}. Here you get back into your account. For a person, key in 0 and then the "
         "hash key, at any time.",
         "Willkommen bei {}. Hier kommen Sie wieder in Ihr Konto. Für einen Menschen drücken Sie "
         "jederzeit die 0 und dann die Raute-Taste."},
    Text{Prompt::kCustomerNumber, "customer-number",
         "Please key in your customer number, then the hash key.",
         "Bitte geben Sie Ihre Kundennummer ein, danach die Raute-Taste."},
    Text{Prompt::kMenu, "menu",
         "For a code from a message, press 1. For a token from a branch, press 2. For a person, "
         "press 0. "
         "To hear anything again, press star.",
         "Für einen Code aus einer Nachricht drücken Sie die 1. Für ein Token aus einer "
         "Filiale die 2. "
         "Für einen Menschen die 0. Um etwas noch einmal zu hören, drücken Sie Stern."},
    Text{Prompt::kCodeMenu, "code-menu",
         "If you have a code already, press 1. To have one sent to your own address, press 2. For "
         "a person, press 0.",
         "Wenn Sie schon einen Code haben, drücken Sie die 1. Um einen an Ihre eigene Adresse zu "
         "bekommen, die 2. "
         "Für einen Menschen die 0."},
    Text{Prompt::kMessageOnItsWay, "message-on-its-way",
         "If this number belongs to a customer, a message with a code is now on its way. Please "
         "stay on the line; it "
         "may take two minutes.",
         "Wenn diese Nummer einem Kunden gehört, ist jetzt eine Nachricht mit einem Code "
         "unterwegs. Bitte bleiben Sie "
         "in der Leitung; es kann zwei Minuten dauern."},
    Text{Prompt::kEnterCode, "enter-code", "Please key in the 8 digits of your code.",
         "Bitte geben Sie die 8 Ziffern Ihres Codes ein."},
    Text{Prompt::kEnterToken, "enter-token", "Please key in the 12 digits of your token.",
         "Bitte geben Sie die 12 Ziffern Ihres Tokens ein."},
    Text{Prompt::kTokenTaken, "token-taken",
         "A message with a code is now on its way to your own address. Please stay on the line; it "
         "may take two minutes.",
         "Eine Nachricht mit einem Code ist jetzt zu Ihrer eigenen Adresse unterwegs. Bitte "
         "bleiben Sie in der "
         "Leitung; es kann zwei Minuten dauern."},
    Text{Prompt::kProvenMenu, "proven-menu",
         "Thank you, the code is right. To unlock your account and keep your password, press 1. To "
         "set a new password "
         "on the web, press 2. If you asked for none of this, press 3. For a person, press 0.",
         "Danke, der Code stimmt. Um Ihr Konto zu entsperren und Ihr Passwort zu behalten, drücken "
         "Sie die 1. Um im "
         "Internet ein neues Passwort zu setzen, die 2. Wenn Sie nichts davon angefordert haben, "
         "die 3. Für einen "
         "Menschen die 0."},
    Text{
        Prompt::kProvenMenuUnlock, "proven-menu-unlock",
        "Thank you, the code is right. To unlock your account and keep your password, press 1. A "
        "new password needs one more proof than this call can take: please come to any branch with "
        "a document. If you asked for none of this, press 3. For a person, press 0.",
        "Danke, der Code stimmt. Um Ihr Konto zu entsperren und Ihr Passwort zu behalten, drücken "
        "Sie die 1. Für ein neues Passwort ist noch ein Nachweis nötig, den wir am Telefon nicht "
        "annehmen können: Kommen Sie bitte mit einem Ausweis in eine beliebige Filiale. Wenn Sie "
        "nichts davon angefordert haben, drücken Sie die 3. Für einen Menschen die 0."},
    Text{
        Prompt::kProvenMenuPassword, "proven-menu-password",
        "Thank you, the code is right. You need a new password, which you set on the web: press 2. "
        "If you asked for none of this, press 3. For a person, press 0.",
        "Danke, der Code stimmt. Sie brauchen ein neues Passwort und setzen es im Internet: "
        "Drücken Sie die 2. Wenn Sie nichts davon angefordert haben, drücken Sie die 3. Für einen "
        "Menschen "
        "die 0."},
    Text{Prompt::kProvenMenuNeither, "proven-menu-neither",
         "Thank you, the code is right. One more proof is needed, which this call cannot take: "
         "please come to any branch with a document. If you asked for none of this, press 3. For a "
         "person, press 0.",
         "Danke, der Code stimmt. Noch ein Nachweis ist nötig, den wir am Telefon nicht annehmen "
         "können: Kommen Sie bitte mit einem Ausweis in eine beliebige Filiale. Wenn Sie nichts "
         "davon angefordert haben, drücken Sie die 3. Für einen Menschen die 0."},
    Text{Prompt::kUnlocked, "unlocked",
         "Your account is unlocked, here and everywhere. Your password is as it was. Your "
         "reference is {}.",
         "Ihr Konto ist entsperrt, hier und überall. Ihr Passwort ist unverändert. Ihr "
         "Aktenzeichen ist "
         "{}."},
    Text{Prompt::kLinkOnItsWay, "link-on-its-way",
         "A message with a link is now on its way to your own address. Open the link and choose "
         "your new password yourself. No further code is needed.",
         "Eine Nachricht mit einem Link ist jetzt zu Ihrer eigenen Adresse unterwegs. Öffnen Sie "
         "den Link und wählen Sie Ihr neues Passwort selbst. Ein weiterer Code ist nicht nötig."},
    Text{Prompt::kLinkSentBefore, "link-sent-before",
         "A message with a link was sent to your own address within the last hour, and the link "
         "still works. Open it and choose your new password yourself.",
         "Eine Nachricht mit einem Link ging in der letzten Stunde an Ihre eigene Adresse, und "
         "der Link gilt noch. Öffnen Sie ihn und wählen Sie Ihr neues Passwort selbst."},
    Text{Prompt::kTokenOnWeb, "token-on-web",
         "For a new password your account asks for the token from the branch itself. Go to {}, "
         "choose the token from a branch, and key it in there. A code will come to your own "
         "address.",
         "Für ein neues Passwort verlangt Ihr Konto das Token aus der Filiale selbst. Gehen Sie "
         "auf {}, wählen Sie das Token aus einer Filiale und geben Sie es dort ein. Ein Code "
         "kommt an Ihre eigene Adresse."},
    Text{Prompt::kConfirmFreeze, "confirm-freeze",
         "Freezing stops every sign-in and every recovery until you have been to a branch. To "
         "freeze your account now, "
         "press 1. To go back, press 2.",
         "Einfrieren hält jede Anmeldung und jede Wiederherstellung an, bis Sie in einer Filiale "
         "waren. Um Ihr Konto "
         "jetzt einzufrieren, drücken Sie die 1. Zurück geht es mit der 2."},
    Text{Prompt::kNothingFrozen, "nothing-frozen", "Nothing was frozen.",
         "Es wurde nichts eingefroren."},
    Text{
        Prompt::kFrozen, "frozen",
        "Your account is frozen. Nobody can sign in or recover it now. A person of ours will look "
        "at your case. Your "
        "reference is {}. To use the account again, come to any branch with a document.",
        "Ihr Konto ist eingefroren. Niemand kann sich jetzt anmelden oder es wiederherstellen. Ein "
        "Mensch bei uns sieht "
        "sich Ihren Fall an. Ihr Aktenzeichen ist {}. Um das Konto wieder zu nutzen, kommen Sie "
        "mit "
        "einem Ausweis in eine "
        "Filiale."},
    Text{Prompt::kPersonWillCall, "person-will-call",
         "Your wish is noted. If this number belongs to a customer, a person will call the "
         "telephone number that we "
         "have on file. On the phone nobody of ours will ever ask for your password or for a code.",
         "Ihr Wunsch ist notiert. Wenn diese Nummer einem Kunden gehört, ruft ein Mensch die "
         "hinterlegte Telefonnummer "
         "an. Am Telefon fragt niemand von uns je nach Ihrem Passwort oder nach einem Code."},
    Text{Prompt::kPersonNeedsNumber, "person-needs-number",
         "For that we need your customer number. A person will then call you back at the telephone "
         "number that we have on file.",
         "Dafür brauchen wir Ihre Kundennummer. Ein Mensch ruft Sie dann unter der Telefonnummer "
         "zurück, die wir hinterlegt haben."},
    Text{Prompt::kNothingHeard, "nothing-heard", "I heard no keys.",
         "Ich habe keine Tasten gehört."},
    Text{Prompt::kNotUnderstood, "not-understood", "That did not fit.", "Das hat nicht gepasst."},
    Text{Prompt::kWrong, "wrong",
         "That does not match. Codes and tokens work until the time that came with them.",
         "Das stimmt nicht überein. Codes und Token gelten bis zu der Zeit, die bei ihnen steht."},
    Text{Prompt::kCodesRest, "codes-rest",
         "There were too many tries. Codes rest until {}. The link in your message works all the "
         "while.",
         "Es waren zu viele Versuche. Codes ruhen bis {}. Der Link in Ihrer Nachricht gilt die "
         "ganze Zeit."},
    Text{Prompt::kTooOld, "too-old", "That is too old by now. You can have a new one at once.",
         "Das ist inzwischen zu alt. Sie können sofort ein neues bekommen."},
    Text{Prompt::kUsed, "used",
         "That was used already: the password was set or the account was unlocked.",
         "Das wurde schon benutzt: Das Passwort wurde gesetzt oder das Konto entsperrt."},
    Text{
        Prompt::kStopped, "stopped",
        "This was stopped for your safety. A person can explain it to you. To use a frozen account "
        "again, come to any branch with a document.",
        "Das wurde zu Ihrer Sicherheit angehalten. Ein Mensch kann es Ihnen erklären. Um ein "
        "eingefrorenes Konto wieder zu nutzen, kommen Sie mit einem Ausweis in eine Filiale."},
    Text{Prompt::kMoreProof, "more-proof",
         "This needs one more proof, which a branch can take from you.",
         "Dafür braucht es noch einen Nachweis, den Sie in einer Filiale erbringen können."},
    Text{Prompt::kNotPossibleNow, "not-possible", "That is not possible for this recovery.",
         "Das ist bei dieser Wiederherstellung nicht möglich."},
    Text{Prompt::kNoAnswer, "no-answer",
         "Our own system does not answer. Nothing was counted against you.",
         "Unser eigenes System antwortet nicht. Es wurde nichts gegen Sie gezählt."},
    Text{Prompt::kWaysOn, "ways-on",
         "You can recover your account on the web at {}, or in any branch with a document. You can "
         "also call again at "
         "any time.",
         "Sie können Ihr Konto im Internet auf {} wiederherstellen, oder in jeder Filiale mit "
         "einem Ausweis. Sie können "
         "auch jederzeit wieder anrufen."},
    Text{Prompt::kGoodbye, "goodbye", "Goodbye.", "Auf Wiederhören."},
};

const Text& Find(Prompt prompt) {
  for (const Text& text : kTexts) {
    if (text.prompt == prompt) return text;
  }
  LATCHKEY_CHECK(false);
}

}  // namespace

std::optional<Language> LanguageOf(std::string_view tag) {
  const std::string_view primary = tag.substr(0, tag.find('-'));
  if (primary == "en") return Language::kEnglish;
  if (primary == "de") return Language::kGerman;
  return std::nullopt;
}

std::string_view TagOf(Language language) { return language == Language::kGerman ? "de" : "en"; }

std::string TextOf(Language language, const Utterance& utterance) {
  const Text& text = Find(utterance.prompt);
  std::string said(language == Language::kGerman ? text.german : text.english);
  // One place, filled once: a value that holds "{}" is said as it is.
  if (const size_t place = said.find("{}"); place != std::string::npos)
    said.replace(place, 2, utterance.value);
  return said;
}

std::string_view NameOf(Prompt prompt) { return Find(prompt).name; }

std::string Spelled(std::string_view reference) {
  std::string said;
  for (char c : reference) {
    if (c == '-') {
      said.push_back(',');
    } else {
      if (!said.empty()) said.push_back(' ');
      said.push_back(c);
    }
  }
  return said;
}

}  // namespace latchkey::ivr
