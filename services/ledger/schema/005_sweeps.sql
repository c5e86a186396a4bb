-- SPDX-License-Identifier: Apache-2.0
-- So that housekeeping, which comes each minute, finds what is dead and walks through nothing that lives.
DROP INDEX sessions_expiry;
CREATE INDEX sessions_idle ON sessions (idle_expires_at);
CREATE INDEX devices_seen ON devices (seen_at);
CREATE INDEX staff_sessions_idle ON staff_sessions (idle_expires_at);
CREATE INDEX evidence_freshness ON evidence (fresh_until);
CREATE INDEX recoveries_expiry ON recoveries (expires_at) WHERE ended_at IS NULL;
