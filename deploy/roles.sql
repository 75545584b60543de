-- The two roles of Tickmark on PostgreSQL, and its database. Run once, by a superuser, with two passwords of your own:
--   psql -v owner_password="$OWNER" -v app_password="$APP" -f deploy/roles.sql
-- Without one of them, or where one is empty, psql stops before anything is made. openssl rand -hex 24 makes one.
-- Then: tickmark migrate --role tickmark_app, as tickmark_owner. It gives tickmark_app its rights, and again after each release.

\set ON_ERROR_STOP on
SELECT btrim(:'owner_password') = '' OR btrim(:'app_password') = '' AS empty \gset
\if :empty
DO $$BEGIN RAISE EXCEPTION 'owner_password and app_password must not be empty: nothing was made'; END$$;
\endif

-- Owns the tables. Only tickmark migrate uses it.
CREATE ROLE tickmark_owner LOGIN PASSWORD :'owner_password';

-- What serve, worker and setup use. It owns nothing.
CREATE ROLE tickmark_app LOGIN PASSWORD :'app_password';

CREATE DATABASE tickmark OWNER tickmark_owner;

-- Others have no business there.
REVOKE ALL ON DATABASE tickmark FROM PUBLIC;
GRANT CONNECT ON DATABASE tickmark TO tickmark_app;

\connect tickmark

-- Before PostgreSQL 15 everybody may make tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tickmark_owner;
