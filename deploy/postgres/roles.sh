#!/bin/sh
# Runs once, when the database is made: the roles and the owner's database (docs/operations.md). The server logs no
# statement, so the passwords stand nowhere but in the roles.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
\getenv worker WORKER_PASSWORD
CREATE ROLE portal_owner  LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT PASSWORD :'owner';
CREATE ROLE portal_app    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT PASSWORD :'app';
CREATE ROLE portal_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT PASSWORD :'worker';
-- The anonymous intake runs on a host of its own: until that is given a password, a role that nobody can be.
CREATE ROLE portal_intake NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
CREATE DATABASE entaku OWNER portal_owner;
REVOKE ALL ON DATABASE entaku FROM PUBLIC;
GRANT CONNECT ON DATABASE entaku TO portal_app, portal_worker, portal_intake;
SQL
if [ -n "${INTAKE_PASSWORD:-}" ]; then
  psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv intake INTAKE_PASSWORD
ALTER ROLE portal_intake LOGIN PASSWORD :'intake';
SQL
fi
