-- SPDX-License-Identifier: Apache-2.0
-- Tries of a message whose answer was lost are counted apart: each may be a double, while those that no relay took are not.
ALTER TABLE outbox ADD COLUMN unanswered BIGINT NOT NULL DEFAULT 0;
