// SPDX-License-Identifier: Apache-2.0
// What the terminal tells the teller: every refusal says what can be done now (Law 10).
#include "clients/branch/wording.h"

#include "tests/unit/branch/terminal.h"

namespace latchkey::branch {
namespace {

// Law 10: nobody sends a customer home to a door that stays shut.
TEST_F(PresenterTest, SaysWhatADisabledPasswordNeedsWheneverTheAccountOpens) {
  SignIn();
  Find();
  v1::Case one = OpenCase();
  one.set_document_inspected(true);
  one.set_code_checked(true);
  one.set_account_state(v1::ACCOUNT_STATE_FROZEN);
  Type("inspect passport 4711");
  Answer(one);
  Type("lift");
  one.set_account_state(v1::ACCOUNT_STATE_ACTIVE);
  one.set_password_state(v1::PASSWORD_STATE_DISABLED);
  Answer(one);
  EXPECT_TRUE(Shown("Done: the freeze is lifted"));
  EXPECT_TRUE(Shown("Password state: disabled"));
  EXPECT_EQ(Next().find("unlock"), std::string::npos) << Next();
}

// Seen to fail with words compared letter by letter, and with a number that ends at its first blank
// ("the reason is one of forgot, …").
TEST_F(PresenterTest, TakesCapitalsAndNumbersInGroups) {
  SignIn();
  for (const char* line :
       {"FIND 10000001 Forgot", "find 1000 0001 forgot", "Find 10-00\t00 01  FORGOT"}) {
    Type(line);
    EXPECT_EQ(Asked<v1::FindCustomerRequest>().customer_number(), "10000001") << line;
    EXPECT_EQ(Asked<v1::FindCustomerRequest>().reason(), v1::REASON_FORGOT_PASSWORD) << line;
    Answer(OpenCase());
  }
  Type("find 1000 0001 Other 24 hours without a code");
  EXPECT_EQ(Asked<v1::FindCustomerRequest>().customer_number(), "10000001");
  EXPECT_EQ(Asked<v1::FindCustomerRequest>().note(), "24 hours without a code");
  Answer(OpenCase());
  Type("find");
  Type("1000 0001");
  Type("OTHER");
  EXPECT_EQ(last_.question.text, "Note: ");
  Type("");
  Type("Inspect PASSPORT 47 AB");
  EXPECT_EQ(Asked<v1::RecordInspectionRequest>().document_kind(), v1::DOCUMENT_KIND_PASSPORT);
  EXPECT_EQ(Asked<v1::RecordInspectionRequest>().document_number_tail(), "47AB");
}

// Seen to fail with one sentence for every password: "unlocked. The password is as it was".
TEST_F(PresenterTest, Law10_AnUnlockSaysWhatItDidForAPasswordThatIsNotInUse) {
  SignIn();
  Find();
  v1::Case one = OpenCase();
  for (const auto& [state, words] :
       {std::pair(v1::PASSWORD_STATE_DISABLED, "still disabled: the customer needs a new one"),
        std::pair(v1::PASSWORD_STATE_NONE, "none yet: the customer sets one")}) {
    one.set_password_state(state);
    Type("unlock");
    Answer(one);
    EXPECT_TRUE(Shown("Done: failed tries count no more, and codes can be typed again; every"));
    EXPECT_TRUE(Shown("Password state: " + std::string(words)));
    EXPECT_FALSE(Shown("Done: unlocked"));
  }
  one.set_password_state(v1::PASSWORD_STATE_IN_USE);
  one.set_sign_in_resting(true);
  Type("case");
  Answer(one);
  one.set_sign_in_resting(false);
  Type("unlock");
  Answer(one);
  EXPECT_TRUE(Shown("Done: unlocked. The password is as it was; every"));
  EXPECT_FALSE(Shown("Password state: "));
}

TEST(Wording, Law10_EveryRefusalSaysWhatCanBeDoneNow) {
  for (int reason = 0; reason <= v1::REFUSAL_REASON_OWN_ACCOUNT + 1; ++reason) {
    for (const CommandInfo& info : Commands()) {
      const std::string words =
          RefusalWords(Refused(static_cast<v1::RefusalReason>(reason)), info.command);
      EXPECT_GT(words.size(), 40u) << reason << ' ' << info.name;
      EXPECT_EQ(words.find("later"), std::string::npos) << words;
      EXPECT_EQ(words.find('\n'), std::string::npos);
    }
  }
  EXPECT_NE(RefusalWords(Refused(v1::REFUSAL_REASON_BUSY, true), Command::kToken).find("again"),
            std::string::npos);
}

// Seen to fail with "the service cannot be reached at this moment".
TEST(Wording, TellsATerminalThatIsSetUpWronglyFromAServiceThatIsAway) {
  client::Refused refused = Refused(v1::REFUSAL_REASON_BUSY, true);
  refused.misfit = "the service's certificate has another name";
  const std::string words = RefusalWords(refused, Command::kSignIn);
  EXPECT_TRUE(words.starts_with(refused.misfit)) << words;
  EXPECT_EQ(words.find("cannot be reached"), std::string::npos);
}

TEST_F(PresenterTest, SaysAtOnceThatACustomerHasNoAddressForCodesAndWhatCanBeDone) {
  SignIn();
  v1::Case one = OpenCase();
  one.mutable_contacts()->DeleteSubrange(0, 1);
  Type("find 10000001 locked");
  Answer(one);
  for (const char* line : {"send 2", "send", "token"}) {
    Type(line);
    EXPECT_FALSE(last_.request.has_value()) << line;
    EXPECT_TRUE(Shown("Refused: no address of this customer can take a code")) << line;
  }
  Type("unlock");
  Answer(one);
  EXPECT_TRUE(
      Shown("Done: failed tries count no more, and codes can be typed again; there is no "
            "e-mail address"));
}

// Seen to fail with one sentence for both: "needs an e-mail address on file", and he has one.
TEST_F(PresenterTest, SaysThatTheOnlyAddressIsTooNew) {
  SignIn();
  v1::Case one = OpenCase();
  one.mutable_contacts(0)->set_settled(false);
  Type("find 10000001 locked");
  Answer(one);
  for (const char* line : {"send", "token"}) {
    Type(line);
    EXPECT_FALSE(last_.request.has_value()) << line;
    EXPECT_TRUE(Shown("Refused: the e-mail address of this customer is too new for a code"))
        << line;
    EXPECT_NE(last_.lines.front().find("on file for seven days"), std::string::npos);
    EXPECT_EQ(last_.lines.front().find("needs an e-mail address"), std::string::npos);
  }
}

// Seen to fail with "Done: noted." alone: the customer left the list of those who wait in silence.
TEST_F(PresenterTest, SaysThatANoteEndedTheWaitAndOnlyThen) {
  SignIn();
  v1::Case one = OpenCase();
  one.set_waiting_for_person(true);
  Type("find 10000001 callback");
  Answer(one);
  EXPECT_TRUE(Shown("Wanted: the customer waits for a person; a note ends the wait"));
  Type("note called, all is well");
  one.set_waiting_for_person(false);
  Answer(one);
  EXPECT_TRUE(Shown("Done: noted; this customer no longer waits for a person."));
  Type("note and once more");
  Answer(one);
  EXPECT_TRUE(Shown("Done: noted.")) << last_.lines.front();
  one.set_account_state(v1::ACCOUNT_STATE_FROZEN);  // waits until the freeze is lifted
  one.set_waiting_for_person(true);
  Type("case");
  Answer(one);
  EXPECT_FALSE(Shown("Wanted: the customer waits for a person; a note"));
  Type("note seen");
  Answer(one);
  EXPECT_TRUE(Shown("Done: noted.")) << last_.lines.front();
}

TEST_F(PresenterTest, NamesWhatWasMistypedInTheTellersWords) {
  client::Refused refused = Refused(v1::REFUSAL_REASON_MALFORMED);
  for (const char* field :
       {"staff_login", "password", "customer_number", "document_number_tail", "text", "note"}) {
    refused.refusal.set_field(field);
    const std::string words = RefusalWords(refused, Command::kFind);
    EXPECT_EQ(words.find('_'), std::string::npos) << words;
    EXPECT_NE(words.find("Nothing was done"), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace latchkey::branch
