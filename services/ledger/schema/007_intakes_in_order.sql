-- SPDX-License-Identifier: Apache-2.0
-- Requests over a budget are worked on after all that are within theirs, however long they have waited: a flood of them must
-- not stand before an owner's (Law 5).
ALTER TABLE intakes ADD COLUMN after_others BIGINT NOT NULL DEFAULT 0;
DROP INDEX intakes_waiting;
CREATE INDEX intakes_waiting ON intakes (after_others, next_at) WHERE done_at IS NULL;
