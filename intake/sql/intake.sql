-- How the anonymous side reaches its tables: by these functions and by nothing else. portal_intake may hand over what
-- came, and look up by a hash that the receipt alone derives. It lists nothing and reads no row by any other way.

ALTER TABLE intake_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake_envelope ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake_blob ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake_leaf ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake_round ENABLE ROW LEVEL SECURITY;

-- The worker keeps clocks and sends notices by days and stages; what is sealed it is not granted (tables.py).
CREATE POLICY worker_counts ON intake_case FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_counts ON intake_envelope FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_counts ON intake_entry FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_keeps ON intake_blob FOR SELECT TO portal_worker USING (true);
CREATE POLICY anybody_reads ON intake_round FOR SELECT TO portal_app, portal_worker USING (true);
CREATE POLICY worker_logs ON intake_round FOR UPDATE TO portal_worker USING (true) WITH CHECK (true);

CREATE FUNCTION intake_bytes(given jsonb, name text) RETURNS bytea
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT decode(given->>name, 'base64') $$;

-- One bundle of the spool (intake/bundles.py): a new case, a further entry of the sender, or the end of a mailbox.
-- 'before', and nothing done, for what was carried over before: a courier killed at the wrong moment carries it again.
-- 'unknown' for what belongs to no case whose mailbox is there.
CREATE FUNCTION intake_deliver(given jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    said jsonb := given->'case';
    spoken jsonb := given->'entry';
    which uuid;
    next_place integer;
BEGIN
    IF given->>'op' NOT IN ('case', 'entry', 'forget') OR given->>'op' <> 'forget' AND (spoken->>'kind' = 'CONCERN')
       IS DISTINCT FROM (given->>'op' = 'case') OR spoken->>'kind' NOT IN ('CONCERN', 'REPLY', 'CONSENT', 'WITHDRAWAL') THEN
        RAISE EXCEPTION 'not a bundle of a sender' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF given->>'op' = 'case' THEN
        INSERT INTO intake_case (id, lookup, receipt_public, receipt_wrap, consent_public, received_on, urgent, way,
                                 stage, header, generation)
        VALUES ((said->>'id')::uuid, intake_bytes(given, 'lookup'), intake_bytes(said, 'receipt_public'),
                intake_bytes(said, 'receipt_wrap'), intake_bytes(said, 'consent_public'), (said->>'day')::date,
                (said->>'urgent')::boolean, said->>'way', 'NEW', intake_bytes(said, 'header'), 1)
        ON CONFLICT DO NOTHING RETURNING id INTO which;
        IF which IS NULL THEN
            RETURN 'before';
        END IF;
        INSERT INTO intake_envelope (id, case_id, key_id, generation, wrapped)
        SELECT gen_random_uuid(), which, (each->>'key_id')::uuid, 1, intake_bytes(each, 'wrapped')
          FROM jsonb_array_elements(given->'envelopes') each;
    ELSE
        SELECT id INTO which FROM intake_case WHERE lookup = intake_bytes(given, 'lookup') FOR UPDATE;
        IF which IS NULL THEN
            RETURN 'unknown';
        END IF;
        IF given->>'op' = 'forget' THEN
            UPDATE intake_case SET lookup = NULL, receipt_public = NULL, receipt_wrap = NULL,
                                   forgotten_on = (given->>'day')::date WHERE id = which;
            RETURN 'new';
        END IF;
    END IF;
    IF EXISTS (SELECT FROM intake_entry WHERE id = (spoken->>'id')::uuid) THEN
        RETURN 'before';
    END IF;
    SELECT coalesce(max(place) + 1, 0) INTO next_place FROM intake_entry WHERE case_id = which;
    INSERT INTO intake_entry (id, case_id, place, kind, day, by_sender, shared, sealed)
    VALUES ((spoken->>'id')::uuid, which, next_place, spoken->>'kind', (spoken->>'day')::date, true, true,
            intake_bytes(spoken, 'sealed'));
    INSERT INTO intake_blob (name, case_id, entry_id)
    SELECT each.name, which, (spoken->>'id')::uuid FROM jsonb_array_elements_text(given->'blobs') each (name);
    IF spoken->>'kind' = 'WITHDRAWAL' THEN
        UPDATE intake_case SET withdrawn_on = (spoken->>'day')::date WHERE id = which AND withdrawn_on IS NULL;
    END IF;
    RETURN 'new';
END $$;

-- What the office took down itself, by telephone or post: a new case, and nothing in the name of a sender's receipt.
CREATE FUNCTION intake_take_down(given jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF given->>'op' IS DISTINCT FROM 'case' OR coalesce(given->'case'->>'way', '') NOT IN ('TELEPHONE', 'POST')
       OR (SELECT person_id FROM clearance_here) IS NULL THEN
        RAISE EXCEPTION 'only what was taken down' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN intake_deliver(given);
END $$;

-- The tree over what was delivered in this transaction, with each entry's path to its root.
CREATE FUNCTION intake_close_round(given jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    INSERT INTO intake_round (id, day, root, leaves, event_id, proof)
    VALUES ((given->>'id')::uuid, (given->>'day')::date, intake_bytes(given, 'root'), (given->>'leaves')::integer, NULL, '');
    INSERT INTO intake_leaf (entry_id, case_id, round_id, record, signature, signer, place, path)
    SELECT e.id, e.case_id, (given->>'id')::uuid, each->>'record', intake_bytes(each, 'signature'),
           intake_bytes(each, 'signer'), (each->>'place')::integer, intake_bytes(each, 'path')
      FROM jsonb_array_elements(given->'entries') each JOIN intake_entry e ON e.id = (each->>'entry_id')::uuid;
END $$;

-- The conversation that a receipt opens, as far as it is shared with the sender; NULL for no such receipt.
CREATE FUNCTION intake_find(asked bytea) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT jsonb_build_object(
        'id', c.id, 'day', c.received_on, 'stage', c.stage, 'urgent', c.urgent, 'withdrawn', c.withdrawn_on,
        'header', encode(c.header, 'base64'), 'receipt_wrap', encode(c.receipt_wrap, 'base64'),
        'entries', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'id', e.id, 'kind', e.kind, 'day', e.day, 'by_sender', e.by_sender,
                       'sealed', encode(e.sealed, 'base64'),
                       'leaf', (SELECT jsonb_build_object(
                                    'record', l.record, 'signature', encode(l.signature, 'base64'),
                                    'signer', encode(l.signer, 'base64'), 'place', l.place,
                                    'path', encode(l.path, 'base64'), 'leaves', r.leaves,
                                    'root', encode(r.root, 'base64'), 'proof', r.proof)
                                  FROM intake_leaf l JOIN intake_round r ON r.id = l.round_id WHERE l.entry_id = e.id)
                   ) ORDER BY e.place), '[]'::jsonb)
              FROM intake_entry e WHERE e.case_id = c.id AND e.shared))
      FROM intake_case c WHERE c.lookup = asked
$$;
