-- The two roles of Tickmark on PostgreSQL, and its database. Run once, by a superuser: psql -f deploy/roles.sql
-- Then: tickmark migrate --role tickmark_app, as tickmark_owner. It gives tickmark_app its rights, and again after each release.

-- Owns the tables. Only tickmark migrate uses it.
CREATE ROLE tickmark_owner LOGIN PASSWORD 'change-me';

-- What serve, worker and setup use. It owns nothing.
CREATE ROLE tickmark_app LOGIN PASSWORD 'change-me';

CREATE DATABASE tickmark OWNER tickmark_owner;

-- Others have no business there.
REVOKE ALL ON DATABASE tickmark FROM PUBLIC;
GRANT CONNECT ON DATABASE tickmark TO tickmark_app;

\connect tickmark

-- Before PostgreSQL 15 everybody may make tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tickmark_owner;
