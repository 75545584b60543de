-- The two roles of Tickmark on PostgreSQL, and its database. Run once, by a superuser, with two passwords of your own in the environment,
-- where others of the machine do not see them:
--   export OWNER_PASSWORD=$(openssl rand -hex 24) APP_PASSWORD=$(openssl rand -hex 24)
--   psql -f deploy/roles.sql
-- Without one of them, or where one is empty, psql stops before anything is made. -v owner_password=… -v app_password=… does the same, and
-- shows them to whoever lists processes.
-- Then: tickmark migrate --role tickmark_app, as tickmark_owner. It gives tickmark_app its rights, and again after each release.

\set ON_ERROR_STOP on
\if :{?owner_password}
\else
  \set owner_password `printenv OWNER_PASSWORD || true`
\endif
\if :{?app_password}
\else
  \set app_password `printenv APP_PASSWORD || true`
\endif
SELECT btrim(:'owner_password') = '' OR btrim(:'app_password') = '' AS empty \gset
\if :empty
DO $$BEGIN RAISE EXCEPTION 'set OWNER_PASSWORD and APP_PASSWORD, and export them: nothing was made'; END$$;
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
