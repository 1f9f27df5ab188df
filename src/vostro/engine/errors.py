"""Engine errors 引擎错误: what can go wrong under the loop, and how is it mended?"""

from vostro.words import VostroError

__all__ = [
    "AccountMissingError",
    "DatabaseUrlError",
    "DiskFullError",
    "EventInvalidError",
    "LakeFileMissingError",
    "LakeNameError",
    "LakeTableMissingError",
    "OwnerError",
    "SettingUnknownError",
    "SettingValueError",
    "StateFolderError",
    "StoreDowngradeError",
    "StoreForeignError",
    "StoreLostError",
    "StoreNewerError",
    "StorePasswordError",
    "StoreStartError",
    "StoreUnfitError",
    "StoreUnreachableError",
    "StoreVersionError",
]


class SettingUnknownError(VostroError):
    """A setting has a name that is not known."""

    code = "engine.setting_unknown"
    status = 422
    en = "{where}: there is no setting '{name}'.{hint_en} 'docs/settings.md' lists all settings."
    zh = "{where}：没有名为“{name}”的设置。{hint_zh}全部设置见 docs/settings.md。"


class SettingValueError(VostroError):
    """A setting has a value that it cannot have."""

    code = "engine.setting_value"
    status = 422
    en = "{where}: setting '{name}' cannot be {value!r}. Give it: {wanted_en}."
    zh = "{where}：设置项“{name}”的值不可为 {value!r}，应为：{wanted_zh}。"


class StateFolderError(VostroError):
    """The folder for the bank's data cannot be made or written."""

    code = "engine.state_folder"
    status = 500
    en = "{folder} cannot be used for the bank's data: {reason}. Mend its permissions or set 'state_dir' to another folder."
    zh = "{folder} 不能用于存放数据：{reason}。请修正目录权限，或将设置项 state_dir 指向其他目录。"


class OwnerError(VostroError):
    """Another process owns the folder."""

    code = "engine.owner"
    status = 409
    en = "{folder} is in use by process {pid} ({command}) since {since}. Wait for it to end, or stop it with 'kill {pid}'."
    zh = "{folder} 正被进程 {pid}（{command}）使用，始于 {since}。请等待其结束，或用“kill {pid}”停止该进程。"


class DiskFullError(VostroError):
    """No space is left to write to."""

    code = "engine.disk_full"
    status = 507
    en = "No space is left on the disk of {folder}. Nothing was changed. Free some space and run the command again."
    zh = "{folder} 所在磁盘空间不足，数据未作任何更改。请释放空间后重新运行。"


class AccountMissingError(VostroError):
    """PostgreSQL has no operating system account to run under."""

    code = "engine.account_missing"
    status = 500
    en = "PostgreSQL needs an account of the operating system: {reason_en}. Run as a user that has one, or set 'database_url'."
    zh = "PostgreSQL 需要一个操作系统账号：{reason_zh}。请以有账号的用户运行，或设置 database_url 使用外部数据库。"


class StoreStartError(VostroError):
    """The embedded PostgreSQL did not start."""

    code = "engine.store_start"
    status = 500
    en = "PostgreSQL did not start in {folder}: {reason}. The whole log is in {log}; 'vostro doctor' says more."
    zh = "PostgreSQL 未能在 {folder} 启动：{reason}。完整日志见 {log}，也可运行“vostro doctor”检查。"


class StoreForeignError(VostroError):
    """The store's files belong to another user."""

    code = "engine.store_foreign"
    status = 403
    en = "{folder} belongs to user {owner}, you are {user}. Run as {owner} (or root), or give the folder to {user} with chown."
    zh = "{folder} 属于用户 {owner}，当前用户为 {user}。请以 {owner}（或 root）运行，或用 chown 将目录交给 {user}。"


class StoreVersionError(VostroError):
    """The store's files were written by another major version of PostgreSQL."""

    code = "engine.store_version"
    status = 409
    en = "{folder} was written by PostgreSQL {found}, this is {expected}. Dump it with that version and restore it here."
    zh = "{folder} 由 PostgreSQL {found} 写入，当前版本为 {expected}。请用原版本导出数据后在此恢复。"


class StoreDowngradeError(VostroError):
    """A store was to be taken back to an older version."""

    code = "engine.store_downgrade"
    status = 409
    en = "A store is never taken back behind version {version}: its log would be lost. Restore a backup of that time."
    zh = "业务库不能退回到 {version} 版之前，否则事件日志会丢失。请恢复当时的备份。"


class StoreNewerError(VostroError):
    """The store was migrated by a newer Vostro."""

    code = "engine.store_newer"
    status = 409
    en = "The store is at version {found}, this Vostro knows versions up to {known}. Install the newer Vostro again."
    zh = "业务库结构为 {found} 版，当前 Vostro 只支持到 {known} 版。请重新安装较新的 Vostro。"


class StoreUnreachableError(VostroError):
    """No connection to the database can be made."""

    code = "engine.store_unreachable"
    status = 503
    en = "The database {url} cannot be reached: {reason}. Check host, port and database name in 'database_url'."
    zh = "无法连接数据库 {url}：{reason}。请检查 database_url 中的主机、端口和库名。"


class StorePasswordError(VostroError):
    """The database refused the user or the password."""

    code = "engine.store_password"
    status = 401
    en = "The database {url} refused user '{user}'. Check user name and password in 'database_url'."
    zh = "数据库 {url} 拒绝了用户“{user}”的登录。请检查 database_url 中的用户名和密码。"


class StoreUnfitError(VostroError):
    """The database is there and cannot be used."""

    code = "engine.store_unfit"
    status = 409
    en = "The database {url} cannot be used: {what_en}."
    zh = "数据库 {url} 不可用：{what_zh}。"


class StoreLostError(VostroError):
    """The database stopped answering in the middle of the work."""

    code = "engine.store_lost"
    status = 503
    en = "The connection to {url} was lost. What was committed is kept; run the command again ('vostro doctor' tells the state)."
    zh = "与 {url} 的连接中断。已提交的数据均已保存，请重新运行（可用“vostro doctor”查看状态）。"


class DatabaseUrlError(VostroError):
    """The database's URL is not one of PostgreSQL."""

    code = "engine.database_url"
    status = 422
    en = "'database_url' is not a PostgreSQL URL. Write for example postgresql://user:password@host:5432/vostro."
    zh = "database_url 不是 PostgreSQL 地址。例如可写 postgresql://user:password@host:5432/vostro。"


class EventInvalidError(VostroError):
    """Events to append lack a column, or hold a value that an event cannot have."""

    code = "engine.event_invalid"
    status = 422
    en = "The events cannot be appended: column '{column}' {reason_en}."
    zh = "事件无法写入：列“{column}”{reason_zh}。"


class LakeNameError(VostroError):
    """A table or partition has a name that cannot be a folder's."""

    code = "engine.lake_name"
    status = 422
    en = "'{name}' cannot name a {what_en} of the lake. Use {allowed_en}."
    zh = "“{name}”不能用作数据湖的{what_zh}名。只可使用{allowed_zh}。"


class LakeTableMissingError(VostroError):
    """The lake has no live data of that table."""

    code = "engine.lake_table_missing"
    status = 404
    en = "The lake has no data of '{table}' yet.{hint_en} 'vostro load' brings it in."
    zh = "数据湖中尚无“{table}”的数据。{hint_zh}请先运行“vostro load”。"


class LakeFileMissingError(VostroError):
    """Files that the store names are not in the lake's folder."""

    code = "engine.lake_file_missing"
    status = 500
    en = "{folder} is gone, but '{table}' needs it. Restore the folder from a backup, or load the source again."
    zh = "{folder} 已丢失，而“{table}”仍需使用。请从备份恢复该目录，或重新载入该来源。"
