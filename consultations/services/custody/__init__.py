"""Who reads at the desks, their keys, and who stands in for a forgotten passphrase."""

from .desks import change_desk as change_desk
from .desks import open_desk as open_desk
from .desks import set_active as set_active
from .escrow import divide as divide
from .escrow import stale as stale
from .keys import change_passphrase as change_passphrase
from .keys import make_key as make_key
from .keys import replace_key as replace_key
from .people import appoint_holder as appoint_holder
from .people import appoint_officer as appoint_officer
from .people import end_holder as end_holder
from .people import end_officer as end_officer
from .recovery import answer_recovery as answer_recovery
from .recovery import ask_recovery as ask_recovery
from .recovery import cancel_recovery as cancel_recovery
from .recovery import finish_recovery as finish_recovery
from .rekeying import catch_up as catch_up
from .rekeying import rekey as rekey
from .sharing import newcomers as newcomers
from .sharing import share_missing as share_missing
from .unlocking import Opening as Opening
from .unlocking import TooOften as TooOften
from .unlocking import lock as lock
from .unlocking import unlock as unlock
from .unlocking import unlock_with_passkey as unlock_with_passkey
