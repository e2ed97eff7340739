-- How many item keys each person had opened today, and how far two officers lifted their limit. The numbers are the
-- portal's to count: whoever runs SQL in the web role makes them larger, never smaller, and only for a session they hold.

-- One row a person; a new day begins it anew. A day is one in Japan. `refused` is how often they were told that it is enough,
-- `alarmed` the limit whose reaching was told to the officers.
CREATE TABLE clearance_keycount (
    person_id uuid PRIMARY KEY,
    day date NOT NULL,
    opened integer NOT NULL,
    refused integer NOT NULL DEFAULT 0,
    alarmed integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE FUNCTION clearance_today() RETURNS date
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT (clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date $$;

-- Asked by one officer and answered by another, neither of them the person, and good for the day it was asked on.
ALTER TABLE clearance_limitlift ENABLE ROW LEVEL SECURITY;
CREATE POLICY officer_sees ON clearance_limitlift FOR SELECT TO portal_app USING ((SELECT officer FROM clearance_here));
CREATE POLICY officer_asks ON clearance_limitlift FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here) AND asked_by_id = (SELECT person_id FROM clearance_here)
        AND person_id <> asked_by_id AND day = (SELECT clearance_today())
        AND answered_by_id IS NULL AND answered_at IS NULL AND NOT approved);
CREATE POLICY another_answers ON clearance_limitlift FOR UPDATE TO portal_app
    USING ((SELECT officer FROM clearance_here) AND answered_by_id IS NULL AND day = (SELECT clearance_today())
        AND (SELECT person_id FROM clearance_here) NOT IN (person_id, asked_by_id))
    WITH CHECK (answered_by_id = (SELECT person_id FROM clearance_here));

-- So many more, as the portal's process claims; how many today, these included, and which limit was told as reached. No sum
-- is larger than an integer: an error here would answer every page of the person's.
CREATE FUNCTION clearance_count_keys(claim text, mac bytea, OUT total integer, OUT told integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    said jsonb := clearance_believe(claim, mac, 'count');
BEGIN
    INSERT INTO clearance_keycount AS k (person_id, day, opened, refused)
    VALUES ((said->>'person')::uuid, clearance_today(), (said->>'opened')::integer, (said->>'refused')::integer)
    ON CONFLICT (person_id) DO UPDATE SET
        opened = CASE WHEN k.day = excluded.day THEN least(k.opened::bigint + excluded.opened, 2000000000) ELSE excluded.opened END,
        refused = CASE WHEN k.day = excluded.day THEN least(k.refused::bigint + excluded.refused, 2000000000) ELSE excluded.refused END,
        alarmed = CASE WHEN k.day = excluded.day THEN k.alarmed ELSE 0 END,
        day = excluded.day
    RETURNING opened, alarmed INTO total, told;
END $$;

-- That the officers are told of this limit, in the transaction that tells them; false where they were before.
CREATE FUNCTION clearance_tell_limit(claim text, mac bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    said jsonb := clearance_believe(claim, mac, 'alarm');
BEGIN
    UPDATE clearance_keycount SET alarmed = (said->>'limit')::integer
     WHERE person_id = (said->>'person')::uuid AND day = clearance_today() AND alarmed < (said->>'limit')::integer;
    RETURN FOUND;
END $$;

-- What the person opened today and how far their limit was lifted: what `clearance_compute` puts into the context.
CREATE FUNCTION clearance_opened(who uuid, OUT opened integer, OUT lifted integer)
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce((SELECT k.opened FROM clearance_keycount k WHERE k.person_id = who AND k.day = clearance_today()), 0),
           least(coalesce((SELECT sum(l.more) FROM clearance_limitlift l
                            WHERE l.person_id = who AND l.day = clearance_today() AND l.approved), 0), 1000000000)::integer
$$;

-- Whoever had as many opened today, for the officers. The most first.
CREATE FUNCTION clearance_key_counts(at_least integer) RETURNS TABLE (person_id uuid, opened integer, refused integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT k.person_id, k.opened, k.refused FROM clearance_keycount k
     WHERE (SELECT officer FROM clearance_here) AND k.day = clearance_today() AND k.opened >= at_least
     ORDER BY k.opened DESC, k.person_id
$$;
