-- Row-level security of clearance's own tables: whoever could write these without a check could grant themselves
-- anything, so each write is tied to a duty or a stewardship of the present context.

ALTER TABLE clearance_authorisation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_officer ON clearance_authorisation FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR (SELECT officer FROM clearance_here));
CREATE POLICY officer_grants ON clearance_authorisation FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here) AND person_id <> (SELECT person_id FROM clearance_here));
CREATE POLICY officer_changes ON clearance_authorisation FOR UPDATE TO portal_app
    USING ((SELECT officer FROM clearance_here) AND person_id <> (SELECT person_id FROM clearance_here));

ALTER TABLE clearance_organisationcertification ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_officer ON clearance_organisationcertification FOR SELECT TO portal_app
    USING (organisation_id = (SELECT organisation_id FROM clearance_here) OR (SELECT officer FROM clearance_here));
CREATE POLICY officer_records ON clearance_organisationcertification FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here));
CREATE POLICY officer_changes ON clearance_organisationcertification FOR UPDATE TO portal_app
    USING ((SELECT officer FROM clearance_here));

ALTER TABLE clearance_suspension ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_officer ON clearance_suspension FOR SELECT TO portal_app
    USING ((SELECT officer FROM clearance_here)
        OR EXISTS (SELECT 1 FROM clearance_authorisation a WHERE a.id = entitlement_id)
        OR EXISTS (SELECT 1 FROM clearance_organisationcertification c WHERE c.id = entitlement_id));
CREATE POLICY officer_suspends ON clearance_suspension FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here) AND by_id = (SELECT person_id FROM clearance_here));
CREATE POLICY officer_resumes ON clearance_suspension FOR UPDATE TO portal_app
    USING ((SELECT officer FROM clearance_here) AND NOT EXISTS (
        SELECT 1 FROM clearance_authorisation a
         WHERE a.id = entitlement_id AND a.person_id = (SELECT person_id FROM clearance_here)));

ALTER TABLE clearance_circle ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_see ON clearance_circle FOR SELECT TO portal_app, portal_worker
    USING (id = ANY((SELECT circles FROM clearance_here)::bigint[]) OR id = ANY((SELECT circles_open FROM clearance_here)::bigint[])
        OR (SELECT officer FROM clearance_here));

-- Only a running tie is changed, and an end takes effect at once: what has ended comes back as a new tie, which takes a
-- steward of an open circle, and nobody puts off the day on which others may take them out.
ALTER TABLE clearance_circlemember ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_see ON clearance_circlemember FOR SELECT TO portal_app, portal_worker
    USING (circle_id = ANY((SELECT circles FROM clearance_here)::bigint[]) OR (SELECT officer FROM clearance_here));
CREATE POLICY stewards_add ON clearance_circlemember FOR INSERT TO portal_app
    WITH CHECK (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]));
CREATE POLICY keepers_change ON clearance_circlemember FOR UPDATE TO portal_app
    USING (circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[]) AND until IS NULL)
    WITH CHECK (circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
        AND (until IS NULL OR until <= clock_timestamp()));
-- Leaving takes effect at once: with an end still to come, whoever "leaves" could take a steward's role until then.
CREATE POLICY leave ON clearance_circlemember FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) AND until IS NULL)
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here) AND until <= clock_timestamp());

ALTER TABLE clearance_circleorganisation ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_see ON clearance_circleorganisation FOR SELECT TO portal_app, portal_worker
    USING (circle_id = ANY((SELECT circles FROM clearance_here)::bigint[]) OR (SELECT officer FROM clearance_here)
        OR organisation_id = (SELECT organisation_id FROM clearance_here));
CREATE POLICY stewards_add ON clearance_circleorganisation FOR INSERT TO portal_app
    WITH CHECK (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]));
CREATE POLICY keepers_change ON clearance_circleorganisation FOR UPDATE TO portal_app
    USING (circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[]) AND until IS NULL)
    WITH CHECK (circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
        AND (until IS NULL OR until <= clock_timestamp()));

-- The stewards of the circle name a firm's people, as does the clearance officer, though never themselves.
ALTER TABLE clearance_namedhandler ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_see ON clearance_namedhandler FOR SELECT TO portal_app, portal_worker
    USING (circle_id = ANY((SELECT circles FROM clearance_here)::bigint[]) OR (SELECT officer FROM clearance_here)
        OR person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY stewards_name ON clearance_namedhandler FOR INSERT TO portal_app
    WITH CHECK (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[])
        OR ((SELECT officer FROM clearance_here) AND person_id <> (SELECT person_id FROM clearance_here)));
CREATE POLICY keepers_strike ON clearance_namedhandler FOR UPDATE TO portal_app
    USING (until IS NULL AND (circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
        OR ((SELECT officer FROM clearance_here) AND person_id <> (SELECT person_id FROM clearance_here))))
    WITH CHECK (until <= clock_timestamp());
-- Nobody new is named for a closed circle, whoever may name.
CREATE POLICY only_while_open ON clearance_namedhandler AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT 1 FROM clearance_circle c WHERE c.id = circle_id AND c.closed_at IS NULL));

ALTER TABLE clearance_markingpreset ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_see ON clearance_markingpreset FOR SELECT TO portal_app, portal_worker
    USING (circle_id = ANY((SELECT circles FROM clearance_here)::bigint[]));
CREATE POLICY stewards_choose ON clearance_markingpreset FOR ALL TO portal_app
    USING (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]))
    WITH CHECK (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]));

-- The register of an item: read by the clearance officer and by whoever may read the item. Whoever hands an item over enters
-- themselves as its first handler; the entry follows the grant and gives nothing by itself.
ALTER TABLE clearance_handlerentry ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_or_officer ON clearance_handlerentry FOR SELECT TO portal_app
    USING ((SELECT officer FROM clearance_here) OR item_id = ANY((SELECT items FROM clearance_here)::uuid[]));
CREATE POLICY granter_enters ON clearance_handlerentry FOR INSERT TO portal_app
    WITH CHECK (entered_by_id = (SELECT person_id FROM clearance_here)
        AND ((SELECT officer FROM clearance_here) OR (SELECT official FROM clearance_here)
          OR (person_id = (SELECT person_id FROM clearance_here) AND item_id = ANY((SELECT items FROM clearance_here)::uuid[]))));
CREATE POLICY granter_strikes ON clearance_handlerentry FOR UPDATE TO portal_app
    USING ((SELECT officer FROM clearance_here) OR (SELECT official FROM clearance_here));

-- The auditor reads the log; everyone else only adds to it.
CREATE POLICY auditor_reads ON audit_event FOR SELECT TO portal_app USING ((SELECT auditor FROM clearance_here));
CREATE POLICY auditor_reads ON audit_leaf FOR SELECT TO portal_app USING ((SELECT auditor FROM clearance_here));
CREATE POLICY auditor_reads ON audit_seal FOR SELECT TO portal_app USING ((SELECT auditor FROM clearance_here));

-- A circle and its first steward come into being together: nobody could otherwise see what they have just made.
CREATE FUNCTION clearance_open_circle(circle bigint, ceiling uuid) RETURNS SETOF clearance_here
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    h record;
    top record;
BEGIN
    SELECT * INTO h FROM clearance_here;
    SELECT level, comp_mask, release_mask INTO top FROM clearance_marking WHERE id = ceiling;
    IF NOT FOUND OR h.person_id IS NULL OR NOT (h.official OR 'SECRETARY' = ANY(h.duties))
       OR top.comp_mask & h.cleared[top.level + 1] > 0 OR h.cleared[top.level + 1] = -1 THEN
        RAISE EXCEPTION 'may not open a circle' USING ERRCODE = '42501';
    END IF;
    INSERT INTO clearance_circle (id, ceiling_id, everyone, created) VALUES (circle, ceiling, false, now());
    INSERT INTO clearance_circlemember (id, circle_id, person_id, role, since)
        VALUES (gen_random_uuid(), circle, h.person_id, 'STEWARD', now());
    RETURN QUERY SELECT * FROM clearance_refresh();
END $$;

-- A closed circle is read by whom it was read before; nothing more is written in it and nobody more let in, for good.
CREATE FUNCTION clearance_close_circle(circle bigint) RETURNS SETOF clearance_here
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    UPDATE clearance_circle SET closed_at = clock_timestamp()
     WHERE id = circle AND id = ANY(coalesce((SELECT stewards FROM clearance_here), '{}')) AND closed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'may not close this circle' USING ERRCODE = '42501';
    END IF;
    RETURN QUERY SELECT * FROM clearance_refresh();
END $$;

-- How many people in how many organisations could read something so marked in this circle. Asked by its writers;
-- names nobody. Session assurance does not count: it is a matter of the moment.
CREATE FUNCTION clearance_readership(circle bigint, l smallint, comp bigint, rel bigint, OUT people bigint, OUT organisations bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT (circle = ANY(coalesce((SELECT writers FROM clearance_here), '{}'))) THEN
        RAISE EXCEPTION 'may not ask' USING ERRCODE = '42501';
    END IF;
    -- First who, then how far: asked before the joins are made, `clearance_cleared` would run for every pair of person and
    -- organisation, which a planner without statistics once chose.
    WITH who AS MATERIALIZED (
        SELECT a.id, o.id AS org, o.kind, o.country
          FROM clearance_circle_people(circle, l) AS p(id)
          JOIN accounts_person a ON a.id = p.id AND a.is_active
          JOIN accounts_organisation o ON o.id = a.organisation_id AND o.active)
    SELECT count(*), count(DISTINCT org) INTO people, organisations
      FROM (SELECT org, clearance_cleared(id, org, kind = 'MINISTRY', statement_timestamp()) AS cleared,
                   (SELECT coalesce(bit_or(1::bigint << g.bit), 0) | 4611686018427387904
                      FROM clearance_releasegroup g WHERE country = ANY(g.countries)) AS nations
              FROM who) AS reach
     WHERE comp & cleared[l + 1] <= 0 AND rel & nations <> 0;
END $$;

-- Who of a circle could read something so marked, and who could not and roughly why, by name: for its stewards, as far as
-- they hold the marking themselves and the circle admits it. Of whoever a firm has not named nothing more is worked out;
-- of statutory levels nothing is said at all.
CREATE FUNCTION clearance_readers(circle bigint, l smallint, comp bigint, rel bigint, OUT person uuid, OUT why text)
    RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    at timestamptz := statement_timestamp();
BEGIN
    IF NOT (circle = ANY(coalesce((SELECT stewards FROM clearance_here), '{}'))) OR l NOT BETWEEN 0 AND 2
       OR comp & (SELECT cleared FROM clearance_here)[l + 1] > 0
       OR NOT EXISTS (SELECT 1 FROM clearance_circle c JOIN clearance_marking m ON m.id = c.ceiling_id
                       WHERE c.id = circle AND l <= m.level AND comp & ~m.comp_mask = 0
                         AND (m.release_mask = -1 OR rel & ~m.release_mask = 0)) THEN
        RAISE EXCEPTION 'may not ask' USING ERRCODE = '42501';
    END IF;
    RETURN QUERY
    WITH named AS MATERIALIZED (SELECT p.id FROM clearance_circle_people(circle, l) AS p(id)),
    tied AS MATERIALIZED (
        SELECT c.organisation_id AS id FROM clearance_circleorganisation c
         WHERE c.circle_id = circle AND c.since <= at AND (c.until IS NULL OR c.until > at)),
    who AS MATERIALIZED (
        SELECT a.id, o.id AS org, o.kind, o.country, a.id IN (SELECT id FROM named) AS known
          FROM accounts_person a JOIN accounts_organisation o ON o.id = a.organisation_id AND o.active
         WHERE a.is_active AND (a.id IN (SELECT id FROM named) OR o.id IN (SELECT id FROM tied))),
    held AS MATERIALIZED (
        SELECT id, known, CASE WHEN known THEN clearance_cleared(id, org, kind = 'MINISTRY', at) END AS cleared,
               (SELECT coalesce(bit_or(1::bigint << g.bit), 0) | 4611686018427387904
                  FROM clearance_releasegroup g WHERE country = ANY(g.countries)) AS nations,
               EXISTS (SELECT 1 FROM clearance_authorisation a
                        WHERE a.person_id = who.id AND a.basis IN ('NDA', 'COUNCIL', 'OFFICIAL') AND a.highest >= l
                          AND clearance_in_force(a.id, a.since, a.until, a.revoked_at, at)) AS pledged
          FROM who)
    SELECT id, CASE
        WHEN NOT known THEN 'NOT_NAMED'
        WHEN l > 0 AND NOT pledged THEN 'NOT_AUTHORISED'
        WHEN cleared[l + 1] = -1 THEN 'ORGANISATION_NOT_COVERED'
        WHEN comp & cleared[l + 1] > 0 THEN 'COMPARTMENT'
        WHEN rel & nations = 0 THEN 'NOT_RELEASABLE'
        ELSE '' END
      FROM held;
END $$;

-- Whose need-to-know a circle gives at a level: members, named handlers; at level 0 whole organisations, all but machines.
CREATE FUNCTION clearance_circle_people(circle bigint, l smallint) RETURNS SETOF uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT m.person_id FROM clearance_circlemember m
     WHERE m.circle_id = circle AND l < 3 AND m.since <= statement_timestamp() AND (m.until IS NULL OR m.until > statement_timestamp())
    UNION
    SELECT h.person_id FROM clearance_namedhandler h
      JOIN clearance_circleorganisation c ON c.circle_id = h.circle_id AND c.organisation_id = h.organisation_id
      JOIN accounts_person p ON p.id = h.person_id AND p.organisation_id = h.organisation_id
     WHERE h.circle_id = circle AND l < 3 AND h.since <= statement_timestamp() AND (h.until IS NULL OR h.until > statement_timestamp())
       AND c.since <= statement_timestamp() AND (c.until IS NULL OR c.until > statement_timestamp())
    UNION
    SELECT p.id FROM accounts_person p JOIN clearance_circleorganisation c ON c.organisation_id = p.organisation_id
     WHERE c.circle_id = circle AND l = 0 AND p.email NOT LIKE '%@machine.invalid' AND c.since <= statement_timestamp() AND (c.until IS NULL OR c.until > statement_timestamp())
    UNION
    SELECT p.id FROM accounts_person p JOIN clearance_circle e ON e.id = circle AND e.everyone WHERE l = 0
    $$;

-- Every marked row lies under its circle's ceiling, whoever writes it.
CREATE FUNCTION clearance_hold_ceiling() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM clearance_circle c JOIN clearance_marking m ON m.id = c.ceiling_id, clearance_deployment d
         WHERE c.id = NEW.circle_id AND NEW.level <= m.level AND NEW.level <= d.ceiling
           AND NEW.comp_mask & ~m.comp_mask = 0
           AND (m.release_mask = -1 OR NEW.release_mask & ~m.release_mask = 0)) THEN
        RAISE EXCEPTION 'the marking lies above the ceiling of its circle' USING ERRCODE = '23514', CONSTRAINT = 'circle_ceiling';
    END IF;
    RETURN NEW;
END $$;

-- Withdrawing takes a row out of its own reader's sight, which no policy can express: hence a function with its own check,
-- the same as the services': its author while they write there, the originator's people, the keepers; all as far as they
-- read it.
CREATE FUNCTION clearance_withdraw(marked text, item uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    held record;
    theirs text;
    done bigint;
BEGIN
    SELECT author, originator INTO held FROM clearance_markedtable WHERE name = marked AND author IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing of this kind is withdrawn' USING ERRCODE = '42501';
    END IF;
    theirs := format($q$ circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
        OR (%I = (SELECT person_id FROM clearance_here) AND circle_id = ANY((SELECT writers FROM clearance_here)::bigint[])) $q$,
        held.author);
    IF held.originator IS NOT NULL THEN
        theirs := theirs || format('OR %I = (SELECT organisation_id FROM clearance_here)', held.originator);
    END IF;
    EXECUTE format($q$UPDATE %I SET withdrawn = true WHERE id = $1 AND (@READABLE@) AND ($q$, marked) || theirs || ')' USING item;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done = 1;
END $$;

-- From level 3 up only the register counts, so whoever hands an item over is its first named handler, before it exists.
-- A grant opens its id in whatever table that lies: it must be new in each of them, and granted in its own.
CREATE FUNCTION clearance_first_grant(grants text, marked text, item uuid, circle bigint, l smallint, permission integer)
    RETURNS SETOF clearance_here
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    h record;
    taken boolean;
    each_table text;
BEGIN
    SELECT * INTO h FROM clearance_here;
    IF NOT EXISTS (SELECT 1 FROM clearance_granttable WHERE name = grants AND parent = marked)
       OR NOT EXISTS (SELECT 1 FROM clearance_markedtable WHERE name = marked) THEN
        RAISE EXCEPTION 'no such table' USING ERRCODE = '42501';
    END IF;
    FOR each_table IN SELECT name FROM clearance_markedtable LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1)', each_table) INTO taken USING item;
        EXIT WHEN taken;
    END LOOP;
    IF taken OR h.person_id IS NULL OR l < 3 OR l > 4 OR NOT (circle = ANY(h.writers)) OR h.inverse[l + 1] = -1 THEN
        RAISE EXCEPTION 'may not be the first handler' USING ERRCODE = '42501';
    END IF;
    EXECUTE format('INSERT INTO %I (id, user_id, content_object_id, permission_id, since) VALUES ($1, $2, $3, $4, now())', grants)
        USING gen_random_uuid(), h.person_id, item, permission;
    RETURN QUERY SELECT * FROM clearance_refresh();
END $$;
