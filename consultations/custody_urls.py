"""The screens of keys, desks and recovery."""

from django.urls import URLPattern, path

from .views import desks, keys, recovery

custody_urls: list[URLPattern] = [
    path("key/", keys.key, name="key"),
    path("key/make/", keys.key_make, name="key_make"),
    path("key/unlock/", keys.unlock, name="unlock"),
    path("key/unlocked/", keys.was_unlocked, name="unlocked"),
    path("key/lock/", keys.lock, name="lock"),
    path("key/passphrase/", keys.key_change, name="key_change"),
    path("key/renew/", keys.key_replace, name="key_replace"),
    path("key/passkey/", keys.key_passkey, name="key_passkey"),
    path("key/tend/", keys.key_tend, name="key_tend"),
    path("key/recovery/", recovery.recovery, name="recovery"),
    path("recoveries/", recovery.recoveries, name="recoveries"),
    path("recoveries/<uuid:recovery>/", recovery.recovery_answer, name="recovery_answer"),
    path("desks/", desks.desks, name="desks"),
    path("desks/add/", desks.desk_add, name="desk_add"),
    path("desks/<uuid:desk>/", desks.desk_change, name="desk_change"),
    path("desks/<uuid:desk>/officers/", desks.desk_appoint, name="desk_appoint"),
    path("officers/<uuid:officer>/end/", desks.officer_end, name="officer_end"),
    path("holders/add/", desks.holder_add, name="holder_add"),
    path("holders/<uuid:holder>/end/", desks.holder_end, name="holder_end"),
]
