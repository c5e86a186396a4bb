-- SPDX-License-Identifier: Apache-2.0
-- What decides how much proof is enough can be edited no more by whoever writes to the database (Law 7, attack D07): an
-- account's key is sealed to its rule pack and to when the account was made, a contact's address to its kind and to when it
-- was added.

-- What was sealed before is not bound to them and does not open. There has been no release before this version; a ledger
-- that was tried out is made anew. The constraint's name is what the operator reads.
CREATE TABLE rows_from_before (
  found BIGINT NOT NULL CONSTRAINT "made before contacts were bound: use init and import anew" CHECK (found = 0)
);
INSERT INTO rows_from_before (found) SELECT COUNT(*) FROM accounts;
DROP TABLE rows_from_before;
