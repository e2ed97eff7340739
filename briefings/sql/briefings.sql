-- A firm's people see what their firm replied, and nobody else's; officials who run the audience see all. A reply is made
-- in one's own name, for one's own firm.
ALTER TABLE briefings_reply ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON briefings_reply FOR SELECT TO portal_app, portal_worker
    USING (EXISTS (SELECT 1 FROM briefings_briefing parent WHERE parent.id = briefings_reply.briefing_id
        AND (briefings_reply.organisation_id = (SELECT organisation_id FROM clearance_here)
          OR ((SELECT official FROM clearance_here)
              AND (parent.circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[])
                OR parent.originator_id = (SELECT organisation_id FROM clearance_here))))));
CREATE POLICY writable ON briefings_reply FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here)
        AND organisation_id = (SELECT organisation_id FROM clearance_here)
        AND EXISTS (SELECT 1 FROM briefings_briefing parent WHERE parent.id = briefings_reply.briefing_id));

-- Who has opened and acknowledged is told to officials alone: others who run a circle see their own lines.
CREATE POLICY officials_or_own ON briefings_opening AS RESTRICTIVE FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR (SELECT official FROM clearance_here));
CREATE POLICY officials_or_own ON briefings_acknowledgement AS RESTRICTIVE FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR (SELECT official FROM clearance_here));

-- Only the official who was asked approves or returns; whoever asked may only take the question back.
CREATE POLICY answered_by_the_reviewer ON briefings_review AS RESTRICTIVE FOR UPDATE TO portal_app
    USING (answer = '' AND (SELECT official FROM clearance_here)
        AND (SELECT person_id FROM clearance_here) IN (reviewer_id, asked_by_id))
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
    UPDATE briefings_stixobject SET withdrawn = true WHERE briefing_id = item;
    INSERT INTO briefings_notice (id, person_id, kind, about, read_on, at)
        SELECT gen_random_uuid(), person_id, 'RETRACTED', item, (first AT TIME ZONE 'Asia/Tokyo')::date, statement_timestamp()
          FROM briefings_opening WHERE briefing_id = item;
    RETURN true;
END $$;

-- For the worker: the line for whom was still being shown a briefing while it was retracted, whose opening nobody saw until
-- it was over. Which briefings that were, as ids.
CREATE FUNCTION briefings_tell_readers() RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('briefings_tell_readers'));
    RETURN QUERY WITH told AS (
        INSERT INTO briefings_notice (id, person_id, kind, about, read_on, at)
            SELECT gen_random_uuid(), o.person_id, 'RETRACTED', b.id, (o.first AT TIME ZONE 'Asia/Tokyo')::date,
                   statement_timestamp()
              FROM briefings_briefing b JOIN briefings_opening o ON o.briefing_id = b.id
             WHERE b.withdrawn AND NOT EXISTS (
                SELECT 1 FROM briefings_notice n WHERE n.person_id = o.person_id AND n.about = b.id)
            RETURNING about)
        SELECT DISTINCT about FROM told;
END $$;

-- What a correction raised is raised with all that stood there before, for readers of the page and machines alike: whoever
-- may not read the section as it stands does not read how it stood. What is hidden the rows say, not the caller, who is the
-- official or the job that has published an approved correction.
CREATE FUNCTION briefings_hide_raised(item uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    raised uuid[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM clearance_here h JOIN briefings_briefing b ON b.id = item AND b.circle_id = ANY(h.writers)
                    WHERE h.official OR h.job)
       OR NOT EXISTS (SELECT 1 FROM briefings_draft d JOIN briefings_review r ON r.draft_id = d.id AND r.revision = d.revision
                       WHERE d.corrects_id = item AND d.briefing_id = item AND r.answer = 'APPROVED') THEN
        RAISE EXCEPTION 'no approved correction of this' USING ERRCODE = '42501';
    END IF;
    WITH hidden AS (
        UPDATE briefings_portion o SET withdrawn = true FROM briefings_portion n
         WHERE o.briefing_id = item AND o.until IS NOT NULL AND NOT o.withdrawn
           AND n.briefing_id = item AND n.until IS NULL AND n.slot = o.slot
           AND NOT (n.level <= o.level AND n.comp_mask & ~o.comp_mask = 0 AND o.release_mask & ~n.release_mask = 0)
        RETURNING o.marking_id)
    SELECT array_agg(DISTINCT marking_id) INTO raised FROM hidden;
    UPDATE briefings_stixobject SET gone = true
     WHERE briefing_id = item AND marking_id = ANY(raised) AND until IS NOT NULL AND NOT gone;
    UPDATE briefings_stixobject SET first = true
     WHERE briefing_id = item AND marking_id = ANY(raised) AND until IS NULL AND NOT gone AND NOT first;
END $$;

-- For officials whose organisation's information it is: the draft that a correction has to begin with, and whether one is
-- in the making, whether or not they may read either. Asked while the briefing is held.
CREATE FUNCTION briefings_last_draft(item uuid, OUT draft uuid, OUT correcting boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT (SELECT d.id FROM briefings_draft d WHERE d.briefing_id = b.id AND d.state = 'PUBLISHED'
             ORDER BY d.saved_at DESC, d.id DESC LIMIT 1),
           EXISTS (SELECT 1 FROM briefings_draft d
                    WHERE d.corrects_id = b.id AND d.state <> 'PUBLISHED' AND d.state <> 'DROPPED')
      FROM briefings_briefing b, clearance_here h
     WHERE b.id = item AND h.official AND b.originator_id = h.organisation_id
    $$;

-- Whom else something goes to tells of them: the name of an audience is for officials alone.
CREATE POLICY officials ON briefings_audience AS RESTRICTIVE FOR SELECT TO portal_app
    USING ((SELECT official FROM clearance_here));

-- Who wrote a draft, or saved what is to be looked at, is no second pair of eyes on it.
CREATE POLICY by_another ON briefings_review AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (answer = '' AND EXISTS (SELECT 1 FROM briefings_draft d WHERE d.id = briefings_review.draft_id
        AND d.revision = briefings_review.revision
        AND briefings_review.reviewer_id NOT IN (d.author_id, d.saved_by_id)));

-- Bureaus, what is written in them, whom it goes to and the second pair of eyes are the officials'; whoever else may write
-- in a circle, firms for one, may not.
CREATE POLICY officials_make ON briefings_bureau AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here));
CREATE POLICY officials_make ON briefings_audience AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here));
CREATE POLICY officials_make ON briefings_draft AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here));
CREATE POLICY officials_make ON briefings_review AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here));
CREATE POLICY officials_make ON briefings_portion AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here));

-- Nothing is published that another official has not approved as it is, nor elsewhere than it was for, nor in the name of
-- another organisation than its author's, nor without a bureau (which the worker, for whom a time has come, does not see).
CREATE POLICY second_pair_of_eyes ON briefings_briefing AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here) AND EXISTS (
        SELECT 1 FROM briefings_review r JOIN briefings_draft d ON d.id = r.draft_id
          JOIN briefings_audience a ON a.id = d.audience_id JOIN accounts_person p ON p.id = d.author_id
          JOIN briefings_bureau b ON b.circle_id = d.circle_id
         WHERE r.answer = 'APPROVED' AND r.revision = d.revision AND (d.state = 'IN_REVIEW' OR d.state = 'APPROVED')
           AND r.reviewer_id = briefings_briefing.approved_by_id AND d.author_id = briefings_briefing.author_id
           AND a.circle_id = briefings_briefing.circle_id AND p.organisation_id = briefings_briefing.originator_id));
CREATE POLICY second_pair_of_eyes_in_time ON briefings_briefing AS RESTRICTIVE FOR INSERT TO portal_worker
    WITH CHECK (EXISTS (
        SELECT 1 FROM briefings_review r JOIN briefings_draft d ON d.id = r.draft_id
          JOIN briefings_audience a ON a.id = d.audience_id JOIN accounts_person p ON p.id = d.author_id
         WHERE r.answer = 'APPROVED' AND r.revision = d.revision AND (d.state = 'IN_REVIEW' OR d.state = 'APPROVED')
           AND r.reviewer_id = briefings_briefing.approved_by_id AND d.author_id = briefings_briefing.author_id
           AND a.circle_id = briefings_briefing.circle_id AND p.organisation_id = briefings_briefing.originator_id));
CREATE POLICY second_pair_of_eyes ON briefings_portion AS RESTRICTIVE FOR INSERT TO portal_app, portal_worker
    WITH CHECK (EXISTS (SELECT 1 FROM briefings_review r JOIN briefings_draft d ON d.id = r.draft_id
        WHERE r.answer = 'APPROVED' AND r.revision = d.revision AND (d.state = 'IN_REVIEW' OR d.state = 'APPROVED')
          AND r.reviewer_id = briefings_portion.approved_by_id AND d.briefing_id = briefings_portion.briefing_id));
CREATE POLICY officials_correct ON briefings_briefing AS RESTRICTIVE FOR UPDATE TO portal_app
    USING ((SELECT official FROM clearance_here));
CREATE POLICY officials_correct ON briefings_portion AS RESTRICTIVE FOR UPDATE TO portal_app
    USING ((SELECT official FROM clearance_here));

-- Whether somebody is still an official who may have to do with something so marked in a circle, whatever their session.
CREATE FUNCTION briefings_entitled(who uuid, circle bigint, l smallint, comp bigint, rel bigint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT 1 FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id
         WHERE p.id = who AND p.is_active AND o.active
           AND EXISTS (SELECT 1 FROM accounts_appointment a WHERE a.person_id = who AND a.duty = 'OFFICIAL'
                          AND a.since <= statement_timestamp() AND (a.until IS NULL OR a.until > statement_timestamp()))
           AND who IN (SELECT clearance_circle_people(circle, l))
           AND comp & (clearance_cleared(who, o.id, o.kind = 'MINISTRY', statement_timestamp()))[l + 1] <= 0
           AND rel & (SELECT coalesce(bit_or(1::bigint << g.bit), 0) | 4611686018427387904
                        FROM clearance_releasegroup g WHERE o.country = ANY(g.countries)) <> 0)
    $$;

-- Whether somebody writes in a circle that is open, by themselves or for their organisation.
CREATE FUNCTION briefings_writes(who uuid, circle bigint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT 1 FROM clearance_circlemember m
         WHERE m.circle_id = circle AND m.person_id = who AND m.role <> 'OBSERVER'
           AND m.since <= statement_timestamp() AND (m.until IS NULL OR m.until > statement_timestamp())
        UNION ALL
        SELECT 1 FROM clearance_namedhandler h
          JOIN clearance_circleorganisation c ON c.circle_id = h.circle_id AND c.organisation_id = h.organisation_id
          JOIN accounts_person p ON p.id = h.person_id AND p.organisation_id = h.organisation_id
         WHERE h.circle_id = circle AND h.person_id = who AND c.role <> 'OBSERVER'
           AND h.since <= statement_timestamp() AND (h.until IS NULL OR h.until > statement_timestamp())
           AND c.since <= statement_timestamp() AND (c.until IS NULL OR c.until > statement_timestamp()))
    $$;

-- For the worker: approved drafts whose time has come, with where they lie and go to, whether both places are open still,
-- and whether author and approver are still who they were. Ids and two words, no content.
CREATE FUNCTION briefings_due(OUT draft uuid, OUT inside bigint, OUT outside bigint, OUT lost text) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT d.id, d.circle_id, a.circle_id, CASE
        WHEN NOT briefings_entitled(d.author_id, d.circle_id, d.level, d.comp_mask, d.release_mask) THEN 'AUTHOR'
        WHEN r.id IS NULL OR NOT briefings_entitled(r.reviewer_id, d.circle_id, d.level, d.comp_mask, d.release_mask)
          OR NOT r.reviewer_id IN (SELECT clearance_circle_people(a.circle_id, d.level)) THEN 'APPROVER'
        WHEN EXISTS (SELECT 1 FROM clearance_circle c
                      WHERE (c.id = d.circle_id OR c.id = a.circle_id) AND c.closed_at IS NOT NULL) THEN 'CLOSED'
        WHEN NOT briefings_writes(r.reviewer_id, d.circle_id) OR NOT briefings_writes(r.reviewer_id, a.circle_id)
        THEN 'WRITER'
        ELSE '' END
      FROM briefings_draft d JOIN briefings_audience a ON a.id = d.audience_id
      LEFT JOIN LATERAL (SELECT * FROM briefings_review v WHERE v.draft_id = d.id AND v.revision = d.revision
                            AND v.answer = 'APPROVED' ORDER BY v.answered_at DESC, v.id LIMIT 1) r ON true
     WHERE d.state = 'APPROVED' AND d.release_at <= clock_timestamp() AND NOT d.withdrawn
     ORDER BY d.release_at, d.id
    $$;
