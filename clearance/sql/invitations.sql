-- Invitations to a circle, and what people may do about their own place in it. Accepting makes somebody a member who
-- could not write that row themselves: hence one function with its own check.

ALTER TABLE clearance_circleinvitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY invited_or_steward ON clearance_circleinvitation FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]));
CREATE POLICY stewards_invite ON clearance_circleinvitation FOR INSERT TO portal_app
    WITH CHECK (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]) AND by_id = (SELECT person_id FROM clearance_here)
        AND accepted_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL);
CREATE POLICY stewards_withdraw ON clearance_circleinvitation FOR UPDATE TO portal_app
    USING (circle_id = ANY((SELECT stewards FROM clearance_here)::bigint[]) AND accepted_at IS NULL AND declined_at IS NULL);

-- Whoever answered for a firm names its further handlers and strikes them, for as long as they are one themselves.
CREATE POLICY contact_names ON clearance_namedhandler FOR INSERT TO portal_app
    WITH CHECK (circle_id = ANY((SELECT circles FROM clearance_here)::bigint[])
        AND organisation_id = (SELECT organisation_id FROM clearance_here)
        AND EXISTS (SELECT 1 FROM clearance_circleinvitation i
                     WHERE i.circle_id = clearance_namedhandler.circle_id AND i.accepted_at IS NOT NULL
                       AND i.organisation_id = clearance_namedhandler.organisation_id
                       AND i.person_id = (SELECT person_id FROM clearance_here)));
CREATE POLICY contact_strikes ON clearance_namedhandler FOR UPDATE TO portal_app
    USING (until IS NULL AND circle_id = ANY((SELECT circles FROM clearance_here)::bigint[])
        AND organisation_id = (SELECT organisation_id FROM clearance_here)
        AND EXISTS (SELECT 1 FROM clearance_circleinvitation i
                     WHERE i.circle_id = clearance_namedhandler.circle_id AND i.accepted_at IS NOT NULL
                       AND i.organisation_id = clearance_namedhandler.organisation_id
                       AND i.person_id = (SELECT person_id FROM clearance_here)))
    WITH CHECK (until <= clock_timestamp());
CREATE POLICY leave ON clearance_namedhandler FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) AND until IS NULL)
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here) AND until <= clock_timestamp());

-- The answer of the person asked; false where there is nothing to answer. Whoever asked must still run the circle, so that the
-- invitations of a removed steward lead nowhere; and whoever was taken out since they were asked must be asked anew. Into a
-- closed circle none leads. The grant
-- that showed what the invitation is to ends with the answer.
CREATE FUNCTION clearance_answer_invitation(invitation uuid, accept boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    at timestamptz := clock_timestamp(); -- as the context itself
    h record;
    asked record;
    grants text;
    marked text;
    lies_there boolean;
BEGIN
    SELECT * INTO h FROM clearance_here;
    SELECT * INTO asked FROM clearance_circleinvitation i
     WHERE i.id = invitation AND i.person_id = h.person_id AND i.until > at
       AND i.accepted_at IS NULL AND i.declined_at IS NULL AND i.withdrawn_at IS NULL
       AND (i.organisation_id IS NULL OR i.organisation_id = h.organisation_id)
       FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF accept THEN
        IF EXISTS (SELECT 1 FROM clearance_circle c WHERE c.id = asked.circle_id AND c.closed_at IS NOT NULL)
           OR NOT EXISTS (SELECT 1 FROM clearance_circlemember m WHERE m.circle_id = asked.circle_id AND m.role = 'STEWARD'
                          AND m.person_id = asked.by_id AND m.since <= at AND (m.until IS NULL OR m.until > at))
           OR EXISTS (SELECT 1 FROM clearance_circlemember m WHERE m.circle_id = asked.circle_id
                         AND asked.organisation_id IS NULL AND m.person_id = h.person_id AND m.until > asked.created)
           OR EXISTS (SELECT 1 FROM clearance_circleorganisation o WHERE o.circle_id = asked.circle_id
                         AND o.organisation_id = asked.organisation_id AND o.until > asked.created) THEN
            RETURN false;
        END IF;
        IF asked.organisation_id IS NULL THEN
            INSERT INTO clearance_circlemember (id, circle_id, person_id, role, since)
                VALUES (gen_random_uuid(), asked.circle_id, h.person_id, asked.role, now()) ON CONFLICT DO NOTHING;
        ELSE
            INSERT INTO clearance_circleorganisation (id, circle_id, organisation_id, role, since)
                VALUES (gen_random_uuid(), asked.circle_id, asked.organisation_id, asked.role, now()) ON CONFLICT DO NOTHING;
            INSERT INTO clearance_namedhandler (id, circle_id, organisation_id, person_id, since)
                VALUES (gen_random_uuid(), asked.circle_id, asked.organisation_id, h.person_id, now()) ON CONFLICT DO NOTHING;
        END IF;
    END IF;
    UPDATE clearance_circleinvitation SET accepted_at = CASE WHEN accept THEN now() END,
           declined_at = CASE WHEN accept THEN NULL ELSE now() END
     WHERE id = asked.id;
    FOR marked IN SELECT name FROM clearance_markedtable LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1 AND circle_id = $2)', marked)
            INTO lies_there USING asked.item, asked.circle_id;
        EXIT WHEN lies_there;
    END LOOP;
    IF lies_there THEN
        FOR grants IN SELECT name FROM clearance_granttable LOOP
            EXECUTE format('UPDATE %I SET until = now() WHERE content_object_id = $1 AND user_id = $2
                               AND (until IS NULL OR until > now())', grants) USING asked.item, h.person_id;
        END LOOP;
    END IF;
    RETURN true;
END $$;
