"""What the anonymous intake and the desks behind it are told by a deployment."""

from pathlib import Path

from .environment import VAR_DIR, env, number

# The spool, files that were not sent yet, the intake's own signing key: on the disk of the host it runs on.
INTAKE_FOLDER = Path(env("INTAKE_FOLDER", str(VAR_DIR / "intake")))
# How many seconds apart what came in is carried into the database, counted from midnight in Japan. A day: nothing in
# the database then tells more than the day on which something came.
INTAKE_ROUND = number("INTAKE_ROUND", 86_400, least=1, most=86_400)
# Below so much free space nothing more is taken in; below four times as much, those who only begin are asked to wait.
INTAKE_SPARE_BYTES = number("INTAKE_SPARE", 512, least=1, most=1_000_000) * 1024**2
INTAKE_FILES, INTAKE_FILE_BYTES = 5, 100 * 1024**2
# The address of the onion service, where there is one: told on the first page.
INTAKE_ONION = env("INTAKE_ONION")
# How many minutes an officer's private key stays unlocked in their session.
DESK_UNLOCK = number("DESK_UNLOCK", 30, least=1, most=480)
# The browser's part of an unlocked key: without it what the database holds of it opens nothing.
DESK_COOKIE_NAME = "entaku_desk"
# Where the anonymous intake is found, for the link on the portal's sign-in page; "" for none.
INTAKE_URL = env("INTAKE_URL")
# How many days after the last thing said in it a case is destroyed that the office did not take into its record.
CONSULTATION_KEPT_DAYS = number("CONSULTATION_KEPT_DAYS", 365, least=90, most=36_500)
