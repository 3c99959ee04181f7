#!/bin/sh
# Runs once, when the database is made: a role for Grafana that can read Prodigy's tables and nothing else.
set -eu

psql --set ON_ERROR_STOP=1 --set password="$PRODIGY_READER_PASSWORD" --set database="$POSTGRES_DB" \
  --set owner="$POSTGRES_USER" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE prodigy_reader LOGIN PASSWORD :'password' CONNECTION LIMIT 10;
ALTER ROLE prodigy_reader SET default_transaction_read_only = on;
ALTER ROLE prodigy_reader SET statement_timeout = '30s';
GRANT CONNECT ON DATABASE :"database" TO prodigy_reader;
GRANT USAGE ON SCHEMA public TO prodigy_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO prodigy_reader;
-- The exporter makes its tables later.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT ON TABLES TO prodigy_reader;
SQL
