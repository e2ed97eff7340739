-- A firm's people see what their firm replied, and nobody else's; those who run the audience see all. A reply is made in
-- one's own name, for one's own firm.
ALTER TABLE briefings_reply ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON briefings_reply FOR SELECT TO portal_app, portal_worker
    USING (EXISTS (SELECT 1 FROM briefings_briefing parent WHERE parent.id = briefings_reply.briefing_id
        AND (briefings_reply.organisation_id = (SELECT organisation_id FROM clearance_here)
          OR parent.circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
          OR parent.originator_id = (SELECT organisation_id FROM clearance_here))));
CREATE POLICY writable ON briefings_reply FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here)
        AND organisation_id = (SELECT organisation_id FROM clearance_here)
        AND EXISTS (SELECT 1 FROM briefings_briefing parent WHERE parent.id = briefings_reply.briefing_id));

-- Only the official who was asked approves or returns; whoever asked may only take the question back.
CREATE POLICY answered_by_the_reviewer ON briefings_review AS RESTRICTIVE FOR UPDATE TO portal_app
    USING (answer = '' AND (SELECT person_id FROM clearance_here) IN (reviewer_id, asked_by_id))
    WITH CHECK (reviewer_id = (SELECT person_id FROM clearance_here) OR answer = 'TAKEN_BACK');

ALTER TABLE briefings_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_notice FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY own_seen ON briefings_notice FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));

-- Retracting reaches the sections that the retracting official may not read, which no policy can express: hence a function
-- with its own check, the same as the service's: an official who reads the head, and runs the audience or is of the
-- organisation whose information it is. Every earlier reader gets a line that names no content.
CREATE FUNCTION briefings_retract(item uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    UPDATE briefings_briefing SET withdrawn = true
     WHERE id = item AND (@READABLE@) AND (SELECT official FROM clearance_here)
       AND (circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
         OR originator_id = (SELECT organisation_id FROM clearance_here));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE briefings_portion SET withdrawn = true WHERE briefing_id = item;
    INSERT INTO briefings_notice (id, person_id, kind, about, read_on, at)
        SELECT gen_random_uuid(), person_id, 'RETRACTED', item, (first AT TIME ZONE 'Asia/Tokyo')::date, statement_timestamp()
          FROM briefings_opening WHERE briefing_id = item;
    RETURN true;
END $$;
