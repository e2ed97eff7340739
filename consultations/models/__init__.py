"""What the desks' officers keep: their keys, and the office's side of each case."""

from .cases import AnswerTemplate as AnswerTemplate
from .cases import CaseFile as CaseFile
from .cases import Classed as Classed
from .cases import Notified as Notified
from .cases import Outcome as Outcome
from .cases import Tombstone as Tombstone
from .custody import Barred as Barred
from .custody import DeskOfficer as DeskOfficer
from .custody import EscrowHolder as EscrowHolder
from .custody import EscrowShare as EscrowShare
from .custody import KeyWrap as KeyWrap
from .custody import OfficerKey as OfficerKey
from .custody import Recovery as Recovery
from .custody import RecoveryAnswer as RecoveryAnswer
from .custody import Rekeying as Rekeying
from .custody import Unlocking as Unlocking
from .custody import WrongPassphrase as WrongPassphrase
from .findings import Finding as Finding
from .findings import FindingEnvelope as FindingEnvelope
from .findings import FindingSource as FindingSource
