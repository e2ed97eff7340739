"""What each table of this app is, and what the database roles may do with it.

The web role never touches what the worker found out (state, kind, blob), the worker never what people wrote.
"""

TABLES = {
    "documents_document": {
        "is": "marked",
        "app": "SELECT, INSERT, UPDATE (title, marking_id, level, comp_mask, release_mask, wrapped_key, key_version, "
        "kind, record_file, record_retention, record_disposal)",
        "worker": "SELECT, UPDATE (kind)",
    },
    "documents_documentgrant": {
        "is": "grants of documents_document",
        "app": "SELECT, INSERT, UPDATE (since, until), DELETE",
    },
    "documents_version": {
        "is": "child of documents_document",
        "app": "SELECT, INSERT, UPDATE (file_name, change, digest, file_key)",
        "worker": "SELECT, UPDATE (kind, media_type, encoding, state, problem, percent, file_key, blob_id)",
    },
    "documents_rendition": {
        "is": "child of documents_document",
        "app": "SELECT, UPDATE (index, file_key)",
        "worker": "SELECT, INSERT, UPDATE (file_key, blob_id)",
    },
    "documents_reading": {
        "is": "child of documents_document",
        "app": "SELECT, INSERT, UPDATE (last)",
    },
    "documents_relabelrequest": {
        "is": "child of documents_document",
        "app": "SELECT, INSERT, UPDATE (answer, answered_by_id, answered_at, reason, consent, note)",
    },
    "documents_storedblob": {
        "is": "open",
        "app": "INSERT",
        "worker": "SELECT, INSERT, DELETE",
        "why": "random names of blobs, so that the sweeper, without a context, knows what is nobody's",
    },
    "documents_processing": {
        "is": "open",
        "app": "INSERT",
        "worker": "SELECT, UPDATE",
        "why": "the worker's queue, listed before there is a context: ids and times only; the web may add, not look",
    },
}
