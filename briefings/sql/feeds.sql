-- Feeds for machines. A service account is a person that is a machine: it has authorisations and ties as anybody, but no
-- way to sign in. Its token is the one thing that lets it in, and only briefings_token knows one from none.

ALTER TABLE briefings_serviceaccount ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_keepers ON briefings_serviceaccount FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR (SELECT officer FROM clearance_here)
        OR ((SELECT official FROM clearance_here) AND keeper_id = (SELECT organisation_id FROM clearance_here)));
CREATE POLICY keepers_revoke ON briefings_serviceaccount FOR UPDATE TO portal_app
    USING (revoked_at IS NULL AND ((SELECT officer FROM clearance_here)
        OR ((SELECT official FROM clearance_here) AND keeper_id = (SELECT organisation_id FROM clearance_here))))
    WITH CHECK (revoked_at IS NOT NULL);

-- Whoever has a token's text reads what the machine reads. So nobody gives one out for a machine that reads more than they
-- may, and one given out opens nothing while that is so: what its maker may not do (DUTY), or does not hold: a level or code
-- of the machine's (CLEARANCE), a circle that it is in by name (CIRCLES). Of what organisations are in, a machine has nothing.
CREATE FUNCTION briefings_tied(who uuid) RETURNS SETOF bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT m.circle_id FROM clearance_circlemember m
     WHERE m.person_id = who AND m.since <= clock_timestamp() AND (m.until IS NULL OR m.until > clock_timestamp())
    UNION
    SELECT h.circle_id FROM clearance_namedhandler h
      JOIN accounts_person p ON p.id = h.person_id AND p.organisation_id = h.organisation_id
      JOIN clearance_circleorganisation c ON c.circle_id = h.circle_id AND c.organisation_id = h.organisation_id
     WHERE h.person_id = who AND h.since <= clock_timestamp() AND (h.until IS NULL OR h.until > clock_timestamp())
       AND c.since <= clock_timestamp() AND (c.until IS NULL OR c.until > clock_timestamp())
    $$;
CREATE FUNCTION briefings_maker_lacks(maker uuid, machine uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    mine bigint[];
    its bigint[];
    lacks text[] := '{}';
BEGIN
    SELECT clearance_cleared(p.id, o.id, o.kind = 'MINISTRY', clock_timestamp()) INTO mine
      FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id
     WHERE p.id = maker AND p.is_active AND o.active AND EXISTS (
        SELECT 1 FROM accounts_appointment a, briefings_serviceaccount s
         WHERE a.person_id = maker AND s.person_id = machine
           AND (a.duty = 'CLEARANCE_OFFICER' OR (a.duty = 'OFFICIAL' AND s.keeper_id = o.id))
           AND a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp()));
    IF NOT FOUND THEN
        RETURN ARRAY['DUTY'];
    END IF;
    SELECT clearance_cleared(p.id, o.id, o.kind = 'MINISTRY', clock_timestamp()) INTO its
      FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id WHERE p.id = machine;
    IF EXISTS (SELECT 1 FROM unnest(its, mine) AS l(lacked_by_it, lacked_by_maker)
                WHERE lacked_by_it <> -1 AND (lacked_by_maker = -1 OR lacked_by_maker & ~lacked_by_it <> 0)) THEN
        lacks := lacks || 'CLEARANCE'::text;
    END IF;
    IF EXISTS (SELECT briefings_tied(machine) EXCEPT SELECT briefings_tied(maker)) THEN
        lacks := lacks || 'CIRCLES'::text;
    END IF;
    RETURN lacks;
END $$;
-- The same of the present person, and a second factor within the hour (PROOF); of somebody else's machine only that it is.
CREATE FUNCTION briefings_i_lack(machine uuid) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE WHEN second_factor_at > clock_timestamp() - interval '60 minutes' THEN '{}' ELSE ARRAY['PROOF'] END
        || briefings_maker_lacks(person_id, machine)
      FROM (SELECT (SELECT person_id FROM clearance_here), (SELECT second_factor_at FROM clearance_here)) AS h
    $$;
-- Tokens that open nothing for now, for those who keep the machine.
CREATE FUNCTION briefings_halted(machine uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT t.id FROM briefings_servicetoken t
     WHERE t.account_id = machine AND t.revoked_at IS NULL AND t.expires_at > statement_timestamp()
       AND NOT 'DUTY' = ANY(briefings_i_lack(machine)) AND briefings_maker_lacks(t.made_by_id, machine) <> '{}'
    $$;

-- Tokens are kept by whoever keeps the account; the machine itself makes none and reads none.
ALTER TABLE briefings_servicetoken ENABLE ROW LEVEL SECURITY;
CREATE POLICY keepers_see ON briefings_servicetoken FOR SELECT TO portal_app
    USING (EXISTS (SELECT 1 FROM briefings_serviceaccount a WHERE a.person_id = account_id)
        AND account_id <> (SELECT person_id FROM clearance_here));
CREATE POLICY keepers_make ON briefings_servicetoken FOR INSERT TO portal_app
    WITH CHECK (made_by_id = (SELECT person_id FROM clearance_here) AND account_id <> made_by_id AND revoked_at IS NULL
        AND briefings_i_lack(account_id) = '{}'
        AND EXISTS (SELECT 1 FROM briefings_serviceaccount a WHERE a.person_id = account_id AND a.revoked_at IS NULL));
-- A token's life is only ever made shorter (rotation leaves the old one a while), and what was revoked stays so.
CREATE POLICY keepers_shorten ON briefings_servicetoken FOR UPDATE TO portal_app
    USING (revoked_at IS NULL AND EXISTS (SELECT 1 FROM briefings_serviceaccount a WHERE a.person_id = account_id)
        AND account_id <> (SELECT person_id FROM clearance_here))
    WITH CHECK (account_id <> (SELECT person_id FROM clearance_here));
CREATE FUNCTION briefings_hold_token() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.expires_at > OLD.expires_at THEN
        RAISE EXCEPTION 'a token does not live longer than it was made for' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_token BEFORE UPDATE OF expires_at ON briefings_servicetoken
    FOR EACH ROW EXECUTE FUNCTION briefings_hold_token();

-- People are entered by the clearance officer alone. A machine is entered by an official too: with an address nobody
-- can have, without a password, and with no authorisation, which the officer gives it as to anybody.
CREATE FUNCTION briefings_make_service(machine uuid, organisation uuid, called text, use text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    h record;
BEGIN
    SELECT * INTO h FROM clearance_here;
    IF h.person_id IS NULL OR NOT (h.official OR h.officer)
       OR NOT EXISTS (SELECT 1 FROM accounts_organisation o WHERE o.id = organisation AND o.active) THEN
        RETURN false;
    END IF;
    INSERT INTO accounts_person (id, email, password, name, organisation_id, title, language, is_active, created)
        VALUES (machine, machine || '@machine.invalid', '!', called, organisation, '', 'ja', true, statement_timestamp());
    INSERT INTO briefings_serviceaccount (person_id, purpose, keeper_id, made_by_id, created)
        VALUES (machine, use, h.organisation_id, h.person_id, statement_timestamp());
    RETURN true;
END $$;

-- Whom a token stands for, before there is a context; it notes the day.
CREATE FUNCTION briefings_token(secret bytea, OUT token uuid, OUT account uuid, OUT scopes text[], OUT collections uuid[])
    RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    used date;
    today date := (statement_timestamp() AT TIME ZONE 'Asia/Tokyo')::date;
BEGIN
    SELECT t.id, t.account_id, t.scopes::text[], t.collections, t.last_used
      INTO token, account, scopes, collections, used
      FROM briefings_servicetoken t JOIN briefings_serviceaccount a ON a.person_id = t.account_id
      JOIN accounts_person p ON p.id = a.person_id JOIN accounts_organisation o ON o.id = p.organisation_id
     WHERE t.hash = sha256(secret) AND t.revoked_at IS NULL AND t.expires_at > statement_timestamp()
       AND a.revoked_at IS NULL AND p.is_active AND o.active
       AND briefings_maker_lacks(t.made_by_id, t.account_id) = '{}';
    IF FOUND THEN
        IF used IS DISTINCT FROM today THEN
            UPDATE briefings_servicetoken t SET last_used = today WHERE t.id = token;
        END IF;
        RETURN NEXT;
    END IF;
END $$;

ALTER TABLE briefings_feedstate ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_feedstate TO portal_app
    USING (account_id = (SELECT person_id FROM clearance_here))
    WITH CHECK (account_id = (SELECT person_id FROM clearance_here));
ALTER TABLE briefings_arrival ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_arrival TO portal_app
    USING (account_id = (SELECT person_id FROM clearance_here))
    WITH CHECK (account_id = (SELECT person_id FROM clearance_here));

-- Note what became visible to the present account since it last asked. With the caller's rights: row-level security
-- decides what that is. Where its reach is another (`now_reaching`), everything is gone through, and what it sees no
-- more is struck, so that it arrives anew should it be seen again. What was being written while it last asked lies a
-- few minutes back.
CREATE FUNCTION briefings_take_in(now_reaching bytea) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    me uuid := (SELECT person_id FROM clearance_here);
    state record;
    since timestamptz;
    latest timestamptz;
    added bigint;
BEGIN
    SELECT digest, taken_at INTO state FROM briefings_feedstate WHERE account_id = me;
    IF FOUND AND state.digest = now_reaching THEN
        since := state.taken_at - interval '10 minutes';
        IF NOT EXISTS (
            SELECT 1 FROM briefings_stixobject o WHERE NOT o.withdrawn AND o.created > since AND NOT o.gone
               AND NOT EXISTS (SELECT 1 FROM briefings_arrival a WHERE a.object_id = o.id AND a.account_id = me)) THEN
            RETURN 0;
        END IF;
    END IF;
    INSERT INTO briefings_feedstate (account_id, digest, taken_at) VALUES (me, now_reaching, clock_timestamp())
        ON CONFLICT (account_id) DO UPDATE SET digest = excluded.digest, taken_at = excluded.taken_at;
    IF since IS NULL THEN
        DELETE FROM briefings_arrival a WHERE a.account_id = me
           AND NOT EXISTS (SELECT 1 FROM briefings_stixobject o WHERE o.id = a.object_id);
        since := '-infinity';
    END IF;
    latest := greatest(clock_timestamp(), (SELECT max(released) FROM briefings_arrival WHERE account_id = me));
    INSERT INTO briefings_arrival (id, account_id, object_id, marking_id, released)
        SELECT gen_random_uuid(), me, n.id, n.marking_id,
               latest + row_number() OVER (ORDER BY n.created, n.version, n.id) * interval '1 microsecond'
          FROM (SELECT DISTINCT ON (o.marking_id, o.stix_id, o.version) o.id, o.marking_id, o.created, o.version
                  FROM briefings_stixobject o
                 WHERE NOT o.withdrawn AND o.created > since AND NOT o.gone
                   AND NOT EXISTS (SELECT 1 FROM briefings_arrival a WHERE a.object_id = o.id AND a.account_id = me)
                   -- What no briefing hangs on lies in each circle: one of them is enough.
                   AND (o.briefing_id IS NOT NULL OR NOT EXISTS (
                        SELECT 1 FROM briefings_stixobject p JOIN briefings_arrival a ON a.object_id = p.id AND a.account_id = me
                         WHERE p.stix_id = o.stix_id AND p.version = o.version AND p.marking_id = o.marking_id))
                 ORDER BY o.marking_id, o.stix_id, o.version, o.created) AS n
        ON CONFLICT (object_id, account_id) DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END $$;

-- Under which markings something has reached the present account: one step of an index each, however much there is.
CREATE FUNCTION briefings_reached() RETURNS SETOF uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH RECURSIVE reached(marking) AS (
        (SELECT a.marking_id FROM briefings_arrival a WHERE a.account_id = (SELECT person_id FROM clearance_here)
          ORDER BY a.marking_id LIMIT 1)
        UNION ALL
        SELECT (SELECT a.marking_id FROM briefings_arrival a
                 WHERE a.account_id = (SELECT person_id FROM clearance_here) AND a.marking_id > r.marking
                 ORDER BY a.marking_id LIMIT 1)
          FROM reached r WHERE r.marking IS NOT NULL
    )
    SELECT marking FROM reached WHERE marking IS NOT NULL
$$;

-- What a machine sends in is its own and for officials of the organisation that keeps it, as far as they may read so
-- marked things.
ALTER TABLE briefings_submission ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_keepers ON briefings_submission FOR SELECT TO portal_app
    USING (account_id = (SELECT person_id FROM clearance_here)
        OR ((SELECT official FROM clearance_here) AND keeper_id = (SELECT organisation_id FROM clearance_here)
            AND comp_mask & ((SELECT inverse FROM clearance_here))[level + 1] <= 0
            AND release_mask & (SELECT release FROM clearance_here) <> 0));
CREATE POLICY own ON briefings_submission FOR INSERT TO portal_app
    WITH CHECK (account_id = (SELECT person_id FROM clearance_here)
        AND comp_mask & ((SELECT inverse FROM clearance_here))[level + 1] <= 0
        AND release_mask & (SELECT release FROM clearance_here) <> 0
        AND EXISTS (SELECT 1 FROM briefings_serviceaccount a
                     WHERE a.person_id = account_id AND a.keeper_id = briefings_submission.keeper_id));
ALTER TABLE briefings_submitted ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_its_submission ON briefings_submitted FOR SELECT TO portal_app
    USING (EXISTS (SELECT 1 FROM briefings_submission s WHERE s.id = submission_id));
CREATE POLICY own ON briefings_submitted FOR INSERT TO portal_app
    WITH CHECK (state = 'WAITING' AND EXISTS (SELECT 1 FROM briefings_submission s
        WHERE s.id = submission_id AND s.account_id = (SELECT person_id FROM clearance_here)));
-- Until an official has answered: then it is what that answer was about.
CREATE POLICY taken_back ON briefings_submitted FOR DELETE TO portal_app
    USING (state = 'WAITING' AND EXISTS (SELECT 1 FROM briefings_submission s
        WHERE s.id = submission_id AND s.account_id = (SELECT person_id FROM clearance_here)));
CREATE POLICY keepers_answer ON briefings_submitted FOR UPDATE TO portal_app
    USING (state = 'WAITING' AND EXISTS (SELECT 1 FROM briefings_submission s
        WHERE s.id = submission_id AND s.account_id <> (SELECT person_id FROM clearance_here)))
    WITH CHECK (state <> 'WAITING' AND (draft_id IS NULL OR state = 'TAKEN') AND answered_by_id = (SELECT person_id FROM clearance_here));

-- What machines fetch is laid by the official who approves, just then, for the briefing that comes of it or (what no
-- briefing hangs on) in the circle where it lies; whoever else may write among the readers, firms for one, lays nothing.
CREATE POLICY second_pair_of_eyes ON briefings_stixobject AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here) AND EXISTS (
        SELECT 1 FROM briefings_review r JOIN briefings_draft d ON d.id = r.draft_id
          JOIN briefings_briefing b ON b.id = d.briefing_id
         WHERE r.answer = 'APPROVED' AND r.revision = d.revision AND r.reviewer_id = (SELECT person_id FROM clearance_here)
           AND r.answered_at > statement_timestamp() - interval '5 minutes'
           AND b.circle_id = briefings_stixobject.circle_id
           AND (briefings_stixobject.briefing_id IS NULL OR briefings_stixobject.briefing_id = b.id)));
CREATE POLICY officials_correct ON briefings_stixobject AS RESTRICTIVE FOR UPDATE TO portal_app
    USING ((SELECT official FROM clearance_here));
