"""The English sentence that tells of each kind of event."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from knowledge_base.audit.kinds import Kind


@dataclass(frozen=True)
class Wording:
    """How a kind is told: its name in lists, its sentence, and the sentence for a person who does it to themselves.

    The names in braces, but `actor` and `subject`, are the details that such an event must have. `unsaid` names those
    that are kept and not told.
    """

    label: str
    sentence: str
    own: str = ""
    unsaid: frozenset[str] = frozenset()

    @property
    def has_subject(self) -> bool:
        """Whether the sentence tells of somebody or something besides the actor."""
        return "subject" in _names_in(self.sentence)

    @property
    def details(self) -> frozenset[str]:
        """The names of the details that such an event has."""
        return (_names_in(self.sentence) - {"actor", "subject"}) | self.unsaid


def _names_in(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


def _about_account(label: str, action: str) -> Wording:
    """Return the wording for what is done to an account, by whomever."""
    return Wording(label, f"{{actor}} {action} the account of {{subject}}.", f"{{actor}} {action} their own account.")


_SIGNING_IN = {
    Kind.SIGNED_IN: Wording("Signed in", "{actor} signed in with {method}."),
    Kind.SIGN_IN_FAILED: Wording("Sign-in failed", "{actor} tried to sign in as {subject} and was refused: {reason}."),
    Kind.SIGN_IN_UNKNOWN: Wording(
        "Sign-in failed: no such account", "{actor} tried to sign in with an email address that has no account."
    ),
    Kind.SIGNED_OUT: Wording("Signed out", "{actor} signed out."),
    Kind.SESSION_ENDED: Wording(
        "Session ended",
        "{actor} ended the session of {subject} on {browser}: {reason}.",
        "{actor} ended their own session on {browser}: {reason}.",
    ),
    Kind.SESSIONS_ENDED: Wording(
        "All sessions ended",
        "{actor} ended every session of {subject}: {reason}.",
        "{actor} ended every session of their own: {reason}.",
    ),
}
_ACCOUNTS = {
    Kind.ACCOUNT_MADE: Wording("Account made", "{actor} made an account for {subject}.", "{actor} made their account."),
    Kind.ACCOUNT_DISABLED: _about_account("Account disabled", "disabled"),
    Kind.ACCOUNT_ENABLED: _about_account("Account enabled", "enabled"),
    Kind.ACCOUNT_CHANGED: _about_account("Account changed", "changed the {what} of"),
    Kind.GROUP_ADDED: _about_account("Group added", "added the group {group} to"),
    Kind.GROUP_REMOVED: _about_account("Group removed", "removed the group {group} from"),
    Kind.ROLE_ADDED: _about_account("Role added", "added the role {role} to"),
    Kind.ROLE_REMOVED: _about_account("Role removed", "removed the role {role} from"),
    Kind.PASSWORD_CHANGED: _about_account("Password changed", "changed the password of"),
    Kind.PEOPLE_IMPORTED: Wording(
        "People imported",
        "{actor} imported people from the file {subject}: {made} made, {changed} changed, {refused} refused.",
    ),
}
_LINKS = {
    Kind.FIRST_LINK_MADE: Wording("First administrator’s link made", "{actor} made the first administrator’s link."),
    Kind.FIRST_LINK_USED: Wording("First administrator’s link used", "{actor} used the first administrator’s link."),
    Kind.INVITATION_MADE: Wording(
        "Invitation made", "{actor} made an invitation for {subject} (groups: {groups}; roles: {roles})."
    ),
    Kind.INVITATION_WITHDRAWN: Wording("Invitation withdrawn", "{actor} withdrew the invitation for {subject}."),
    Kind.INVITATION_USED: Wording(
        "Invitation used", "{actor} used the invitation for {subject}.", "{actor} used their invitation."
    ),
    Kind.RESET_LINK_MADE: Wording(
        "Reset link made",
        "{actor} made a link with which {subject} can choose a new password.",
        "{actor} made a link with which they can choose a new password.",
    ),
    Kind.RESET_LINK_USED: Wording(
        "Reset link used",
        "{actor} used the link with which {subject} can choose a new password.",
        "{actor} used their link for choosing a new password.",
    ),
}
_SECOND_FACTOR = {
    Kind.SECOND_FACTOR_SET_UP: _about_account("Second factor set up", "set up a second factor for"),
    Kind.SECOND_FACTOR_REMOVED: _about_account("Second factor removed", "removed the second factor of"),
    Kind.RECOVERY_CODES_MADE: _about_account("Recovery codes made", "made new recovery codes for"),
    Kind.RECOVERY_CODE_USED: _about_account("Recovery code used", "used a recovery code of"),
}
_SINGLE_SIGN_ON = {
    Kind.SINGLE_SIGN_ON_PERSON_MADE: Wording(
        "Account made by single sign-on", "{actor} made an account for {subject}, who came through single sign-on."
    ),
    Kind.SINGLE_SIGN_ON_PERSON_UPDATED: Wording(
        "Account updated by single sign-on",
        "{actor} changed the account of {subject} to what the sign-in provider says: {changes}.",
    ),
    Kind.SINGLE_SIGN_ON_REFUSED: Wording(
        "Single sign-on refused", "{actor} tried to sign in through single sign-on and was refused: {reason}."
    ),
    Kind.SINGLE_SIGN_ON_GROUPS_UNREAD: Wording(
        "Groups not readable at single sign-on",
        "{actor} could not read the groups of {subject}: the sign-in provider did not list so many.",
    ),
}
_READING = {
    Kind.VIEW_AS_STARTED: Wording("View as started", "{actor} started to view the site as {subject}."),
    Kind.VIEW_AS_ENDED: Wording(
        "View as ended", "{actor} stopped viewing the site as {subject}: {reason}.", unsaid=frozenset({"start"})
    ),
    Kind.RESTRICTED_PAGE_READ: Wording("Restricted page read", "{actor} read the restricted page {subject}."),
}
_DRAFTS = {
    Kind.DRAFT_SAVED: Wording("Draft saved", "{actor} saved a draft of {subject}."),
    Kind.DRAFT_DISCARDED: Wording("Draft discarded", "{actor} discarded a draft of {subject}."),
    Kind.DRAFT_LINK_MADE: Wording("Draft link made", "{actor} made a link to a draft of {subject}."),
    Kind.DRAFT_LINK_REVOKED: Wording("Draft link revoked", "{actor} revoked a link to a draft of {subject}."),
}
_PUBLISHING = {
    Kind.CHANGE_SUBMITTED: Wording("Change submitted", "{actor} submitted a change of {subject} for approval."),
    Kind.CHANGE_APPROVED: Wording("Change approved", "{actor} approved a change of {subject} by {author}."),
    Kind.CHANGE_SENT_BACK: Wording("Change sent back", "{actor} sent a change of {subject} back to {author}."),
    Kind.CHANGE_WITHDRAWN: Wording(
        "Change withdrawn", "{actor} withdrew a change of {subject} that was not published yet."
    ),
    Kind.CHANGE_SCHEDULED: Wording("Change scheduled", "{actor} set a change of {subject} to be published on {when}."),
    Kind.PAGE_PUBLISHED: Wording("Page published", "{actor} published {subject} with the note “{note}”."),
    Kind.PAGE_RESTORED: Wording(
        "Older version taken up", "{actor} took up the version of {subject} of {version} as a draft."
    ),
    Kind.PAGE_MOVED: Wording("Page moved", "{actor} moved {subject} to {to}."),
    Kind.PAGE_WITHDRAWN: Wording("Page withdrawn", "{actor} withdrew {subject} with the reason “{reason}”."),
    Kind.PAGE_DELETED: Wording("Page deleted", "{actor} deleted {subject}."),
    Kind.PAGE_BROUGHT_BACK: Wording("Page brought back", "{actor} brought the deleted page {subject} back."),
    Kind.SETTING_CHANGED: Wording("Setting changed", "{actor} changed {subject} from “{old}” to “{new}”."),
    Kind.VALUE_CONFIRMED: Wording("Value confirmed", "{actor} confirmed {subject} for this council."),
}
_RECORD = {
    Kind.BACKUP_MADE: Wording("Backup made", "{actor} made a backup of the site, with this record in it."),
    Kind.SITE_RESTORED: Wording("Site restored", "{actor} restored the site from a backup of {made}."),
    Kind.RECORD_BEGAN: Wording("Record began", "{actor} began this record."),
    Kind.RECORD_EXPORTED: Wording("Record exported", "{actor} exported {rows} of this record: {filters}."),
    Kind.RECORD_CHECKED: Wording("Record checked", "{actor} checked this record, {rows}, and found it whole."),
    Kind.RECORD_FOUND_BROKEN: Wording(
        "Record found broken", "{actor} checked this record and found that it is not whole: {fault}"
    ),
    Kind.RECORD_DISTURBED: Wording(
        "Record disturbed",
        "{actor} found that the head of this record is not as it was left: somebody changed it, or the secret key.",
        unsaid=frozenset({"number", "hash", "forgotten", "forgotten_hash", "seal"}),
    ),
    Kind.EVENTS_DELETED: Wording(
        "Old events deleted",
        "{actor} deleted {rows} of this record from before {date}, by its rule. What it deleted was {state}.",
    ),
    Kind.SECRET_KEY_CHANGED: Wording("Secret key changed", "{actor} found that its secret key has been changed."),
}
WORDINGS: Mapping[str, Wording] = {
    kind.value: wording
    for group in (
        *(_SIGNING_IN, _ACCOUNTS, _LINKS, _SECOND_FACTOR, _SINGLE_SIGN_ON, _READING, _DRAFTS, _PUBLISHING, _RECORD),
    )
    for kind, wording in group.items()
}
