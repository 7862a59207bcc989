import logging
from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..const import CONCURRENCY_ERRORS, RACE_ERRORS

_logger = logging.getLogger(__name__)

#: Attempts when another worker touched the same rows; each starts on a fresh snapshot.
MAX_ATTEMPTS = 5
#: More records than this are left to the scheduler instead of the user's request.
SYNCHRONOUS_LIMIT = 200
#: Workers at the same queue take this part each of what is left, and so many at least.
SHARES = 4
SMALLEST_SHARE = 25


class MarketplaceQueueMixin(models.AbstractModel):
    """Records that a pipeline takes as far as they can go, many at a time.

    The model defines ``_process``, ``_to_process_domain`` and ``_fail``; where part of the work
    is done better in a transaction of its own, also ``_get_steps``. One bad record never
    holds another, several workers share the queue, and a kill loses one batch at most.
    """

    _name = "marketplace.queue.mixin"
    _description = "Marketplace Queue"
    _inherit = ["marketplace.fact.mixin"]

    def _process(self):
        """Take each record as far as it can go now; every step may run again."""
        raise NotImplementedError

    @api.model
    def _to_process_domain(self):
        """Return the records for which the pipeline has something to do now."""
        raise NotImplementedError

    def _fail(self, message):
        """Send one record to review with what went wrong."""
        raise NotImplementedError

    @api.model
    def _imported_domain(self, import_ids):
        return Domain("import_ids", "in", import_ids)

    # === ISOLATION ===

    def _run_isolated(self, step):
        """Run a step on all records at once; where that fails, on ever smaller halves.

        :param step: name of a method on a recordset
        """
        if not self:
            return
        batch = self._in_batch()
        error = batch._try_in_savepoint(lambda: getattr(batch, step)())
        if not error:
            return
        if len(self) == 1:
            self._fail(error)
            return
        middle = len(self) // 2
        self[:middle]._run_isolated(step)
        self[middle:]._run_isolated(step)

    def _in_batch(self):
        """Return the records in the environment that a step on many of them runs in."""
        return self._as_system().with_context(tracking_disable=True)

    @api.model
    def _try_in_savepoint(self, action):
        """Run ``action`` in a savepoint.

        :return: the message of what went wrong, or None
        :raises: errors of concurrency, as the whole transaction has to be tried again; among
            them, while the context says so, a row that another worker made first
        """
        may_retry = self.env.context.get("marketplace_retry_unique")
        retryable = RACE_ERRORS if may_retry else CONCURRENCY_ERRORS
        try:
            with self.env.cr.savepoint():
                action()
                self.env.flush_all()
        except retryable:
            raise
        except UserError as error:
            return str(error)
        except Exception as error:
            # A bug, not a business error: loud in the log, and the neighbours go on.
            _logger.exception("Processing %s failed", self._name)
            return f"{type(error).__name__}: {error}"
        return None

    # === QUEUE ===

    @api.model
    def _get_steps(self):
        """Return the steps of the queue, each a transaction, in the order they are tried.

        :return: list of (name of a method on a batch, domain of the records it is for); what
            workers do in turns comes first, what takes up new records comes last
        """
        return [("_process", self._to_process_domain())]

    @api.model
    @contextmanager
    def _take_turn(self, step, domain, wait):
        """Give the part of the domain that this worker may take through the step now.

        :param str step: see :meth:`_get_steps`
        :param bool wait: until another worker has ended its turn; else have no part then
        :return: context manager of a domain
        """
        yield domain

    @api.model
    def _process_queue(self, domain=None, batch_size=200, on_batch=None, stuck=None):
        """Process waiting records batch by batch, each step in its own transaction.

        Several workers may run this at once: each locks the batch it takes, and whoever is
        killed in the middle loses nothing but that batch's step.

        :param domain: restricts the records
        :param on_batch: called after each commit with the number of records for which
            nothing is left to do; returns whether to go on
        :param set stuck: ids of records that could not move before, which are not looked at;
            those that cannot move now are added
        :return: number of records processed
        """
        self = self._as_system()
        total = 0
        run = {"stuck": set() if stuck is None else stuck, "is_shared": False}
        domain = domain or Domain.TRUE
        while True:
            done = self._run_next_step(domain, batch_size, run, wait=False)
            if done is None:
                # Nothing is left but what another worker's turn keeps us from.
                done = self._run_next_step(domain, batch_size, run, wait=True)
            if done is None:
                return total
            total += done
            if on_batch and not on_batch(done):
                return total

    @api.model
    def _run_next_step(self, domain, batch_size, run, wait):
        """Take one batch through the first step that has one, and commit.

        :param dict run: what this worker knows of its run, see :meth:`_process_queue`
        :return: number of records for which nothing is left to do, None without a batch
        """
        steps = self._get_steps()
        for step, waiting in steps:
            # What could not move must not be found again at once.
            waiting &= domain & Domain("id", "not in", list(run["stuck"]))
            with self._take_turn(step, waiting, wait) as mine:
                # Only what takes up new records tells how much there is to share.
                is_last = step == steps[-1][0]
                size = self._get_share(mine, batch_size, run) if is_last else batch_size
                batch, done = self._run_step(step, mine, size, run)
            if batch:
                return done
        return None

    @api.model
    def _get_share(self, domain, batch_size, run):
        """Return how many records to take: less near the end, where workers share them.

        So they come to the end at about the same time.
        """
        if not run["is_shared"]:
            return batch_size
        left = self.search_count(domain, limit=batch_size * SHARES)
        return min(batch_size, max(SMALLEST_SHARE, left // SHARES))

    @api.model
    def _run_step(self, step, domain, batch_size, run):
        """Take one batch through a step in a transaction, again after a conflict.

        :return: (batch, number of its records for which nothing is left to do)
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                # A conflict that stays after the retries is the record's own: it is isolated.
                may_retry = attempt < MAX_ATTEMPTS
                batch, stuck = self._process_batch(domain, batch_size, may_retry, step)
                going_on = batch.filtered_domain(self._to_process_domain()) - stuck
                if batch and not run["is_shared"]:
                    passed = Domain("id", "<", batch.ids[-1]) & domain
                    others = passed & Domain("id", "not in", batch.ids)
                    run["is_shared"] = bool(self.search_count(others, limit=1))
                self.env.cr.commit()  # pylint: disable=invalid-commit
            except RACE_ERRORS:
                self.env.cr.rollback()
                if attempt == MAX_ATTEMPTS:
                    raise
                continue
            run["stuck"].update(stuck.ids)
            return batch, len(batch) - len(going_on)

    @api.model
    def _process_batch(self, domain, batch_size, may_retry=True, step="_process"):
        """Process waiting records that no other worker holds, in the caller's transaction.

        :param domain: which records wait
        :param bool may_retry: a row that another worker made first is raised like other
            errors of concurrency, for the caller to try again; else it is the record's own
        :param str step: how far to take them, see :meth:`_get_steps`; by default all the way
        :return: (records processed, those of them that could not move), both flushed
        :raises: one of `RACE_ERRORS`: the transaction has to be tried again
        """
        batch = self._lock_batch(domain, batch_size)
        if batch:
            getattr(batch.with_context(marketplace_retry_unique=may_retry), step)()
        stuck = batch.filtered_domain(domain)
        self.env.flush_all()
        return batch, stuck

    @api.model
    def _lock_batch(self, domain, batch_size):
        """Return up to ``batch_size`` waiting records that no other worker holds."""
        candidates = self.search(domain, order="id", limit=batch_size * 10)
        return candidates.try_lock_for_update(limit=batch_size).filtered_domain(domain)

    @api.model
    def _enqueue(self):
        """Have what waits processed in the background soon; the scheduler does it.

        Hook for other engines of background jobs.
        """
        cron = f"marketplace_invoicing.ir_cron_process_{self._name.replace('.', '_')}"
        self.env.ref(cron)._trigger()

    @api.model
    def _cron_process(self, batch_size=200):
        """Process waiting records until none is left or the time is up."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(self._to_process_domain()))
        self._process_queue(batch_size=batch_size, on_batch=cron._commit_progress)
