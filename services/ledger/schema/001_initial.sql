-- The first schema, one text for every engine. Times are milliseconds since 1970 UTC; `sealed` columns are
-- XChaCha20-Poly1305 under the account's own key; digests are HMAC-SHA-256. Statements end with a semicolon at a line's end.

CREATE TABLE accounts (
  id BIGINT PRIMARY KEY,
  state BIGINT NOT NULL,
  security_epoch BIGINT NOT NULL,
  lane_epoch BIGINT NOT NULL,
  key_sealed BYTEA,                 -- NULL once erased (Law 14)
  name_sealed BYTEA,
  language TEXT NOT NULL,
  pack TEXT NOT NULL,
  made_at BIGINT NOT NULL
);

CREATE TABLE identifiers (
  digest BYTEA PRIMARY KEY,         -- of kind and canonical text: no two accounts can share one (attack K07)
  account_id BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX identifiers_account ON identifiers (account_id);

CREATE TABLE contacts (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  added_at BIGINT NOT NULL,
  removed_at BIGINT
);
CREATE INDEX contacts_account ON contacts (account_id);

CREATE TABLE authenticators (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  verifier TEXT NOT NULL,
  consecutive_failures BIGINT NOT NULL,
  disabled_at BIGINT,
  changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX authenticators_account ON authenticators (account_id, kind);

CREATE TABLE devices (
  digest BYTEA PRIMARY KEY,
  account_id BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX devices_account ON devices (account_id);

CREATE TABLE sessions (
  digest BYTEA PRIMARY KEY,
  account_id BIGINT NOT NULL,
  security_epoch BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  idle_expires_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  mac BYTEA NOT NULL                -- over every column that never changes (attack D07)
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Written for a name that nobody has what the journal would take for a customer's: the same work (Law 6).
CREATE TABLE strangers (
  shard BIGINT PRIMARY KEY,
  noise BYTEA NOT NULL
);

CREATE TABLE intakes (
  id BIGINT PRIMARY KEY,
  request_key BYTEA NOT NULL UNIQUE,   -- digest of the idempotency key
  payload_sealed BYTEA NOT NULL,       -- what was typed and where from, under the ring's field key
  handle_digest BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  done_at BIGINT
);
CREATE INDEX intakes_handle ON intakes (handle_digest);
CREATE INDEX intakes_waiting ON intakes (next_at) WHERE done_at IS NULL;

CREATE TABLE recoveries (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  state BIGINT NOT NULL,
  intent BIGINT NOT NULL,
  security_epoch BIGINT NOT NULL,
  case_id BIGINT,
  opened_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX recoveries_account ON recoveries (account_id);
-- one recovery at a time for an account: a second Begin joins it
CREATE UNIQUE INDEX recoveries_live ON recoveries (account_id) WHERE ended_at IS NULL;

CREATE TABLE evidence (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  recovery_id BIGINT,
  case_id BIGINT,
  kind BIGINT NOT NULL,
  contact_id BIGINT,
  contact_settled BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  staff_id BIGINT,
  at BIGINT NOT NULL,
  fresh_until BIGINT NOT NULL
);
CREATE INDEX evidence_account ON evidence (account_id, fresh_until);

CREATE TABLE tokens (
  id BIGINT PRIMARY KEY,
  purpose BIGINT NOT NULL,
  digest BYTEA NOT NULL,            -- of purpose and secret (codes: and account)
  account_id BIGINT NOT NULL,
  recovery_id BIGINT,
  case_id BIGINT,
  contact_id BIGINT,
  security_epoch BIGINT NOT NULL,
  tries BIGINT NOT NULL,            -- of a code; reserved before it is compared
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  mac BYTEA NOT NULL                -- over every column that never changes (attack D07)
);
CREATE INDEX tokens_digest ON tokens (digest);
CREATE INDEX tokens_account ON tokens (account_id, purpose);
CREATE INDEX tokens_recovery ON tokens (recovery_id);
CREATE INDEX tokens_expiry ON tokens (expires_at);

CREATE TABLE answers (              -- idempotency: the same key gives the same answer
  request_key BYTEA PRIMARY KEY,
  payload_digest BYTEA NOT NULL,
  answer_sealed BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX answers_expiry ON answers (expires_at);

CREATE TABLE unknown_names (        -- attempts on names that nobody has, until they are journaled in summary
  hour BIGINT NOT NULL,             -- since 1970
  shard BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  PRIMARY KEY (hour, shard)
);

CREATE TABLE cases (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  waiting_since BIGINT,
  waiting_for BIGINT
);
CREATE UNIQUE INDEX cases_open ON cases (account_id) WHERE closed_at IS NULL;
CREATE INDEX cases_waiting ON cases (waiting_since) WHERE waiting_since IS NOT NULL;

CREATE TABLE staff (
  id BIGINT PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  branch TEXT NOT NULL,
  verifier TEXT NOT NULL,
  totp_sealed BYTEA NOT NULL,
  totp_last_step BIGINT NOT NULL,
  own_account_id BIGINT,            -- the account that this person must never serve (Law 8)
  disabled_at BIGINT,
  made_at BIGINT NOT NULL
);

CREATE TABLE staff_sessions (
  digest BYTEA PRIMARY KEY,
  staff_id BIGINT NOT NULL,
  terminal TEXT NOT NULL,           -- the URI of the terminal's certificate
  made_at BIGINT NOT NULL,
  idle_expires_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE outbox (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  contact_id BIGINT NOT NULL,
  recovery_id BIGINT,
  case_id BIGINT,
  template TEXT NOT NULL,
  payload_sealed BYTEA,             -- shredded once the message is accepted
  state BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  last_error TEXT NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE ended_at IS NULL;
CREATE INDEX outbox_account ON outbox (account_id);
CREATE INDEX outbox_set_aside ON outbox (id) WHERE state = 3;

CREATE TABLE chains (
  account_id BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  head BYTEA NOT NULL
);

CREATE TABLE journal (
  id BIGINT PRIMARY KEY,            -- grows with time over all accounts; checkpoints follow it
  account_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  staff_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  recovery_id BIGINT NOT NULL,
  details_sealed BYTEA NOT NULL,
  digest BYTEA NOT NULL,
  key_version BIGINT NOT NULL
);
CREATE UNIQUE INDEX journal_account ON journal (account_id, seq);

CREATE TABLE checkpoints (          -- each signed line, which also stands in a file outside the database
  number BIGINT PRIMARY KEY,
  line TEXT NOT NULL
);
