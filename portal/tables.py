"""The tables of the libraries, and what the roles may do with them: a role that is not named may do nothing."""

TABLES = {
    "django_content_type": {
        "is": "open",
        "app": "SELECT",
        "worker": "SELECT",
        "why": "names of models; read by the permission store",
    },
    "django_migrations": {
        "is": "open",
        "app": "SELECT",
        "worker": "SELECT",
        "why": "/readyz compares it with the code: names of migrations, no content",
    },
    "auth_permission": {
        "is": "open",
        "app": "SELECT",
        "worker": "SELECT",
        "why": "names of permissions; read by the permission store",
    },
    "auth_group": {"is": "open", "why": "not used: duties are appointments"},
    "auth_group_permissions": {"is": "open", "why": "not used: duties are appointments"},
    "guardian_userobjectpermission": {"is": "open", "why": "not used: grants lie in tables with a policy"},
    "guardian_groupobjectpermission": {"is": "open", "why": "not used: grants lie in tables with a policy"},
    "account_emailaddress": {
        "is": "open",
        "app": "SELECT",
        "why": "looked into at sign-in and always empty: a person has the one address they were invited at",
    },
    "account_emailconfirmation": {"is": "open", "why": "not used: accepting the invitation confirms the address"},
    "mfa_authenticator": {
        "is": "open",
        "app": "SELECT, INSERT, UPDATE, DELETE",
        "why": "second factors, read before there is a context; secrets and passkeys are sealed to their person",
    },
}
