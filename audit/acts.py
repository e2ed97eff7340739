"""Every act the log knows: a dotted verb and its Japanese name. An act that is not here cannot be recorded."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class UnknownAct(ValueError):
    """The act is not declared below: declare it before recording it."""


class Act(models.TextChoices):
    """What can happen. Listing a thing and opening it are two acts; so are asking for a change and making it."""

    # the first page: newest documents and rooms by title
    HOME_LIST = "home.list", _("ホームの一覧表示")

    # sign-in
    SESSION_SIGN_IN = "session.sign_in", _("サインイン")
    SESSION_SIGN_OUT = "session.sign_out", _("サインアウト")
    SESSION_STEP_UP = "session.step_up", _("追加の本人確認")
    SESSION_FAILED = "session.failed", _("サインインの失敗")
    SESSION_LOCKED = "session.locked", _("サインインの一時停止")
    SESSION_END = "session.end", _("セッションの強制終了")
    SESSION_FACTOR_ADD = "session.factor_add", _("認証手段の登録")
    SESSION_FACTOR_REMOVE = "session.factor_remove", _("認証手段の削除")
    SESSION_PASSWORD = "session.password", _("パスワードの変更")
    SESSION_RECOVERY = "session.recovery", _("回復コードの利用")

    # denials
    ACCESS_DENIED = "access.denied", _("閲覧・操作の拒否")
    ACCESS_EXPLAIN = "access.explain", _("閲覧可否の説明の表示")
    ACCESS_UNREADABLE = "access.unreadable", _("開けない内容の検知")

    # documents
    DOCUMENT_LIST = "document.list", _("文書の一覧表示")
    DOCUMENT_OPEN = "document.open", _("文書の閲覧")
    DOCUMENT_PAGE = "document.page", _("文書のページ表示")
    DOCUMENT_FORM = "document.form", _("文書の手続画面の表示")
    DOCUMENT_READINGS = "document.readings", _("文書の閲覧履歴の一覧表示")
    DOCUMENT_REGISTER = "document.register", _("文書の個別の閲覧許可の一覧表示")
    DOCUMENT_DOWNLOAD = "document.download", _("文書のダウンロード")
    DOCUMENT_RECEIVE = "document.receive", _("文書の受領")
    DOCUMENT_VERSION = "document.version", _("文書の版の追加")
    DOCUMENT_RECORD = "document.record", _("行政文書としての登録")
    DOCUMENT_WITHDRAW = "document.withdraw", _("文書の取下げ")
    DOCUMENT_RELABEL_REQUEST = "document.relabel_request", _("格付変更の申請")
    DOCUMENT_RELABEL_APPROVE = "document.relabel_approve", _("格付変更の承認")
    DOCUMENT_RELABEL_REFUSE = "document.relabel_refuse", _("格付変更の差戻し")
    DOCUMENT_RELABEL = "document.relabel", _("格付の変更")
    DOCUMENT_READY = "document.ready", _("文書の処理完了")
    DOCUMENT_QUARANTINE = "document.quarantine", _("文書の隔離")
    DOCUMENT_FAIL = "document.fail", _("文書の処理失敗")
    REQUEST_LIST = "request.list", _("格付変更の申請の一覧表示")
    REQUEST_OPEN = "request.open", _("格付変更の申請の閲覧")

    # rooms
    ROOM_LIST = "room.list", _("対話の場の一覧表示")
    ROOM_VIEW = "room.view", _("対話の場の閲覧")
    ROOM_FORM = "room.form", _("対話の場の手続画面の表示")
    ROOM_OPEN = "room.open", _("対話の場の開設")
    ROOM_CHANGE = "room.change", _("対話の場の設定変更")
    ROOM_ARCHIVE = "room.archive", _("対話の場の終了")
    ROOM_INVITE = "room.invite", _("対話の場への招待")
    ROOM_JOIN = "room.join", _("対話の場への参加")
    ROOM_DECLINE = "room.decline", _("対話の場への招待の辞退")
    ROOM_LEAVE = "room.leave", _("対話の場からの退出")
    ROOM_MEMBER_ADD = "room.member_add", _("対話の場の参加者の追加")
    ROOM_MEMBER_REMOVE = "room.member_remove", _("対話の場の参加者の削除")
    ROOM_MEMBER_ROLE = "room.member_role", _("対話の場の参加者の役割変更")
    MEMBER_LIST = "member.list", _("対話の場の参加者の一覧表示")
    MEMBER_OPEN = "member.open", _("対話の場の参加者の閲覧")
    INVITATION_OPEN = "invitation.open", _("対話の場への招待の閲覧")
    THREAD_START = "thread.start", _("話題の開始")
    THREAD_OPEN = "thread.open", _("話題の閲覧")
    MESSAGE_LIST = "message.list", _("発言の検索結果の一覧表示")
    MESSAGE_POST = "message.post", _("発言の投稿")
    MESSAGE_OPEN = "message.open", _("発言の閲覧")
    MESSAGE_WITHDRAW = "message.withdraw", _("発言の取下げ")

    # briefings; where an act is of one section, label and level are the section's
    BRIEFING_LIST = "briefing.list", _("脅威・リスク情報の一覧表示")
    BRIEFING_OPEN = "briefing.open", _("脅威・リスク情報の閲覧")
    BRIEFING_EXPORT = "briefing.export", _("脅威・リスク情報の一括取得")
    BRIEFING_ACKNOWLEDGE = "briefing.acknowledge", _("脅威・リスク情報の確認")
    BRIEFING_REPLY = "briefing.reply", _("脅威・リスク情報への返答")
    BRIEFING_FORM = "briefing.form", _("自社の関心の表示")
    BRIEFING_INTERESTS = "briefing.interests", _("自社の関心の変更")
    BRIEFING_BOARD = "briefing.board", _("脅威・リスク情報の到達状況の表示")
    BRIEFING_COUNTS = "briefing.counts", _("脅威・リスク情報への返答の集計の提供")
    BRIEFING_PUBLISH = "briefing.publish", _("脅威・リスク情報の公表")
    BRIEFING_SECTION = "briefing.section", _("脅威・リスク情報の節の公表")
    BRIEFING_CORRECT = "briefing.correct", _("脅威・リスク情報の訂正")
    BRIEFING_RETRACT = "briefing.retract", _("脅威・リスク情報の取消し")
    DRAFT_LIST = "draft.list", _("下書きの一覧表示")
    DRAFT_OPEN = "draft.open", _("下書きの閲覧")
    DRAFT_FORM = "draft.form", _("下書きの手続画面の表示")
    DRAFT_START = "draft.start", _("下書きの作成")
    DRAFT_SAVE = "draft.save", _("下書きの保存")
    DRAFT_REACH = "draft.reach", _("下書きを閲覧できることになる方の表示")
    DRAFT_SUBMIT = "draft.submit", _("下書きの確認の依頼")
    DRAFT_TAKE_BACK = "draft.take_back", _("下書きの確認の依頼の取下げ")
    DRAFT_APPROVE = "draft.approve", _("下書きの承認")
    DRAFT_RETURN = "draft.return", _("下書きの差戻し")
    DRAFT_DROP = "draft.drop", _("下書きの取りやめ")
    AUDIENCE_LIST = "audience.list", _("宛先の一覧表示")
    AUDIENCE_OPEN = "audience.open", _("宛先の作成")
    AUDIENCE_FORM = "audience.form", _("宛先の手続画面の表示")
    FEED_DISCOVER = "feed.discover", _("機械向け配信の案内の取得")
    FEED_LIST = "feed.list", _("機械向け配信の一覧取得")
    FEED_READ = "feed.read", _("機械向け配信の内容取得")
    FEED_ADD = "feed.add", _("機械向け配信への提出")
    FEED_DELETE = "feed.delete", _("機械向け配信の提出の取下げ")
    FEED_REFUSED = "feed.refused", _("機械向け配信の拒否")
    FEED_ANSWER = "feed.answer", _("機械向け配信への提出の確認")
    SERVICE_LIST = "service.list", _("機械用アカウントの一覧表示")
    SERVICE_MAKE = "service.make", _("機械用アカウントの作成")
    SERVICE_TOKEN = "service.token", _("機械用トークンの発行")
    SERVICE_REVOKE = "service.revoke", _("機械用トークンの失効")
    HOOK_LIST = "hook.list", _("通知先の一覧表示")
    HOOK_MAKE = "hook.make", _("通知先の登録")
    HOOK_CHANGE = "hook.change", _("通知先の変更")
    HOOK_DROP = "hook.drop", _("通知先の削除")
    HOOK_TEST = "hook.test", _("通知先の接続の確認")
    HOOK_SECRET = "hook.secret", _("通知先の署名鍵の入替え")
    HOOK_RESEND = "hook.resend", _("送れなかった通知の再送")
    HOOK_WISH = "hook.wish", _("通知メールの受取り方の変更")

    # registers
    AUTHORISATION_LIST = "authorisation.list", _("取扱資格の一覧表示")
    AUTHORISATION_OPEN = "authorisation.open", _("取扱資格の閲覧")
    AUTHORISATION_GRANT = "authorisation.grant", _("取扱資格の付与")
    AUTHORISATION_SUSPEND = "authorisation.suspend", _("取扱資格の一時停止")
    AUTHORISATION_RESUME = "authorisation.resume", _("取扱資格の再開")
    AUTHORISATION_REVOKE = "authorisation.revoke", _("取扱資格の取消し")
    CERTIFICATION_LIST = "certification.list", _("組織の契約・認定の一覧表示")
    CERTIFICATION_OPEN = "certification.open", _("組織の契約・認定の閲覧")
    CERTIFICATION_GRANT = "certification.grant", _("組織の契約・認定の登録")
    CERTIFICATION_SUSPEND = "certification.suspend", _("組織の契約・認定の一時停止")
    CERTIFICATION_RESUME = "certification.resume", _("組織の契約・認定の再開")
    CERTIFICATION_REVOKE = "certification.revoke", _("組織の契約・認定の取消し")
    CIRCLE_CREATE = "circle.create", _("共有範囲の作成")
    CIRCLE_CHANGE = "circle.change", _("共有範囲の変更")
    CIRCLE_LIST = "circle.list", _("共有範囲の一覧表示")
    CIRCLE_READERSHIP = "circle.readership", _("閲覧できる人数の一覧表示")
    CIRCLE_MEMBER_ADD = "circle.member_add", _("共有範囲への人の追加")
    CIRCLE_MEMBER_REMOVE = "circle.member_remove", _("共有範囲からの人の削除")
    CIRCLE_ORGANISATION_ADD = "circle.organisation_add", _("共有範囲への組織の追加")
    CIRCLE_ORGANISATION_REMOVE = "circle.organisation_remove", _("共有範囲からの組織の削除")
    GRANT_GIVE = "grant.give", _("個別の閲覧許可の付与")
    GRANT_STRIKE = "grant.strike", _("個別の閲覧許可の取消し")
    HANDLER_NAME = "handler.name", _("取扱者の指名")
    HANDLER_STRIKE = "handler.strike", _("取扱者の指名の取消し")
    MARKING_CREATE = "marking.create", _("格付・取扱制限の新規利用")
    CODE_COMPARTMENT = "code.compartment", _("取扱分野の登録")
    CODE_RELEASE_GROUP = "code.release_group", _("提供可能な国・地域の登録")

    # how much one person may open in a day
    LIMIT_REACHED = "limit.reached", _("一日の閲覧上限への到達")
    LIMIT_LIST = "limit.list", _("一日の閲覧上限の一覧表示")
    LIMIT_OPEN = "limit.open", _("一日の閲覧上限の閲覧")
    LIMIT_ASK = "limit.ask", _("一日の閲覧上限の引上げの申請")
    LIMIT_LIFT = "limit.lift", _("一日の閲覧上限の引上げの承認")
    LIMIT_REFUSE = "limit.refuse", _("一日の閲覧上限の引上げの差戻し")

    # the officers' side of anonymous cases: the case's id, never a word of it
    INTAKE_ROUND = "intake.round", _("匿名相談の受付分の綴じ込み")
    CONSULTATION_LIST = "consultation.list", _("匿名相談の一覧表示")
    CONSULTATION_OPEN = "consultation.open", _("匿名相談の閲覧")
    CONSULTATION_FORM = "consultation.form", _("匿名相談の手続画面の表示")
    CONSULTATION_FILE = "consultation.file", _("匿名相談のファイルの取得")
    CONSULTATION_TAKE_IN = "consultation.take_in", _("匿名相談の受付")
    CONSULTATION_TAKE_DOWN = "consultation.take_down", _("電話・郵便の匿名相談の書取り")
    CONSULTATION_TRIAGE = "consultation.triage", _("匿名相談の急ぎの確認")
    CONSULTATION_CLASS = "consultation.class", _("匿名相談の区分の変更")
    CONSULTATION_ASSIGN = "consultation.assign", _("匿名相談の担当者の変更")
    CONSULTATION_HAND_OVER = "consultation.hand_over", _("匿名相談の引継ぎ")
    CONSULTATION_NOTE = "consultation.note", _("匿名相談の内部メモの追加")
    CONSULTATION_ANSWER = "consultation.answer", _("匿名相談への返事")
    CONSULTATION_ASK = "consultation.ask", _("匿名相談への質問")
    CONSULTATION_ASK_CONSENT = "consultation.ask_consent", _("匿名相談の同意の依頼")
    CONSULTATION_REDACT = "consultation.redact", _("匿名相談の伏せ字の写しの作成")
    CONSULTATION_MERGE = "consultation.merge", _("匿名相談の統合")
    CONSULTATION_REPEAT = "consultation.repeat", _("匿名相談の再度の相談としての登録")
    CONSULTATION_CLOSE = "consultation.close", _("匿名相談の対応の終了")
    CONSULTATION_REOPEN = "consultation.reopen", _("匿名相談の対応の再開")
    CONSULTATION_TAKE_UP = "consultation.take_up", _("匿名相談の行政文書としての登録")
    CONSULTATION_DESTROY_ASK = "consultation.destroy_ask", _("匿名相談の廃棄の申出")
    CONSULTATION_DESTROY_LIST = "consultation.destroy_list", _("廃棄予定の匿名相談の一覧表示")
    CONSULTATION_DESTROY_CONSENT = "consultation.destroy_consent", _("匿名相談の廃棄の同意の登録")
    CONSULTATION_DESTROY = "consultation.destroy", _("匿名相談の廃棄")
    CONSULTATION_TEMPLATE = "consultation.template", _("返事のひな形の変更")
    CONSULTATION_STATISTICS = "consultation.statistics", _("匿名相談の統計の表示")
    # who reads at the desks, and the keys they read with
    DESK_LIST = "desk.list", _("相談窓口の一覧表示")
    DESK_FORM = "desk.form", _("相談窓口の手続画面の表示")
    DESK_OPEN = "desk.open", _("相談窓口の開設")
    DESK_CHANGE = "desk.change", _("相談窓口の変更")
    DESK_CLOSE = "desk.close", _("相談窓口の受付の停止・再開")
    DESK_APPOINT = "desk.appoint", _("相談窓口の担当者の任命")
    DESK_DISMISS = "desk.dismiss", _("相談窓口の担当者の解任")
    DESK_HOLDER_ADD = "desk.holder_add", _("鍵の復旧を支える方の任命")
    DESK_HOLDER_REMOVE = "desk.holder_remove", _("鍵の復旧を支える方の解任")
    DESK_KEY_MAKE = "desk_key.make", _("相談窓口の鍵の作成")
    DESK_KEY_UNLOCK = "desk_key.unlock", _("相談窓口の鍵の解錠")
    DESK_KEY_REFUSED = "desk_key.refused", _("相談窓口の鍵の解錠の失敗")
    DESK_KEY_LOCK = "desk_key.lock", _("相談窓口の鍵の施錠")
    DESK_KEY_CHANGE = "desk_key.change", _("相談窓口の鍵のパスフレーズの変更")
    DESK_KEY_PASSKEY_ADD = "desk_key.passkey_add", _("相談窓口の鍵へのパスキーの追加")
    DESK_KEY_PASSKEY_REMOVE = "desk_key.passkey_remove", _("相談窓口の鍵からのパスキーの削除")
    DESK_KEY_REPLACE = "desk_key.replace", _("相談窓口の鍵の作り直し")
    DESK_KEY_ESCROW = "desk_key.escrow", _("相談窓口の鍵の分散保管")
    DESK_KEY_SHARE = "desk_key.share", _("新しい担当者への事案の共有")
    DESK_KEY_REKEY = "desk_key.rekey", _("匿名相談の鍵の入替え")
    DESK_KEY_RECOVERY_ASK = "desk_key.recovery_ask", _("相談窓口の鍵の復旧の依頼")
    DESK_KEY_RECOVERY_LIST = "desk_key.recovery_list", _("相談窓口の鍵の復旧の依頼の一覧表示")
    DESK_KEY_RECOVERY_OPEN = "desk_key.recovery_open", _("相談窓口の鍵の復旧の依頼の閲覧")
    DESK_KEY_RECOVERY_ANSWER = "desk_key.recovery_answer", _("相談窓口の鍵の復旧への協力")
    DESK_KEY_RECOVERY_CANCEL = "desk_key.recovery_cancel", _("相談窓口の鍵の復旧の取消し")
    DESK_KEY_RECOVER = "desk_key.recover", _("相談窓口の鍵の復旧")
    FINDING_LIST = "finding.list", _("知見の一覧表示")
    FINDING_OPEN = "finding.open", _("知見の閲覧")
    FINDING_DRAFT = "finding.draft", _("知見の下書きの作成")
    FINDING_CHANGE = "finding.change", _("知見の下書きの変更")
    FINDING_ASK = "finding.ask", _("知見の確認の依頼")
    FINDING_APPROVE = "finding.approve", _("知見の承認")
    FINDING_REFUSE = "finding.refuse", _("知見の差戻し")
    FINDING_RELEASE = "finding.release", _("知見の公開")
    FINDING_DROP = "finding.drop", _("知見の取りやめ")

    # keys
    KEY_ROTATE = "key.rotate", _("暗号鍵の入替え")
    KEY_DESTROY = "key.destroy", _("暗号鍵の破棄")

    # people and organisations
    PERSON_LIST = "person.list", _("利用者の一覧表示")
    PERSON_OPEN = "person.open", _("利用者の閲覧")
    PERSON_REGISTER = "person.register", _("利用者の登録")
    PERSON_INVITE = "person.invite", _("利用者の招待")
    PERSON_CHANGE = "person.change", _("利用者情報の変更")
    PERSON_DEACTIVATE = "person.deactivate", _("利用者の停止")
    PERSON_REACTIVATE = "person.reactivate", _("利用者の再開")
    PERSON_REVOKE_FACTORS = "person.revoke_factors", _("利用者の認証手段の取消し")
    PERSON_APPOINT = "person.appoint", _("職務の任命")
    PERSON_DISMISS = "person.dismiss", _("職務の解任")
    ORGANISATION_LIST = "organisation.list", _("組織の一覧表示")
    ORGANISATION_OPEN = "organisation.open", _("組織の閲覧")
    ORGANISATION_REGISTER = "organisation.register", _("組織の登録")
    ORGANISATION_CHANGE = "organisation.change", _("組織情報の変更")
    ORGANISATION_DEACTIVATE = "organisation.deactivate", _("組織の停止")
    ORGANISATION_MEMBERSHIP = "organisation.membership", _("団体への加入・脱退の登録")

    # the log itself, and what leaves the portal
    AUDIT_SEARCH = "audit.search", _("監査記録の検索")
    AUDIT_OPEN = "audit.open", _("監査記録の閲覧")
    AUDIT_EXPORT = "audit.export", _("監査記録の書出し")
    AUDIT_VERIFY = "audit.verify", _("監査記録の検証")
    EXPORT_CREATE = "export.create", _("書出しの作成")
    EXPORT_DOWNLOAD = "export.download", _("書出しのダウンロード")
    BACKUP_TAKE = "backup.take", _("控え（バックアップ）の取得")
    BACKUP_RESTORE = "backup.restore", _("控え（バックアップ）からの復元")

    @property
    def group(self) -> str:
        """The part before the dot: what the act is about."""
        return group_of(self.value)


ACTS = frozenset(Act.values)

# What the auditor filters by: the group of an act and its Japanese name.
GROUPS: dict[str, Promise | str] = {
    "home": _("ホーム"),
    "session": _("サインイン・本人確認"),
    "access": _("拒否・可否の説明"),
    "document": _("文書"),
    "request": _("格付変更の申請"),
    "room": _("対話の場"),
    "member": _("対話の場の参加者"),
    "invitation": _("対話の場への招待"),
    "thread": _("話題"),
    "message": _("発言"),
    "authorisation": _("取扱資格"),
    "certification": _("組織の契約・認定"),
    "circle": _("共有範囲"),
    "grant": _("個別の閲覧許可"),
    "handler": _("取扱者の指名"),
    "marking": _("格付・取扱制限"),
    "code": _("取扱分野・提供可能な国・地域"),
    "limit": _("一日の閲覧上限"),
    "intake": _("匿名相談の受付"),
    "consultation": _("匿名相談"),
    "desk": _("相談窓口"),
    "desk_key": _("相談窓口の鍵"),
    "finding": _("知見"),
    "key": _("暗号鍵"),
    "briefing": _("脅威・リスク情報"),
    "draft": _("脅威・リスク情報の下書き"),
    "audience": _("脅威・リスク情報の宛先"),
    "feed": _("機械向け配信"),
    "service": _("機械用アカウント"),
    "hook": _("通知先"),
    "person": _("利用者"),
    "organisation": _("組織"),
    "audit": _("監査記録"),
    "export": _("書出し"),
    "backup": _("控え（バックアップ）"),
}


def group_of(act: str) -> str:
    """`document` of `document.open`."""
    return act.partition(".")[0]


def acts_in(group: str) -> list[str]:
    """The acts of one group, in the order of declaration; empty for an unknown group."""
    return [act.value for act in Act if act.group == group]


def label_of(act: str) -> Promise | str:
    """The act's name for people. A row outlives a renamed act: what is no longer declared shows its verb."""
    return Act(act).label if act in ACTS else act
