-- Search over sealed text by keyed tokens (docs/adr/0028). `@>` is not leakproof: asked under row-level security the index
-- is never used. Hence functions with the owner's rights that repeat the one policy text, for tables that are searched.
--
-- A row without tokens is a candidate for every word, so what is found never depends on how far the index has come. From
-- level 3 up no row ever has any.

ALTER TABLE clearance_markedtable ADD COLUMN searched boolean NOT NULL DEFAULT false;

-- Tokens that are in more than a fifth of a marking's rows: they narrow nothing, and their frequency would tell what they are.
CREATE TABLE clearance_commontokens (
    name text NOT NULL REFERENCES clearance_markedtable,
    marking_id uuid NOT NULL REFERENCES clearance_marking,
    version integer NOT NULL,
    tokens bigint[] NOT NULL,
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (name, marking_id, version));

CREATE FUNCTION clearance_hold_searched(marked text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM clearance_markedtable WHERE name = marked AND searched) THEN
        RAISE EXCEPTION 'nothing of this kind is searched' USING ERRCODE = '42501';
    END IF;
END $$;

-- What no longer fits is forgotten at once, whoever changed it and however: the marking, its key, the text, the row's sight.
CREATE FUNCTION clearance_forget_tokens() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    NEW.tokens := NULL;
    RETURN NEW;
END $$;

CREATE FUNCTION clearance_without_common(marked text, label uuid, key integer, wanted bigint[]) RETURNS bigint[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(array_agg(t), '{}') FROM (
        SELECT unnest(wanted) EXCEPT
        SELECT unnest(tokens) FROM clearance_commontokens WHERE name = marked AND marking_id = label AND version = key) AS left_over(t)
    $$;

-- The statement of a search, to be run with the owner's rights. `wanted` has a line for each marking and version of its key:
-- {"marking", "version", "tokens"}. Each is a branch of its own: an OR of them would use no index.
CREATE FUNCTION clearance_search_text(marked text, wanted jsonb, circle bigint, from_at timestamptz, from_id uuid, most integer)
    RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    each jsonb;
    narrowed bigint[];
    further text := '';
    branch text;
    branches text;
BEGIN
    PERFORM clearance_hold_searched(marked);
    IF circle IS NOT NULL THEN
        further := format(' AND circle_id = %L::bigint', circle);
    END IF;
    IF from_at IS NOT NULL THEN
        further := further || format(' AND created <= %L::timestamptz AND (created < %L::timestamptz OR id < %L::uuid)',
                                     from_at, from_at, from_id);
    END IF;
    further := further || ' AND (@READABLE@)';
    branches := format('(SELECT id, created FROM %I WHERE tokens IS NULL%s ORDER BY created DESC, id DESC LIMIT %s)',
                       marked, further, most);
    FOR each IN SELECT jsonb_array_elements(wanted) LOOP
        narrowed := clearance_without_common(marked, (each->>'marking')::uuid, (each->>'version')::integer,
                                             ARRAY(SELECT jsonb_array_elements_text(each->'tokens')::bigint));
        branch := format('SELECT id, created FROM %I WHERE marking_id = %L::uuid', marked, each->>'marking');
        IF narrowed = '{}' THEN
            -- Nothing is left to narrow by: the newest of them, and the next ones at the next asking.
            branch := format('(%s AND key_version = %L::integer AND tokens IS NOT NULL%s ORDER BY created DESC, id DESC LIMIT %s)',
                             branch, each->>'version', further, most);
        ELSE
            branch := format('%s AND tokens @> %L::bigint[]%s', branch, narrowed, further);
        END IF;
        branches := branches || ' UNION ALL ' || branch;
    END LOOP;
    -- Materialised: an ORDER BY the planner can see makes it walk the newest rows instead of using the tokens' index.
    RETURN format('WITH found AS MATERIALIZED (%s) SELECT id, created FROM found ORDER BY created DESC, id DESC LIMIT %s',
                  branches, most);
END $$;

-- Candidates that the present reader may read, newest first: ids and moments, never of anything else.
CREATE FUNCTION clearance_search(marked text, wanted jsonb, circle bigint, from_at timestamptz, from_id uuid, most integer)
    RETURNS TABLE (id uuid, created timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN QUERY EXECUTE clearance_search_text(marked, wanted, circle, from_at, from_id, least(most, 1000));
END $$;

-- The tokens of one row, laid by whoever may write there; only while it is as they saw it.
CREATE FUNCTION clearance_index(marked text, item uuid, label uuid, key integer, made bigint[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    done bigint;
BEGIN
    PERFORM clearance_hold_searched(marked);
    EXECUTE format($q$UPDATE %I SET tokens = $1 WHERE id = $2 AND marking_id = $3 AND key_version = $4 AND level < 3
        AND circle_id = ANY((SELECT writers FROM clearance_here)::bigint[]) AND (@READABLE@)$q$, marked)
        USING clearance_without_common(marked, label, key, made), item, label, key;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done = 1;
END $$;

-- What still has no tokens, newest first, from a place on: ids and circles for the worker's context.
CREATE FUNCTION clearance_unindexed(marked text, from_at timestamptz, from_id uuid, most integer)
    RETURNS TABLE (id uuid, created timestamptz, circle_id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM clearance_hold_searched(marked);
    RETURN QUERY EXECUTE format($q$SELECT id, created, circle_id FROM %I
        WHERE tokens IS NULL AND NOT withdrawn AND level < 3 AND (expires_at IS NULL OR expires_at > now())
          AND ($1 IS NULL OR created <= $1 AND (created < $1 OR id < $2))
        ORDER BY created DESC, id DESC LIMIT $3$q$, marked) USING from_at, from_id, least(most, 1000);
END $$;

CREATE FUNCTION clearance_unindexed_count(marked text) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    waiting bigint;
BEGIN
    PERFORM clearance_hold_searched(marked);
    EXECUTE format('SELECT count(*) FROM %I WHERE tokens IS NULL AND NOT withdrawn AND level < 3
        AND (expires_at IS NULL OR expires_at > now())', marked) INTO waiting;
    RETURN waiting;
END $$;

-- Which tokens more than a fifth of a marking's newest 5,000 rows have; below 200 rows none is common. What was common stays
-- so: rows laid meanwhile lack it. Returns how many are known.
CREATE FUNCTION clearance_find_common(marked text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    found bigint;
BEGIN
    PERFORM clearance_hold_searched(marked);
    EXECUTE format($q$
        INSERT INTO clearance_commontokens AS known (name, marking_id, version, tokens, counted_at)
        WITH sample AS MATERIALIZED (
            SELECT marking_id, key_version, tokens FROM (
                SELECT marking_id, key_version, tokens,
                       row_number() OVER (PARTITION BY marking_id, key_version ORDER BY created DESC, id DESC) AS n
                  FROM %I WHERE tokens IS NOT NULL AND NOT withdrawn) AS numbered WHERE n <= 5000),
        size AS (SELECT marking_id, key_version, count(*) AS n FROM sample GROUP BY 1, 2 HAVING count(*) >= 200),
        often AS (
            SELECT s.marking_id, s.key_version, t.token
              FROM sample s JOIN size USING (marking_id, key_version) CROSS JOIN LATERAL unnest(s.tokens) AS t(token)
             GROUP BY 1, 2, 3, size.n HAVING count(*) * 5 > size.n)
        SELECT $1, marking_id, key_version, array_agg(token), statement_timestamp() FROM often GROUP BY 2, 3
        ON CONFLICT (name, marking_id, version) DO UPDATE SET counted_at = excluded.counted_at,
            tokens = ARRAY(SELECT unnest(known.tokens) UNION SELECT unnest(excluded.tokens))$q$, marked) USING marked;
    SELECT coalesce(sum(cardinality(tokens)), 0) INTO found FROM clearance_commontokens WHERE name = marked;
    RETURN found;
END $$;

-- Takes the common ones out of rows that have them still, so many at a time; 0 when there is none left. May be stopped.
CREATE FUNCTION clearance_drop_common(marked text, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    common record;
    done bigint := 0;
    each bigint;
BEGIN
    PERFORM clearance_hold_searched(marked);
    FOR common IN SELECT * FROM clearance_commontokens WHERE name = marked LOOP
        EXECUTE format($q$UPDATE %I SET tokens = ARRAY(SELECT unnest(tokens) EXCEPT SELECT unnest($1))
            WHERE id = ANY(ARRAY(SELECT id FROM %I WHERE tokens && $1 AND NOT withdrawn AND marking_id = $2
                                    FOR NO KEY UPDATE SKIP LOCKED LIMIT $3))$q$, marked, marked)
            USING common.tokens, common.marking_id, most - done;
        GET DIAGNOSTICS each = ROW_COUNT;
        done := done + each;
        EXIT WHEN done >= most;
    END LOOP;
    RETURN done;
END $$;
