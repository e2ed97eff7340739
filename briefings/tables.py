"""What each table of this app is, and what the database roles may do with it and its functions."""

TABLES: dict[str, dict[str, str]] = {
    "briefings_bureau": {"is": "marked", "app": "SELECT, INSERT, UPDATE (name)"},
    "briefings_audience": {"is": "marked", "app": "SELECT, INSERT, UPDATE (name)", "worker": "SELECT"},
    "briefings_draft": {
        "is": "marked",
        "app": "SELECT, INSERT, UPDATE (content, revision, saved_at, saved_by_id, state, audience_id, release_at, "
        "briefing_id, marking_id, level, comp_mask, release_mask, wrapped_key, key_version)",
        "worker": "SELECT, UPDATE (state, briefing_id)",
    },
    "briefings_review": {
        "is": "child of briefings_draft",
        "app": "SELECT, INSERT, UPDATE (answer, note, answered_at)",
        "worker": "SELECT, UPDATE (answer, note, answered_at)",
    },
    "briefings_briefing": {
        "is": "marked",
        "app": "SELECT, INSERT, UPDATE (title, kind, severity, likelihood, confidence, concerns, facets, "
        "acknowledge_by, expires_at, changed_at, approved_by_id)",
        "worker": "SELECT, INSERT, UPDATE (title, kind, severity, likelihood, confidence, concerns, facets, "
        "acknowledge_by, expires_at, changed_at, approved_by_id)",
    },
    "briefings_portion": {
        "is": "marked",
        "app": "SELECT, INSERT, UPDATE (until, place, expires_at)",
        "worker": "SELECT, INSERT, UPDATE (until, place, expires_at)",
    },
    "briefings_former": {
        "is": "child of briefings_briefing",
        "app": "SELECT, INSERT",
        "worker": "SELECT, INSERT",
    },
    "briefings_interests": {"is": "own", "app": "SELECT, INSERT, UPDATE (said, changed_at, changed_by_id)"},
    "briefings_opening": {
        "is": "child of briefings_briefing",
        "app": "SELECT, INSERT, UPDATE (last, glimpsed)",
        "worker": "SELECT",
    },
    "briefings_acknowledgement": {
        "is": "child of briefings_briefing",
        "app": "SELECT, INSERT",
        "worker": "SELECT",
    },
    "briefings_reply": {"is": "child of briefings_briefing", "app": "SELECT, INSERT"},
    "briefings_notice": {
        "is": "own",
        "app": "SELECT, UPDATE (seen_at)",
        "worker": "SELECT",
        "why": "each person's own lines (its policies); made by briefings_retract and briefings_tell_readers alone",
    },
    "briefings_stixobject": {
        "is": "marked",
        "app": "SELECT, INSERT, UPDATE (until, gone, expires_at)",
        "worker": "SELECT, INSERT, UPDATE (until, gone, expires_at)",
    },
    "briefings_serviceaccount": {"is": "own", "app": "SELECT, UPDATE (revoked_at)"},
    "briefings_servicetoken": {"is": "own", "app": "SELECT, INSERT, UPDATE (revoked_at, expires_at)"},
    "briefings_feedstate": {"is": "own", "app": "SELECT, INSERT, UPDATE"},
    "briefings_arrival": {"is": "own", "app": "SELECT, INSERT, DELETE"},
    "briefings_submission": {"is": "own", "app": "SELECT, INSERT"},
    "briefings_submitted": {
        "is": "own",
        "app": "SELECT, INSERT, DELETE, UPDATE (state, answered_by_id, answered_at, draft_id)",
    },
    "briefings_hook": {
        "is": "own",
        "app": "SELECT, INSERT, DELETE, UPDATE (secret, former, former_until, kinds, state, dead_in_a_row)",
        "worker": "SELECT, UPDATE (state, proved_at, dead_in_a_row)",
    },
    "briefings_occasion": {"is": "own", "app": "INSERT", "worker": "SELECT, INSERT, DELETE, UPDATE (spread_at)"},
    "briefings_delivery": {
        "is": "own",
        "app": "SELECT, INSERT, DELETE, UPDATE (state, attempts, next_attempt)",
        "worker": "SELECT, INSERT, DELETE, UPDATE (state, attempts, next_attempt, status, reason)",
    },
    "briefings_mailwish": {"is": "own", "app": "SELECT, INSERT, UPDATE (wish)", "worker": "SELECT"},
}

FUNCTIONS: dict[str, str] = {
    "briefings_make_service(uuid, uuid, text, text)": "app",
    "briefings_token(bytea)": "app",
    "briefings_i_lack(uuid)": "app",
    "briefings_halted(uuid)": "app",
    "briefings_take_in(bytea)": "app",
    "briefings_reached()": "app",
    "briefings_join_everyone(bigint, uuid, uuid[])": "app",
    "briefings_retract(uuid)": "app",
    "briefings_hide_raised(uuid)": "app, worker",
    "briefings_last_draft(uuid)": "app",
    "briefings_due()": "worker",
    "briefings_tell_readers()": "worker",
    "briefings_whom(uuid)": "worker",
    "briefings_owing(date[])": "worker",
}
