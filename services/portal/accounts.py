"""What the portal learns of accounts: their sessions end at once, here and on every other replica.

Sessions are looked up at every request and every 2 s of a stream, so a row that is gone is enough.
"""

from collections.abc import Sequence

from shared.contracts.envelope import Received
from shared.contracts.identity import AccountClosed, AccountOpened, PasswordChanged
from shared.postgres import Conn
from shared.stream import Projection

# only those that had begun: the account may have been opened again, and events may come again
END = "DELETE FROM sessions WHERE account_id = %s AND began_at <= %s"
# which of them the change left alive only the provider knows: each is asked about before it is used again. Not so long
# ago that a provider who does not answer would end it (sessions.TRUSTED)
DOUBT = "UPDATE sessions SET checked_at = now() - interval '1 minute' WHERE account_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """End the sessions of closed accounts; have those looked at whose password was changed."""
    for one in received:
        match one.event:
            case AccountClosed(account_id=account):
                conn.execute(END, [account, one.time])
                conn.execute(DOUBT, [account])
            case PasswordChanged(account_id=account):
                conn.execute(DOUBT, [account])


PROJECTION = Projection(
    name="portal.accounts.1",
    topics=("diary.identity",),
    apply=apply,
    handles=frozenset({AccountClosed, PasswordChanged}),
    leaves=frozenset({AccountOpened}),
)
