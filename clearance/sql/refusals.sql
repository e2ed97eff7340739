-- How often each person was refused in each minute: what the log leaves out of a flood it tells as a number. Nobody but these
-- functions reads or writes it: a count only grows until the worker takes it, and taking it is telling it.

CREATE TABLE clearance_refusals (
    person_id uuid,
    minute timestamptz,
    organisation_id uuid,
    count integer NOT NULL,
    PRIMARY KEY (person_id, minute)
);

-- One more, in the caller's transaction; how many in this minute, this one included. Another of the same person waits.
CREATE FUNCTION clearance_count_refusal(person uuid, organisation uuid) RETURNS integer
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    INSERT INTO clearance_refusals AS r VALUES (person, date_trunc('minute', clock_timestamp()), organisation, 1)
    ON CONFLICT (person_id, minute) DO UPDATE SET count = r.count + 1
    RETURNING count
$$;

-- The minutes that are over. Whoever counts on in one of them meanwhile begins anew: that is one event more, not one less.
CREATE FUNCTION clearance_take_refusals() RETURNS SETOF clearance_refusals
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$ DELETE FROM clearance_refusals WHERE minute < date_trunc('minute', clock_timestamp()) RETURNING * $$;
