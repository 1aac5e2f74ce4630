"""Who does the work: this process, several processes, or the workers of a Dask cluster.

Each takes batches as they come, never more of them at a time than keep everybody busy, and gives results in the order
in which they get done.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import multiprocessing
import os
import pkgutil
import signal
import threading
from collections import deque
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from qualcode import __version__
from qualcode.corpus.batch import tag_batch
from qualcode.errors import MissingDependencyError, QualcodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from qualcode.corpus.batch import Job

    Task = tuple[str, pa.Buffer]
    """Name of a batch, and its rows; of a result, what became of them."""

_AHEAD = 2
# Batches that wait for each worker.
_DEATHS = 3
# Of processes, before one takes it that the work kills them.
_CONNECT_SECONDS = 5
_WORKER_SECONDS = 10
_INSTALL = (
    f'Install the same version in each Python environment of the cluster: pip install "qualcode[dask]=={__version__}"'
)
_KEPT = "Finished work is kept, and the same command continues from there"


def run_here(job: Job, tasks: Iterator[Task]) -> Iterator[Task]:
    """Yield the results, one after the other."""
    for name, rows in tasks:
        yield name, tag_batch(job, rows)


def run_processes(job: Job, tasks: Iterator[Task], n_jobs: int) -> Iterator[Task]:
    """Yield the results of several processes; what a process that died had in hand is done again.

    Raises
    ------
    QualcodeError
        If processes keep dying.
    """
    again: deque[Task] = deque()
    for _ in range(_DEATHS):
        waiting: dict[Any, Task] = {}
        with _open_pool(n_jobs) as pool:
            try:
                feed = chain(_drain(again), tasks)  # which, unlike a generator, leaves tasks open when it is given up
                submit = partial(_submit, pool, job, again)
                yield from _keep_busy(submit, concurrent.futures.wait, feed, _AHEAD * n_jobs, waiting)
            except concurrent.futures.BrokenExecutor:
                again.extend(waiting.values())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            else:
                return
    message = f"Processes died {_DEATHS} times, perhaps for lack of memory."
    script = 'In a script, put the work under “if __name__ == "__main__":”'
    raise QualcodeError(message, hint=f"Use fewer --jobs or a smaller --batch. {_KEPT}. {script}")


def _open_pool(n_jobs: int) -> concurrent.futures.ProcessPoolExecutor:
    # A fresh interpreter each: a copy of this one may hold locks of threads that it has not.
    fresh = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(n_jobs, mp_context=fresh, initializer=_begin_worker)


def _begin_worker() -> None:
    """Leave interruptions to the parent, and end when it ends, in whatever way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _drain(tasks: deque[Task]) -> Iterator[Task]:
    while tasks:
        yield tasks.popleft()


def _submit(pool: concurrent.futures.Executor, job: Job, again: deque[Task], task: Task) -> Any:
    try:
        return pool.submit(tag_batch, job, task[1])
    except concurrent.futures.BrokenExecutor:
        again.append(task)
        raise


def _keep_busy(
    submit: Callable[[Task], Any],
    wait: Callable[..., Any],
    tasks: Iterator[Task],
    n_ahead: int,
    waiting: dict[Any, Task],
) -> Iterator[Task]:
    """Hand in tasks, at most so many at a time, and yield the results as they get done.

    Parameters
    ----------
    submit, wait
        Hand one in for a future; wait for some of them.
    tasks, n_ahead
        What there is to do, and how much of it may be under way.
    waiting
        Is kept up to date: what is under way.
    """
    for task in tasks:
        waiting[submit(task)] = task
        if len(waiting) >= n_ahead:
            yield from _take_finished(wait, waiting)
    while waiting:
        yield from _take_finished(wait, waiting)


_RESULT_SECONDS = 30.0
"""How long to wait for the result of a batch that is done."""


def _take_finished(wait: Callable[..., Any], waiting: dict[Any, Task]) -> Iterator[Task]:
    for future in wait(list(waiting), return_when="FIRST_COMPLETED").done:
        try:
            result = future.result(timeout=_RESULT_SECONDS)
        except TimeoutError:  # its worker has gone with it: another one does it again, or the next wait finds none
            continue
        yield waiting.pop(future)[0], result


# ---- Dask


def run_dask(job: Job, tasks: Iterator[Task], n_jobs: int | None, scheduler: str | None) -> Iterator[Task]:
    """Yield the results of the workers of a Dask cluster; what a worker that died had in hand, others do again.

    Parameters
    ----------
    job, tasks
        What is to be done. The rows go to the workers by way of the scheduler, so that they need not see the files.
    n_jobs
        How many workers to begin on this machine, when no scheduler is given; ``None``: one for each processor.
    scheduler
        Address of a scheduler that runs, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    MissingDependencyError
        If Dask's distributed scheduler is not installed.
    QualcodeError
        If nobody answers at the address, nobody works there, or workers keep dying.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        message = "Tagging on a Dask cluster needs Dask's distributed scheduler."
        raise MissingDependencyError(message, hint='pip install "qualcode[dask]"') from error
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}))
        stack.enter_context(_silence())
        client = _connect(distributed, scheduler, n_jobs, stack)
        _compare_versions(client)
        submit = partial(_submit_to_cluster, client, job)
        wait = partial(_wait_for_cluster, distributed, client)
        try:
            yield from _keep_busy(submit, wait, tasks, _AHEAD * sum(client.nthreads().values()), {})
        except distributed.KilledWorker as error:
            message = "Workers died repeatedly on one batch, perhaps for lack of memory."
            raise QualcodeError(message, hint=f"Use a smaller --batch or larger workers. {_KEPT}") from error
        except (concurrent.futures.CancelledError, asyncio.CancelledError) as error:
            raise QualcodeError("The Dask scheduler is gone.", scheduler or "", f"Start it again. {_KEPT}") from error


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Dask's log off the screen: what matters of it is said in our own words."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _submit_to_cluster(client: Any, job: Job, task: Task) -> Any:
    name, rows = task
    return client.submit(tag_batch, job, rows, key=f"qualcode-{name}", pure=False)


def _wait_for_cluster(distributed: Any, client: Any, futures: list[Any], return_when: str) -> Any:
    """Wait for a result as long as anybody works; Dask itself would wait for ever for new workers."""
    while True:
        try:
            return distributed.wait(futures, timeout=_WORKER_SECONDS, return_when=return_when)
        except TimeoutError as error:
            if client.status == "running" and not client.nthreads():
                message = "The Dask scheduler has no workers left."
                raise QualcodeError(message, hint=f"Start some. {_KEPT}") from error


def _compare_versions(client: Any) -> None:
    """Look whether scheduler and workers have this program; one without it would end in silence at the first task.

    Raises
    ------
    QualcodeError
        If one of them has not, or has another version.
    """
    name = f"{tag_batch.__module__}:__version__"
    found = client.run(pkgutil.resolve_name, name, on_error="return")
    try:
        found["the scheduler"] = client.run_on_scheduler(pkgutil.resolve_name, name)
    except (ImportError, AttributeError) as error:
        found["the scheduler"] = error
    for place, its in found.items():
        if its != __version__:
            has = f"has qualcode {its}" if isinstance(its, str) else f"cannot load qualcode ({its})"
            raise QualcodeError(f"The Dask cluster cannot be used: {place} {has}.", hint=_INSTALL)


def _connect(distributed: Any, scheduler: str | None, n_jobs: int | None, stack: ExitStack) -> Any:
    """Return a client of the scheduler, or of a cluster on this machine that ends with the work."""
    if scheduler is None:
        cluster = distributed.LocalCluster(
            n_workers=n_jobs or os.cpu_count(),
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
        stack.enter_context(cluster)
        client = stack.enter_context(distributed.Client(cluster))
        client.run(_begin_worker)
        return client
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own in this one
            thread.submit(asyncio.run, _knock(distributed, scheduler)).result()
        client = stack.enter_context(distributed.Client(scheduler, timeout=_CONNECT_SECONDS))
    except (OSError, ValueError) as error:
        hint = (
            "Check that it is running and that the address is right, such as tcp://10.0.0.5:8786 (to start one: "
            "dask scheduler)"
        )
        raise QualcodeError("No Dask scheduler answers at this address.", scheduler, hint) from error
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as error:
        hint = f"Start some that have qualcode installed: dask worker {scheduler}"
        raise QualcodeError("The Dask scheduler has no workers.", scheduler, hint) from error
    return client


async def _knock(distributed: Any, scheduler: str) -> None:
    """Look whether a scheduler answers; a client that finds nobody would neither say so soon nor end in silence."""
    secrets = distributed.Security().get_connection_args("client")
    call = distributed.comm.connect(scheduler, timeout=_CONNECT_SECONDS, **secrets)
    comm = await asyncio.wait_for(call, _CONNECT_SECONDS)
    comm.abort()
