"""What clearance's tables are, and what the database roles may do with them and its functions."""

TABLES = {
    "clearance_compartment": {"is": "open", "app": "SELECT, INSERT", "worker": "SELECT", "why": "codes, not content"},
    "clearance_releasegroup": {
        "is": "open",
        "app": "SELECT, INSERT",
        "worker": "SELECT",
        "why": "the published list of countries",
    },
    "clearance_marking": {
        "is": "open",
        "app": "SELECT, INSERT",
        "worker": "SELECT",
        "why": "combinations, not content",
    },
    "clearance_markingpreset": {"is": "circle", "app": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT"},
    "clearance_authorisation": {"is": "register", "app": "SELECT, INSERT, UPDATE"},
    "clearance_organisationcertification": {"is": "register", "app": "SELECT, INSERT, UPDATE"},
    "clearance_suspension": {"is": "register", "app": "SELECT, INSERT, UPDATE"},
    "clearance_handlerentry": {"is": "register", "app": "SELECT, INSERT, UPDATE"},
    "clearance_circle": {"is": "circle", "app": "SELECT", "worker": "SELECT"},
    "clearance_circlemember": {"is": "circle", "app": "SELECT, INSERT, UPDATE (role, until)", "worker": "SELECT"},
    "clearance_circleorganisation": {
        "is": "circle",
        "app": "SELECT, INSERT, UPDATE (role, until)",
        "worker": "SELECT",
    },
    "clearance_namedhandler": {"is": "circle", "app": "SELECT, INSERT, UPDATE (until)", "worker": "SELECT"},
    "clearance_circleinvitation": {"is": "circle", "app": "SELECT, INSERT, UPDATE (withdrawn_at)"},
    "clearance_deployment": {"is": "open", "app": "SELECT", "worker": "SELECT", "why": "the deployment's ceiling"},
    "clearance_here": {"is": "open", "app": "SELECT", "worker": "SELECT", "why": "one's own context alone"},
    "clearance_context": {"is": "closed"},
    "clearance_contextkey": {"is": "closed"},
    "clearance_session": {"is": "closed"},
    "clearance_granttable": {"is": "closed"},
    "clearance_markedtable": {"is": "closed"},
    # What guardian brings: a grant names a permission; its generic tables and Django's groups serve nobody here.
    "auth_permission": {"is": "open", "app": "SELECT", "worker": "SELECT", "why": "names of permissions, no content"},
    "django_content_type": {"is": "open", "app": "SELECT", "worker": "SELECT", "why": "names of models, no content"},
    "auth_group": {"is": "closed"},
    "auth_group_permissions": {"is": "closed"},
    "guardian_userobjectpermission": {"is": "closed"},
    "guardian_groupobjectpermission": {"is": "closed"},
}

FUNCTIONS = {
    "clearance_enter(bytea)": "app",
    "clearance_open_session(text, bytea)": "app",
    "clearance_end_session(bytea)": "app",
    "clearance_refresh()": "app, worker",
    "clearance_act(text, bytea)": "app, worker",
    "clearance_leave()": "app, worker",
    "clearance_open_circle(bigint, uuid)": "app",
    "clearance_answer_invitation(uuid, boolean)": "app",
    "clearance_readership(bigint, smallint, bigint, bigint)": "app",
    "clearance_withdraw(text, uuid)": "app",
    "clearance_first_grant(text, text, uuid, bigint, smallint, integer)": "app",
}
