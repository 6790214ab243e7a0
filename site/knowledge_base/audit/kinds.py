"""What the record can tell of: each kind of event. `wordings.py` has the sentence for each.

A kind is written `thing.what-happened-to-it` and is kept for ever in old rows: add kinds, do not rename them.
"""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of event."""

    SIGNED_IN = "sign-in.succeeded"
    SIGN_IN_FAILED = "sign-in.failed"
    SIGN_IN_UNKNOWN = "sign-in.unknown"
    SIGNED_OUT = "sign-in.signed-out"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "session.all-ended"

    ACCOUNT_MADE = "account.made"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_CHANGED = "account.changed"
    GROUP_ADDED = "account.group-added"
    GROUP_REMOVED = "account.group-removed"
    ROLE_ADDED = "account.role-added"
    ROLE_REMOVED = "account.role-removed"
    PASSWORD_CHANGED = "account.password-changed"  # noqa: S105 - the name of an event
    PEOPLE_IMPORTED = "account.people-imported"

    FIRST_LINK_MADE = "link.first-made"
    FIRST_LINK_USED = "link.first-used"
    INVITATION_MADE = "link.invitation-made"
    INVITATION_USED = "link.invitation-used"
    INVITATION_WITHDRAWN = "link.invitation-withdrawn"
    RESET_LINK_MADE = "link.reset-made"
    RESET_LINK_USED = "link.reset-used"

    SECOND_FACTOR_SET_UP = "second-factor.set-up"
    SECOND_FACTOR_REMOVED = "second-factor.removed"
    RECOVERY_CODES_MADE = "second-factor.recovery-codes-made"
    RECOVERY_CODE_USED = "second-factor.recovery-code-used"

    SINGLE_SIGN_ON_PERSON_MADE = "single-sign-on.person-made"
    SINGLE_SIGN_ON_PERSON_UPDATED = "single-sign-on.person-updated"
    SINGLE_SIGN_ON_REFUSED = "single-sign-on.refused"
    SINGLE_SIGN_ON_GROUPS_UNREAD = "single-sign-on.groups-unread"

    VIEW_AS_STARTED = "view-as.started"
    VIEW_AS_ENDED = "view-as.ended"
    RESTRICTED_PAGE_READ = "page.restricted-read"

    DRAFT_SAVED = "draft.saved"
    DRAFT_DISCARDED = "draft.discarded"
    DRAFT_LINK_MADE = "draft.link-made"
    DRAFT_LINK_REVOKED = "draft.link-revoked"
    CHANGE_SUBMITTED = "page.submitted"
    CHANGE_APPROVED = "page.approved"
    CHANGE_SENT_BACK = "page.sent-back"
    CHANGE_WITHDRAWN = "page.change-withdrawn"
    CHANGE_SCHEDULED = "page.scheduled"
    PAGE_PUBLISHED = "page.published"
    PAGE_RESTORED = "page.restored"
    PAGE_MOVED = "page.moved"
    PAGE_WITHDRAWN = "page.withdrawn"
    PAGE_DELETED = "page.deleted"
    PAGE_BROUGHT_BACK = "page.brought-back"
    BACKUP_MADE = "site.backup-made"
    SITE_RESTORED = "site.restored"

    SETTING_CHANGED = "setting.changed"
    VALUE_CONFIRMED = "setting.value-confirmed"

    RECORD_BEGAN = "record.began"
    RECORD_EXPORTED = "record.exported"
    RECORD_CHECKED = "record.checked"
    RECORD_FOUND_BROKEN = "record.found-broken"
    RECORD_DISTURBED = "record.disturbed"
    EVENTS_DELETED = "record.events-deleted"
    SECRET_KEY_CHANGED = "record.secret-key-changed"  # noqa: S105 - the name of an event
