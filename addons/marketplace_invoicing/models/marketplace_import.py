import contextlib
import hashlib
import io
import logging
import traceback
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..channels import intake
from ..channels.base import (
    GATEWAYS,
    ChannelParseError,
    ParsedOrder,
    ParsedRefund,
    ParseFailure,
)
from ..channels.settlement import ParsedPayment, ParsedSettlement
from ..const import RACE_ERRORS
from .marketplace_queue_mixin import MAX_ATTEMPTS, SYNCHRONOUS_LIMIT

_logger = logging.getLogger(__name__)

#: Records staged per transaction of a long import; fewer where they have many lines.
STAGE_BATCH = 500
STAGE_BATCH_LINES = 20_000
#: Where records of each kind are staged and go on from.
STAGED_IN = {
    ParsedOrder: "marketplace.order",
    ParsedSettlement: "marketplace.settlement",
    ParsedRefund: "marketplace.refund",
    ParsedPayment: "marketplace.payment",
}
PIPELINES = ("marketplace.order", "marketplace.refund", "marketplace.settlement")


def _batches(records):
    """Yield lists of records that are staged together."""
    batch, lines = [], 0
    for record in records:
        batch.append(record)
        lines += len(getattr(record, "lines", ()))
        if len(batch) == STAGE_BATCH or lines >= STAGE_BATCH_LINES:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


class MarketplaceImport(models.Model):
    """One file or page exactly as received, and what became of it."""

    _name = "marketplace.import"
    _description = "Marketplace Import"
    _inherit = ["mail.thread", "marketplace.fact.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="File", required=True, readonly=True)
    channel_id = fields.Many2one(
        "marketplace.channel",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="channel_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Imported by",
        default=lambda self: self.env.user,
        readonly=True,
    )
    content = fields.Binary(string="Received File", attachment=True, readonly=True)
    checksum = fields.Char(readonly=True, help="SHA-256 of the file.")
    format = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("processing", "In progress"),
            ("done", "Done"),
            ("rejected", "Rejected"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    error = fields.Text(readonly=True)
    error_details = fields.Text(
        readonly=True, groups="marketplace_invoicing.group_marketplace_manager"
    )
    record_count = fields.Integer(string="Records", readonly=True)
    position = fields.Integer(readonly=True)
    progress = fields.Float(compute="_compute_progress")
    created_count = fields.Integer(string="New", readonly=True)
    updated_count = fields.Integer(string="Updated", readonly=True)
    unchanged_count = fields.Integer(string="Unchanged", readonly=True)
    failure_count = fields.Integer(string="Unreadable", readonly=True)
    order_ids = fields.Many2many("marketplace.order", readonly=True)
    order_count = fields.Integer(compute="_compute_order_count")
    settlement_ids = fields.Many2many("marketplace.settlement", readonly=True)
    settlement_count = fields.Integer(compute="_compute_order_count")
    issue_ids = fields.One2many("marketplace.issue", "import_id", readonly=True)

    _checksum_uniq = models.Constraint(
        "UNIQUE(channel_id, checksum)", "This file was already imported."
    )

    @api.depends("position", "record_count", "state")
    def _compute_progress(self):
        """Reading is the quick fifth of an import, making the documents the rest."""
        for record in self:
            if record.state in ("done", "rejected"):
                record.progress = 100.0 * (record.state == "done")
                continue
            read = record.position / (record.record_count or 1)
            record.progress = 20.0 * read + 80.0 * record._get_processed_share()

    def _get_processed_share(self):
        """Return which part of the file's records the pipeline has taken up, 0 to 1."""
        self.ensure_one()
        waiting = sum(
            self.env[name].search_count(
                self.env[name]._imported_domain(self.ids)
                & self.env[name]._to_process_domain()
            )
            for name in PIPELINES
        )
        if not self.position:
            return 0.0
        unread = self.record_count - self.position
        return max(0.0, 1.0 - (waiting + unread) / self.record_count)

    def _compute_order_count(self):
        for record in self:
            record.order_count = self.env["marketplace.order"].search_count(
                [("import_ids", "in", record.ids)]
            )
            record.settlement_count = self.env["marketplace.settlement"].search_count(
                [("import_ids", "in", record.ids)]
            )

    # === RECEIVING ===

    @api.model
    def _receive(self, channel, name, content):
        """Store a file as received; the same file again is the same record.

        :param bytes content: the file
        :return: (`marketplace.import`, whether it is new)
        """
        channel.check_access("read")
        checksum = hashlib.sha256(content).hexdigest()
        known = self.search(
            [("channel_id", "=", channel.id), ("checksum", "=", checksum)]
        )
        if known:
            return known, False
        record = self.sudo().create(
            {
                "name": name,
                "channel_id": channel.id,
                "checksum": checksum,
            }
        )
        record._keep_content(content)
        return record.with_env(self.env), True

    def _keep_content(self, content):
        """Store the received file as it came.

        :param bytes content: the file
        :raises UserError: it cannot be stored; the caller's transaction has to be rolled back
        """
        self.ensure_one()
        self._drop_cut_off_file(content)
        try:
            # Not through the binary field: base64 would take the file's size three times over.
            self.env["ir.attachment"].sudo().create(
                {
                    "name": self.name,
                    "raw": content,
                    "res_model": self._name,
                    "res_field": "content",
                    "res_id": self.id,
                }
            )
        except OSError as error:
            self._drop_cut_off_file(content)
            raise UserError(
                self.env._(
                    "%(file)s cannot be stored: %(reason)s. Nothing of it was imported; "
                    "import it again when that is mended.",
                    file=self.name,
                    reason=error.strerror or str(error),
                )
            ) from error

    @api.model
    def _drop_cut_off_file(self, content):
        """Remove what a full disk or a kill left of these bytes in the filestore.

        Core names files by their content and would refuse the whole ones from then on.
        """
        Attachment = self.env["ir.attachment"]
        if Attachment._storage() != "file":
            return
        checksum = Attachment._compute_checksum(content)
        path = Path(Attachment._full_path(f"{checksum[:2]}/{checksum}"))
        if path.is_file() and path.stat().st_size < len(content):
            _logger.warning("Removing %s, which was not written to its end", path)
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _open(self):
        """Give the received file as a binary stream, without loading it where possible."""
        self.ensure_one()
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "content"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )
        if attachment.store_fname:
            with open(attachment._full_path(attachment.store_fname), "rb") as stream:
                yield stream
        else:
            yield io.BytesIO(attachment.raw or b"")

    def _read(self, stream):
        """Return (format, iterator of records) of the received file.

        :raises ChannelParseError: not readable, or a file of another platform
        """
        self.ensure_one()
        channel = self.channel_id
        file_format, records = channel._read_stream(stream, self.name)
        if file_format.platform not in (channel.platform, *GATEWAYS):
            raise ChannelParseError(
                self.env._(
                    "This is a file of another platform: %(label)s",
                    label=file_format.label,
                )
            )
        return file_format, records

    # === RUNNING ===

    def _run(self, commit=False, process=True):
        """Stage the records of one file and process what they are of.

        The whole file is read once before anything is written, so that a broken file leaves
        nothing behind. Staging may be repeated: known orders are unchanged.

        :param bool commit: commit batch by batch (scheduler, command line), so that a kill
            loses one batch at most; else everything happens in the caller's transaction
        :param bool process: also take the records through their pipelines
        """
        self.ensure_one()
        # Staging and documents follow from the file; the user needs no rights on them.
        self = self._as_system()
        if not self._validate():
            self._finish(commit)
            return
        self.issue_ids.filtered(lambda issue: issue.state == "open").unlink()
        self.state = "processing"
        if not (self._checkpoint(commit) and self._stage_records(commit)):
            return  # another worker has taken this import over
        if process:
            self._process_records(commit)
        self.state = "done"
        self._finish(commit)

    def _validate(self):
        """Read the file to its end; reject it with place and reason if that fails."""
        self.ensure_one()
        try:
            file_format, readable, failures = self._count_records()
        except ChannelParseError as error:
            self._reject(str(error))
            return False
        self.write(
            {
                "format": file_format.code,
                "record_count": readable + failures,
                "failure_count": failures,
                "position": 0,
                "error": False,
                "error_details": False,
            }
        )
        return True

    def _count_records(self):
        """Return (format, readable, unreadable records) of the received file.

        :raises ChannelParseError: the file cannot be read, or not one record of it
        """
        readable = failures = 0
        first_failure = None
        with self._open() as stream:
            file_format, records = self._read(stream)
            for record in records:
                if isinstance(record, ParseFailure):
                    failures += 1
                    first_failure = first_failure or record
                else:
                    readable += 1
        if first_failure and not readable:
            raise ChannelParseError(first_failure.reason, first_failure.where)
        return file_format, readable, failures

    def _reject(self, message):
        self.write(
            {
                "state": "rejected",
                "error": message,
                "error_details": traceback.format_exc(),
            }
        )

    def _stage_records(self, commit):
        """Write the records to the staging tables, batch by batch.

        :return: whether this worker came to the end of the file
        """
        counts = {"created": 0, "updated": 0, "unchanged": 0}
        with self._open() as stream:
            _file_format, records = self._read(stream)
            for batch in _batches(records):
                counts = self._stage_until_done(batch, counts, commit)
                if not counts:
                    return False
        return True

    def _stage_until_done(self, batch, counts, commit):
        """Stage a batch; again where another worker staged some of it meanwhile.

        :return: counts with this batch, or None when another worker has this import
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                result = self._stage_batch(batch, counts)
                return result if self._checkpoint(commit) else None
            except RACE_ERRORS:
                if not commit or attempt == MAX_ATTEMPTS:
                    raise
                self.env.cr.rollback()
                if not self.try_lock_for_update():
                    return None

    def _stage_batch(self, batch, counts):
        failures = [record for record in batch if isinstance(record, ParseFailure)]
        for kind, model_name in STAGED_IN.items():
            records = [record for record in batch if isinstance(record, kind)]
            if records:
                result = self.env[model_name]._stage(self.channel_id, records, self)
                failures += result["failures"]
                counts = {
                    name: count + len(result[name]) for name, count in counts.items()
                }
        self.write({f"{name}_count": count for name, count in counts.items()})
        self._create_failures(failures)
        self.position += len(batch)
        return counts

    def _create_failures(self, failures):
        """Make an issue of each record that cannot be read."""
        if not failures:
            return
        pairs = {("unreadable", failure.reason[:120]) for failure in failures}
        causes = self.env["marketplace.issue.cause"]._get_or_create(
            self.channel_id, dict.fromkeys(pairs, self.env["product.product"])
        )
        self.env["marketplace.issue"].create(
            [
                {
                    "channel_id": self.channel_id.id,
                    "import_id": self.id,
                    "cause_id": causes["unreadable", failure.reason[:120]].id,
                    "code": "unreadable",
                    "message": failure.message,
                    "where": failure.where,
                    "payload": failure.raw,
                }
                for failure in failures
            ]
        )

    def _replay_record(self, issue):
        """Read the corrected text of one unreadable record.

        :raises UserError: it still cannot be read
        """
        self.ensure_one()
        self = self._as_system()
        try:
            record = self._parse_record(issue.payload or "")
        except ChannelParseError as error:
            raise UserError(
                self.env._("Still not readable: %(error)s", error=error)
            ) from error
        Model = self.env[STAGED_IN[type(record)]]
        result = Model._stage(self.channel_id, [record], self)
        if result["failures"]:
            raise UserError(result["failures"][0].message)
        issue._close("resolved")
        (result["created"] | result["updated"])._process()

    def _parse_record(self, text):
        """Read the text of one record of this file.

        :raises ChannelParseError: not readable, or not exactly one record
        """
        self.ensure_one()
        records = list(
            intake.read_payload(
                io.BytesIO(text.encode()), self.format, self.channel_id._get_profile()
            )
        )
        if len(records) != 1:
            raise ChannelParseError("not exactly one record")
        if isinstance(records[0], ParseFailure):
            raise ChannelParseError(records[0].reason, records[0].where)
        return records[0]

    def _process_records(self, commit):
        """Take what this file holds through its pipelines."""
        for name in PIPELINES:
            Model = self.env[name].sudo()
            domain = Model._imported_domain(self.ids)
            if commit:
                Model._process_queue(
                    domain=domain, on_batch=lambda _count: self._notify_progress()
                )
            elif Model.search_count(domain) <= SYNCHRONOUS_LIMIT:
                Model.search(Model._to_process_domain() & domain)._process()
            else:
                Model._enqueue()

    def _has_waiting_orders(self):
        """Tell whether the pipelines have something left to do for these files."""
        return any(
            self.env[name]
            .sudo()
            .search_count(
                self.env[name]._to_process_domain()
                & self.env[name]._imported_domain(self.ids),
                limit=1,
            )
            for name in PIPELINES
        )

    def _checkpoint(self, commit):
        """Commit a step; return whether this worker still holds the import."""
        if not commit:
            return True
        self._notify_progress()
        self.env.flush_all()
        self.env.cr.commit()  # pylint: disable=invalid-commit
        # What is written need not stay in memory while a long file goes on.
        self.env.invalidate_all()
        return bool(self.try_lock_for_update())

    def _notify_progress(self):
        """Tell the importing user's screens how far we are; returns True to go on."""
        self.user_id._bus_send(
            "marketplace_import_progress", {"id": self.id, "progress": self.progress}
        )
        return True

    def _finish(self, commit):
        """Tell the user what came of it."""
        self.user_id._bus_send("simple_notification", self._prepare_notification())
        self._checkpoint(commit)

    def _prepare_notification(self):
        if self.state == "rejected":
            return {
                "type": "danger",
                "sticky": True,
                "title": self.env._("%(file)s was not imported", file=self.name),
                "message": self.error,
            }
        to_review = sum(
            self.env[name].search_count(
                [("import_ids", "in", self.ids), ("state", "=", "exception")]
            )
            for name in PIPELINES
        )
        return {
            "type": "warning" if to_review or self.failure_count else "success",
            "title": self.env._("%(file)s is imported", file=self.name),
            "message": self.env._(
                "%(new)s new, %(updated)s updated, %(unchanged)s unchanged, %(review)s to review",
                new=self.created_count,
                updated=self.updated_count,
                unchanged=self.unchanged_count,
                review=to_review + self.failure_count,
            ),
        }

    # === SCHEDULER ===

    @api.model
    def _to_run_domain(self):
        return Domain("state", "in", ("pending", "processing"))

    @api.model
    def _cron_run(self):
        """Run waiting and interrupted imports, each in transactions of its own."""
        waiting = self.search(self._to_run_domain(), order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(waiting))
        for record in waiting:
            record = record.try_lock_for_update().filtered_domain(self._to_run_domain())
            if record:
                record._run_or_reject()
            if not cron._commit_progress(1):
                break

    def _enqueue(self):
        """Have these imports run in the background soon; the scheduler does it.

        Hook for other engines of background jobs.
        """
        self.env.ref("marketplace_invoicing.ir_cron_run_marketplace_import")._trigger()

    def _run_or_reject(self, process=True):
        """Run one import with commits; an unexpected error rejects it and stops no other.

        :param bool process: as of `_run`
        """
        self.ensure_one()
        try:
            self._run(commit=True, process=process)
        except RACE_ERRORS:
            # Another worker was faster; the import stays and the next run goes on with it.
            self.env.cr.rollback()
            _logger.info("Import %s is taken up again later", self.id)
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("Import %s failed", self.id)
            self._reject(f"{type(error).__name__}: {error}")
            self._finish(commit=True)

    # === ACTIONS ===

    def action_run(self):
        """Try again a rejected or waiting import in the background."""
        self.check_access("read")
        rejected = self.sudo().filtered(lambda record: record.state == "rejected")
        rejected.state = "pending"
        self._enqueue()

    def action_open_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_order_action"
        )
        action["domain"] = [("import_ids", "in", self.ids)]
        action["context"] = {}
        return action

    def action_open_settlements(self):
        self.ensure_one()
        return self.settlement_ids._open_list(self.env._("Settlements"))
