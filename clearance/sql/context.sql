-- The access context: who the present transaction acts for. Policies read it through the view `clearance_here`;
-- the web role can write none of it but through the functions below, and those believe only what the portal's own
-- process has authenticated (HMAC-SHA-256 under a key that no role but the owner can read). Each function names pg_temp
-- last in its search path: left out, it would come first, and a temporary table could stand in for a real one.

CREATE TABLE clearance_deployment (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    ceiling smallint NOT NULL DEFAULT 2 CHECK (ceiling BETWEEN 0 AND 4)
);
INSERT INTO clearance_deployment DEFAULT VALUES;

-- One row for each root key that is held: two while one takes over from the other.
CREATE TABLE clearance_contextkey (
    inner_pad bytea PRIMARY KEY,
    outer_pad bytea NOT NULL
);

CREATE TABLE clearance_session (
    secret_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL,
    password_at timestamptz,
    second_factor_at timestamptz,
    passkey_at timestamptz,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);

-- Filled by the migration operations: which tables hold grants, which hold marked rows. Rows of a marked table are
-- withdrawn by the person in its column `author` and the people of the organisation in `originator`; without an author by
-- nobody at all.
CREATE TABLE clearance_granttable (
    name text PRIMARY KEY,
    parent text NOT NULL
);
CREATE TABLE clearance_markedtable (
    name text PRIMARY KEY,
    author text,
    originator text,
    CHECK (originator IS NULL OR author IS NOT NULL)
);

-- One row a database connection; it counts only in the transaction that wrote it.
-- The long arrays are stored as they are: compressing two thousand circles took 4 ms of each request (measured).
CREATE UNLOGGED TABLE clearance_context (
    backend integer PRIMARY KEY,
    xact xid8 NOT NULL,
    person_id uuid,
    organisation_id uuid,
    duties text[] NOT NULL,
    official boolean NOT NULL,
    officer boolean NOT NULL,
    auditor boolean NOT NULL,
    password_at timestamptz,
    second_factor_at timestamptz,
    passkey_at timestamptz,
    cleared bigint[] NOT NULL,
    inverse bigint[] NOT NULL,
    release bigint NOT NULL,
    circles bigint[] STORAGE EXTERNAL NOT NULL,
    circles_open bigint[] STORAGE EXTERNAL NOT NULL,
    writers bigint[] STORAGE EXTERNAL NOT NULL,
    stewards bigint[] STORAGE EXTERNAL NOT NULL,
    keepers bigint[] STORAGE EXTERNAL NOT NULL,
    items uuid[] STORAGE EXTERNAL NOT NULL,
    broad boolean NOT NULL,
    job boolean NOT NULL,
    opened integer NOT NULL DEFAULT 0,
    lifted integer NOT NULL DEFAULT 0
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE VIEW clearance_here AS
    SELECT person_id, organisation_id, duties, official, officer, auditor, password_at, second_factor_at, passkey_at,
           cleared, inverse, release,
           -- Concatenated with nothing, an array leaves its TOAST once: a policy would otherwise unpack it for each row.
           circles || '{}'::bigint[] AS circles, circles_open || '{}'::bigint[] AS circles_open,
           writers || '{}'::bigint[] AS writers, stewards || '{}'::bigint[] AS stewards,
           keepers || '{}'::bigint[] AS keepers, items || '{}'::uuid[] AS items, broad, job, opened, lifted
    FROM clearance_context
    WHERE backend = pg_backend_pid() AND xact = pg_current_xact_id_if_assigned();

-- Items a person is granted by name at the moment `at`. EnableGrants writes it anew for each table of grants.
CREATE FUNCTION clearance_granted(person uuid, at timestamptz) RETURNS uuid[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT '{}'::uuid[] $$;

CREATE FUNCTION clearance_in_force(entitlement uuid, starts timestamptz, ends timestamptz, revoked timestamptz, at timestamptz)
    RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT starts <= at AND (ends IS NULL OR ends > at) AND (revoked IS NULL OR revoked > at)
       AND NOT EXISTS (SELECT 1 FROM clearance_suspension s WHERE s.entitlement_id = entitlement
                         AND s.since <= at AND (s.until IS NULL OR s.until > at))
    $$;

-- For each level 0..4: −1 where it is not held, else the bits of the codes that are not held at that level.
-- Levels 0–2 and each statutory level are worked out from different rows: an assessment's result serves only the
-- protection of that statutory information (目的外利用の禁止), so 0–2 never read one.
CREATE FUNCTION clearance_cleared(person uuid, organisation uuid, ministry boolean, at timestamptz) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    masks bigint[] := ARRAY[4611686018427387903, -1, -1, -1, -1];
    most smallint := (SELECT ceiling FROM clearance_deployment);
    codes bigint;
    wanted text;
BEGIN
    FOR l IN 1..least(most, 2) LOOP
        SELECT bit_or(a.comp_mask) INTO codes FROM clearance_authorisation a
         WHERE a.person_id = person AND a.basis IN ('NDA', 'COUNCIL', 'OFFICIAL') AND a.highest >= l
           AND clearance_in_force(a.id, a.since, a.until, a.revoked_at, at);
        IF codes IS NOT NULL AND (ministry OR EXISTS (
            SELECT 1 FROM clearance_organisationcertification c
             WHERE c.organisation_id = organisation AND c.kind = 'AGREEMENT' AND c.highest >= l
               AND clearance_in_force(c.id, c.since, c.until, c.revoked_at, at))) THEN
            masks[l + 1] := 4611686018427387903 & ~codes;
        END IF;
    END LOOP;
    FOR l IN 3..most LOOP
        wanted := CASE l WHEN 3 THEN 'CESI' ELSE 'SDS' END;
        SELECT bit_or(a.comp_mask) INTO codes FROM clearance_authorisation a
         WHERE a.person_id = person AND a.basis = wanted
           AND clearance_in_force(a.id, a.since, a.until, a.revoked_at, at);
        IF codes IS NOT NULL AND (ministry OR EXISTS (
            SELECT 1 FROM clearance_organisationcertification c
             WHERE c.organisation_id = organisation AND c.kind = 'CERTIFICATION' AND c.highest = l
               AND clearance_in_force(c.id, c.since, c.until, c.revoked_at, at))) THEN
            masks[l + 1] := 4611686018427387903 & ~codes;
        END IF;
    END LOOP;
    RETURN masks;
END $$;

-- Writes the context of one person for this transaction. Not for the web role to call.
CREATE FUNCTION clearance_compute(who uuid, password timestamptz, factor timestamptz, passkey timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    at timestamptz := clock_timestamp(); -- not now(): what was joined a moment ago in this transaction counts
    org uuid;
    org_kind text;
    country text;
    machine boolean;
    duty text[];
    masks bigint[];
    assured bigint[];
    nations bigint;
    mine bigint[];
    open_to bigint[];
    may_write bigint[];
    may_run bigint[];
    may_keep bigint[];
    counted record;
BEGIN
    SELECT o.id, o.kind, o.country, p.email LIKE '%@machine.invalid' INTO org, org_kind, country, machine
      FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id
     WHERE p.id = who AND p.is_active AND o.active;
    IF NOT FOUND OR password IS NULL THEN
        DELETE FROM clearance_context WHERE backend = pg_backend_pid();
        RETURN;
    END IF;
    SELECT coalesce(array_agg(DISTINCT a.duty::text), '{}') INTO duty FROM accounts_appointment a
     WHERE a.person_id = who AND a.since <= at AND (a.until IS NULL OR a.until > at);
    masks := clearance_cleared(who, org, org_kind = 'MINISTRY', at);
    assured := ARRAY[masks[1], masks[2],
        CASE WHEN factor > at - interval '60 minutes' THEN masks[3] ELSE -1 END,
        CASE WHEN passkey > at - interval '15 minutes' THEN masks[4] ELSE -1 END,
        CASE WHEN passkey > at - interval '15 minutes' THEN masks[5] ELSE -1 END];
    SELECT coalesce(bit_or(1::bigint << g.bit), 0) | 4611686018427387904 INTO nations
      FROM clearance_releasegroup g WHERE country = ANY(g.countries);
    -- In a closed circle everybody only reads; whoever ran it still takes people and things out of it (keepers).
    SELECT coalesce(array_agg(DISTINCT circle_id), '{}'),
           coalesce(array_agg(DISTINCT circle_id) FILTER (WHERE role <> 'OBSERVER' AND closed.id IS NULL), '{}'),
           coalesce(array_agg(DISTINCT circle_id) FILTER (WHERE role = 'STEWARD' AND closed.id IS NULL), '{}'),
           coalesce(array_agg(DISTINCT circle_id) FILTER (WHERE role = 'STEWARD'), '{}')
      INTO mine, may_write, may_run, may_keep
      FROM (SELECT m.circle_id, m.role FROM clearance_circlemember m
             WHERE m.person_id = who AND m.since <= at AND (m.until IS NULL OR m.until > at)
            UNION ALL
            SELECT h.circle_id, c.role FROM clearance_namedhandler h
              JOIN clearance_circleorganisation c
                ON c.circle_id = h.circle_id AND c.organisation_id = h.organisation_id
             WHERE h.person_id = who AND h.organisation_id = org
               AND h.since <= at AND (h.until IS NULL OR h.until > at)
               AND c.since <= at AND (c.until IS NULL OR c.until > at)) AS ties
      LEFT JOIN clearance_circle closed ON closed.id = circle_id AND closed.closed_at IS NOT NULL;
    -- What is open to an organisation is so to its people: a machine needs a tie of its own.
    SELECT coalesce(array_agg(circle_id), '{}') INTO open_to
      FROM (SELECT c.circle_id FROM clearance_circleorganisation c
             WHERE c.organisation_id = org AND NOT machine AND c.since <= at AND (c.until IS NULL OR c.until > at)
            UNION SELECT e.id FROM clearance_circle e WHERE e.everyone) AS wide;
    SELECT * INTO counted FROM clearance_opened(who);
    INSERT INTO clearance_context AS x VALUES (
        pg_backend_pid(), pg_current_xact_id(), who, org, duty,
        'OFFICIAL' = ANY(duty),
        -- The registers say who reads what: on a password alone nobody keeps them.
        'CLEARANCE_OFFICER' = ANY(duty) AND coalesce(factor > at - interval '60 minutes', false),
        'AUDITOR' = ANY(duty),
        password, factor, passkey, masks, assured, nations, mine, open_to, may_write, may_run, may_keep,
        clearance_granted(who, at),
        cardinality(mine) > 200 AND cardinality(mine) > 0.3 * (SELECT reltuples FROM pg_class WHERE oid = 'clearance_circle'::regclass),
        false, counted.opened, counted.lifted)
    ON CONFLICT (backend) DO UPDATE SET
        xact = excluded.xact, person_id = excluded.person_id, organisation_id = excluded.organisation_id,
        duties = excluded.duties, official = excluded.official, officer = excluded.officer, auditor = excluded.auditor,
        password_at = excluded.password_at, second_factor_at = excluded.second_factor_at,
        passkey_at = excluded.passkey_at, cleared = excluded.cleared, inverse = excluded.inverse,
        release = excluded.release, circles = excluded.circles, circles_open = excluded.circles_open,
        writers = excluded.writers, stewards = excluded.stewards, keepers = excluded.keepers,
        items = excluded.items, broad = excluded.broad, job = excluded.job,
        opened = excluded.opened, lifted = excluded.lifted;
END $$;

-- What the portal's process claims, believed only with its MAC. Raises for anything else.
CREATE FUNCTION clearance_believe(claim text, mac bytea, purpose text) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    said jsonb;
BEGIN
    IF mac IS NULL OR NOT EXISTS (
        SELECT 1 FROM clearance_contextkey k
         WHERE sha256(k.outer_pad || sha256(k.inner_pad || convert_to(claim, 'UTF8'))) = mac) THEN
        RAISE EXCEPTION 'the claim is not authentic' USING ERRCODE = '28000';
    END IF;
    said := claim::jsonb;
    IF said->>'for' IS DISTINCT FROM purpose
       OR abs(extract(epoch FROM clock_timestamp()) - (said->>'issued')::double precision) > 300 THEN
        RAISE EXCEPTION 'the claim is not for this' USING ERRCODE = '28000';
    END IF;
    RETURN said;
END $$;

-- Open (or bring up to date) a session: whom a secret stands for, and how they proved it.
CREATE FUNCTION clearance_open_session(claim text, mac bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    said jsonb := clearance_believe(claim, mac, 'session');
BEGIN
    INSERT INTO clearance_session AS s VALUES (
        decode(said->>'secret_hash', 'hex'), (said->>'person')::uuid, (said->>'password_at')::timestamptz,
        (said->>'second_factor_at')::timestamptz, (said->>'passkey_at')::timestamptz,
        (said->>'expires_at')::timestamptz, NULL)
    ON CONFLICT (secret_hash) DO UPDATE SET
        password_at = excluded.password_at, second_factor_at = excluded.second_factor_at,
        passkey_at = excluded.passkey_at, expires_at = excluded.expires_at
    WHERE s.person_id = excluded.person_id AND s.ended_at IS NULL;
END $$;

CREATE FUNCTION clearance_end_session(secret bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$ UPDATE clearance_session SET ended_at = now() WHERE secret_hash = sha256(secret) AND ended_at IS NULL $$;

-- First statement of each request's transaction.
CREATE FUNCTION clearance_enter(secret bytea) RETURNS SETOF clearance_here
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    found record;
BEGIN
    SELECT person_id, password_at, second_factor_at, passkey_at INTO found FROM clearance_session
     WHERE secret_hash = sha256(secret) AND ended_at IS NULL AND expires_at > now();
    PERFORM clearance_compute(found.person_id, found.password_at, found.second_factor_at, found.passkey_at);
    RETURN QUERY SELECT * FROM clearance_here;
END $$;

-- After a change of one's own circles or grants within the transaction.
CREATE FUNCTION clearance_refresh() RETURNS SETOF clearance_here
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    h record;
BEGIN
    SELECT person_id, password_at, second_factor_at, passkey_at, job INTO h FROM clearance_here;
    IF FOUND AND NOT h.job THEN
        PERFORM clearance_compute(h.person_id, h.password_at, h.second_factor_at, h.passkey_at);
    END IF;
    RETURN QUERY SELECT * FROM clearance_here;
END $$;

-- A task or command: either one person, or a job that reaches just the items and circles named.
CREATE FUNCTION clearance_act(claim text, mac bytea) RETURNS SETOF clearance_here
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    said jsonb := clearance_believe(claim, mac, 'act');
    none bigint[] := ARRAY[0, 0, 0, 0, 0];
    reached bigint[];
BEGIN
    IF EXISTS (SELECT 1 FROM clearance_here) THEN
        RAISE EXCEPTION 'contexts do not nest' USING ERRCODE = '55000';
    END IF;
    IF said->>'person' IS NOT NULL THEN
        PERFORM clearance_compute((said->>'person')::uuid, (said->>'password_at')::timestamptz,
                                  (said->>'second_factor_at')::timestamptz, (said->>'passkey_at')::timestamptz);
    ELSE
        reached := ARRAY(SELECT jsonb_array_elements_text(said->'circles')::bigint);
        INSERT INTO clearance_context AS x VALUES (
            pg_backend_pid(), pg_current_xact_id(), NULL, NULL, '{}', false, false, false, now(), NULL, NULL,
            none, none, -1, reached, '{}', reached, '{}', '{}',
            ARRAY(SELECT jsonb_array_elements_text(said->'items')::uuid), false, true)
        ON CONFLICT (backend) DO UPDATE SET
            xact = excluded.xact, person_id = NULL, organisation_id = NULL, duties = '{}', official = false,
            officer = false, auditor = false, password_at = excluded.password_at, second_factor_at = NULL,
            passkey_at = NULL, cleared = excluded.cleared, inverse = excluded.inverse, release = excluded.release,
            circles = excluded.circles, circles_open = '{}', writers = excluded.writers, stewards = '{}',
            keepers = '{}', items = excluded.items, broad = false, job = true;
    END IF;
    RETURN QUERY SELECT * FROM clearance_here;
END $$;

-- Leaving before the transaction ends (a suite's outer transaction outlives the request).
CREATE FUNCTION clearance_leave() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$ DELETE FROM clearance_context WHERE backend = pg_backend_pid() $$;
