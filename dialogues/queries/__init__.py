"""What the pages of rooms ask for: each answer holds what the actor may see and nothing else."""

from uuid import UUID

from clearance.access import Actor

NOBODY = UUID(int=0)


def me(actor: Actor) -> UUID:
    """The acting person's id for a lookup; that of nobody, which finds nothing, where they are not signed in."""
    return actor.person_id or NOBODY
