-- SPDX-License-Identifier: Apache-2.0
-- Where the journal's next stretch begins: entries written from now on have ids above it, whatever
-- the clock of their node shows, so that no entry comes to stand in a stretch that is signed.
CREATE TABLE journal_floor (
  number BIGINT PRIMARY KEY,        -- 1: there is one row
  last_id BIGINT NOT NULL,
  set_at BIGINT NOT NULL
);
INSERT INTO journal_floor (number, last_id, set_at) SELECT 1, COALESCE(MAX(id), 0), 0 FROM journal;
