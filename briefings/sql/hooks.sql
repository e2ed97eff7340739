-- Telling that something waits. Each sees their own hooks, deliveries and wish; the worker, which tells, sees them all, and
-- what there is to tell as ids. None of these rows says what anything is about to whoever owns it.

ALTER TABLE briefings_hook ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_hook FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
-- Nothing is sent to an address that has not answered: who makes a hook cannot say that it has (the worker alone can).
CREATE POLICY own_made ON briefings_hook FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here)
        AND organisation_id = (SELECT organisation_id FROM clearance_here) AND proved_at IS NULL AND state = 'PAUSED');
CREATE POLICY own_changed ON briefings_hook FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY own_dropped ON briefings_hook FOR DELETE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY tells ON briefings_hook FOR SELECT TO portal_worker USING (true);
CREATE POLICY tells_on ON briefings_hook FOR UPDATE TO portal_worker USING (true);

-- What an official makes or takes back, they note; who is told of it, the worker finds out.
ALTER TABLE briefings_occasion ENABLE ROW LEVEL SECURITY;
CREATE POLICY officials_note ON briefings_occasion FOR INSERT TO portal_app
    WITH CHECK ((SELECT official FROM clearance_here) AND spread_at IS NULL);
CREATE POLICY tells ON briefings_occasion TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE briefings_delivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_delivery FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
-- By themselves people ask for a test of their own hooks alone, and for another try of what could not be sent.
CREATE POLICY own_test ON briefings_delivery FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here) AND kind = 'PING' AND state = 'WAITING'
        AND EXISTS (SELECT 1 FROM briefings_hook h WHERE h.id = hook_id));
CREATE POLICY own_again ON briefings_delivery FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) AND state = 'DEAD')
    WITH CHECK (state = 'WAITING');
CREATE POLICY own_dropped ON briefings_delivery FOR DELETE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY tells ON briefings_delivery TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE briefings_mailwish ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON briefings_mailwish TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here))
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY tells ON briefings_mailwish FOR SELECT TO portal_worker USING (true);

-- In the context of the person it is theirs: whether they still have to be told of what was retracted.
CREATE POLICY tells ON briefings_notice FOR SELECT TO portal_worker
    USING (person_id = (SELECT person_id FROM clearance_here));

-- For the worker: whom to ask about an occasion. Everybody with a need to know of its head, or who is to learn that it is
-- gone, but for machines, for its two officials, and for those who want to hear nothing. Who of them may read anything
-- of it, each one's own context then says.
CREATE FUNCTION briefings_whom(occasion uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH what AS MATERIALIZED (SELECT o.kind, o.about FROM briefings_occasion o WHERE o.id = occasion),
    near AS MATERIALIZED (
        SELECT n.person_id AS id FROM what JOIN briefings_notice n ON n.about = what.about
         WHERE what.kind = 'RETRACTED' AND n.seen_at IS NULL
        UNION
        SELECT p.id FROM what JOIN briefings_briefing b ON b.id = what.about AND NOT b.withdrawn,
               LATERAL clearance_circle_people(b.circle_id, b.level) AS p(id)
         WHERE what.kind <> 'RETRACTED' AND p.id <> b.author_id AND p.id <> b.approved_by_id)
    SELECT p.id FROM near JOIN accounts_person p ON p.id = near.id AND p.is_active
      JOIN accounts_organisation o ON o.id = p.organisation_id AND o.active
     WHERE NOT EXISTS (SELECT 1 FROM briefings_serviceaccount s WHERE s.person_id = p.id)
       AND ((SELECT kind FROM what) = 'OVERDUE'
         OR NOT EXISTS (SELECT 1 FROM briefings_mailwish w WHERE w.person_id = p.id AND w.wish = 'NONE')
         OR EXISTS (SELECT 1 FROM briefings_hook h WHERE h.person_id = p.id AND h.state = 'ACTIVE'))
     ORDER BY p.id
    $$;

-- For the worker: which briefings are to be acknowledged by one of these days. Ids and days, no content.
CREATE FUNCTION briefings_owing(days date[], OUT briefing uuid, OUT due date) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT b.id, b.acknowledge_by FROM briefings_briefing b
     WHERE NOT b.withdrawn AND b.acknowledge_by = ANY(days) AND (b.expires_at IS NULL OR b.expires_at > now())
     ORDER BY b.acknowledge_by, b.id
    $$;
