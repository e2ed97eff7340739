-- What was said of the whole before a correction: laid by a correction that another official has approved as it is.
CREATE POLICY second_pair_of_eyes ON briefings_former AS RESTRICTIVE FOR INSERT TO portal_app, portal_worker
    WITH CHECK (EXISTS (SELECT 1 FROM briefings_review r JOIN briefings_draft d ON d.id = r.draft_id
        WHERE r.answer = 'APPROVED' AND r.revision = d.revision AND (d.state = 'IN_REVIEW' OR d.state = 'APPROVED')
          AND d.corrects_id = briefings_former.briefing_id));

-- What a firm deals in is for its own people alone, whatever their duty; said in one's own name, for one's own firm.
ALTER TABLE briefings_interests ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_interests FOR SELECT TO portal_app
    USING (organisation_id = (SELECT organisation_id FROM clearance_here));
CREATE POLICY own_said ON briefings_interests FOR INSERT TO portal_app
    WITH CHECK (organisation_id = (SELECT organisation_id FROM clearance_here)
        AND changed_by_id = (SELECT person_id FROM clearance_here));
CREATE POLICY own_changed ON briefings_interests FOR UPDATE TO portal_app
    USING (organisation_id = (SELECT organisation_id FROM clearance_here))
    WITH CHECK (organisation_id = (SELECT organisation_id FROM clearance_here)
        AND changed_by_id = (SELECT person_id FROM clearance_here));

-- What a section names and asks for is searched as well: what it has been laid by is forgotten once, and with each change.
DROP TRIGGER forget_tokens ON briefings_portion;
CREATE TRIGGER forget_tokens BEFORE UPDATE OF marking_id, key_version, wrapped_key, withdrawn, heading, body, more
    ON briefings_portion FOR EACH ROW EXECUTE FUNCTION clearance_forget_tokens();
UPDATE briefings_portion SET tokens = NULL;

-- The one circle of everybody who is signed in, for what is public. Made by the first official who needs it, joined by
-- others, each with colleagues of their own ministry. It is run by the ministry that made it; officials of others write
-- there, and look after what is their own ministry's. Its ceiling is PUBLIC, so nothing else is ever laid in it.
CREATE FUNCTION briefings_join_everyone(made bigint, ceiling uuid, colleagues uuid[], OUT circle bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    h record;
    running uuid;
    part text;
BEGIN
    SELECT * INTO h FROM clearance_here;
    IF h.person_id IS NULL OR NOT h.official
       OR NOT EXISTS (SELECT 1 FROM clearance_marking m WHERE m.id = ceiling AND m.text = 'PUBLIC') THEN
        RAISE EXCEPTION 'may not open a circle of everybody' USING ERRCODE = '42501';
    END IF;
    INSERT INTO clearance_circle (id, ceiling_id, everyone, created) VALUES (made, ceiling, true, now())
        ON CONFLICT (everyone) WHERE everyone DO NOTHING;
    SELECT id INTO circle FROM clearance_circle WHERE everyone;
    SELECT p.organisation_id INTO running FROM clearance_circlemember m JOIN accounts_person p ON p.id = m.person_id
     WHERE m.circle_id = circle AND m.role = 'STEWARD' AND m.until IS NULL ORDER BY m.since, m.id LIMIT 1;
    part := CASE WHEN running IS NULL OR running = h.organisation_id THEN 'STEWARD' ELSE 'PARTICIPANT' END;
    INSERT INTO clearance_circlemember (id, circle_id, person_id, role, since)
        SELECT gen_random_uuid(), circle, p.id, part, now() FROM accounts_person p
         WHERE (p.id = h.person_id OR p.id = ANY(colleagues)) AND p.organisation_id = h.organisation_id AND p.is_active
           AND EXISTS (SELECT 1 FROM accounts_appointment a WHERE a.person_id = p.id AND a.duty = 'OFFICIAL'
                          AND a.since <= statement_timestamp() AND (a.until IS NULL OR a.until > statement_timestamp()))
           AND NOT EXISTS (SELECT 1 FROM clearance_circlemember t
                            WHERE t.circle_id = circle AND t.person_id = p.id AND t.until IS NULL);
END $$;
