"""The anonymous intake in a deployment: refuses to start, in one sentence, as long as something is missing or insecure.

It may run on a host of its own. It is given no root key, no broker and no password but that of `portal_intake`.
"""

import os

from django.core.exceptions import ImproperlyConfigured

from .intake import *  # noqa: F403
from .intake import DATABASES, STORAGES
from .needing import guarded_database, needed, needed_blobs, needed_file, needed_hosts, needed_secret

for _name in ("ROOT_KEY_FILE", "PKCS11_PIN_FILE", "DB_OWNER_PASSWORD", "BROKER_URL"):
    if f"ENTAKU_{_name}" in os.environ:
        raise ImproperlyConfigured(
            f"ENTAKU_{_name}: 匿名相談の受付には渡さないでください / the anonymous intake must not be given it."
        )
SECRET_KEY = needed_secret()
ALLOWED_HOSTS = needed_hosts("INTAKE_HOSTS")
needed_file(
    "INTAKE_FOLDER",
    "受付のデータの置き場所を絶対パスで設定してください",
    "name the intake's folder by its absolute path",
)
# An onion service has no certificate: its connection is encrypted to its name. Everywhere else there is TLS.
_onion_alone = all(host.endswith(".onion") for host in ALLOWED_HOSTS)
needed(
    "TRUSTED_PROXIES",
    "前段にあるプロキシの数を設定してください(onion サービスだけのときは 0)",
    "set the number of proxies in front, 0 where there is an onion service alone",
)
SECURE_SSL_REDIRECT = not _onion_alone
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
guarded_database(DATABASES)
STORAGES["office"] = needed_blobs(STORAGES["office"])
