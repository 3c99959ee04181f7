-- The primary key has the time because each of a partitioned table's keys must; an event's time is as fixed as its id.
CREATE TABLE events (
  id uuid,
  "timestamp" timestamptz,
  type text NOT NULL,
  run_id text,
  job_id text,
  agent_id text,
  correlation_id text,
  origin text NOT NULL,
  instance text NOT NULL,
  payload jsonb,
  PRIMARY KEY (id, "timestamp")
) PARTITION BY RANGE ("timestamp");

-- For times too far from now to be given a month of their own.
CREATE TABLE events_default PARTITION OF events DEFAULT;

CREATE INDEX events_type_timestamp ON events (type, "timestamp");
CREATE INDEX events_job_id_timestamp ON events (job_id, "timestamp") WHERE job_id IS NOT NULL;

COMMENT ON TABLE events IS 'Every event that was counted, partitioned by month.';
COMMENT ON COLUMN events.origin IS 'line (event files, the socket) or state (Prodigy''s and Claude''s own files).';
