-- SPDX-License-Identifier: Apache-2.0
-- What lasts can be neither made nor moved by whoever writes to the database (attack D07): verifiers are sealed to the
-- row they belong to, staff's credentials to who the person is; evidence and staff's sessions carry a MAC. Evidence is of
-- an epoch, as tokens are: what was proven before a reset or a freeze counts no more, whatever any clock showed.

-- A verifier from before proves nothing about whose it is, so none is taken over. There has been no release before this
-- version; a ledger that was tried out is made anew. The constraint's name is what the operator reads.
CREATE TABLE rows_from_before (
  found BIGINT NOT NULL CONSTRAINT "made before passwords were sealed: use init and import anew" CHECK (found = 0)
);
INSERT INTO rows_from_before (found) SELECT (SELECT COUNT(*) FROM authenticators) + (SELECT COUNT(*) FROM staff);
DROP TABLE rows_from_before;

DROP TABLE authenticators;
CREATE TABLE authenticators (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  verifier_sealed BYTEA NOT NULL,   -- under the ring's field key, to account and kind
  consecutive_failures BIGINT NOT NULL,
  disabled_at BIGINT,
  changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX authenticators_account ON authenticators (account_id, kind);

DROP TABLE staff;
CREATE TABLE staff (
  id BIGINT PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  branch TEXT NOT NULL,
  credentials_sealed BYTEA,         -- verifier and TOTP key, under the ring's field key, to id, login, name, branch and
                                    -- own account; NULL once disabled
  totp_last_step BIGINT NOT NULL,
  own_account_id BIGINT,            -- the account that this person must never serve (Law 8)
  disabled_at BIGINT,
  made_at BIGINT NOT NULL
);

DROP TABLE staff_sessions;
CREATE TABLE staff_sessions (
  digest BYTEA PRIMARY KEY,
  staff_id BIGINT NOT NULL,
  terminal TEXT NOT NULL,           -- the URI of the terminal's certificate
  made_at BIGINT NOT NULL,
  idle_expires_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  mac BYTEA NOT NULL                -- over every column but the idle end
);

DROP TABLE evidence;
CREATE TABLE evidence (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  security_epoch BIGINT NOT NULL,
  recovery_id BIGINT,
  case_id BIGINT,
  kind BIGINT NOT NULL,
  contact_id BIGINT,
  contact_settled BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  staff_id BIGINT,
  at BIGINT NOT NULL,
  fresh_until BIGINT NOT NULL,
  mac BYTEA NOT NULL                -- over every column
);
CREATE INDEX evidence_account ON evidence (account_id, fresh_until);
