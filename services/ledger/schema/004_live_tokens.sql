-- SPDX-License-Identifier: Apache-2.0
-- So that the codes of a week do not make the next guess slower: those that live are found among
-- them by their end.
DROP INDEX tokens_account;
CREATE INDEX tokens_account ON tokens (account_id, purpose, expires_at);
