"""Opens the store of a campaign for reading."""

from pathlib import Path

from mdsbench.store.store import Store


def open_store(path: Path | str) -> Store:
    r"""Open a store for reading, also while a campaign writes to it.

    Parameters
    ----------
    path : path or str
        The file of the store, for example one that `mdsbench.run_campaign` or ``mdsbench run`` wrote.

    Returns
    -------
    Store
        The store, which is a context manager. Leaving it closes the file.

    Raises
    ------
    UsageError
        If the file does not exist or is not a store.
    Failure
        If the store is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> import mdsbench
    >>> text = 'problems = ["cities-6"]\nsolvers = ["gd"]\nrepetitions = 1\ncalls = 50\n'
    >>> _ = Path("one.toml").write_text(text)
    >>> _ = mdsbench.run_campaign("one.toml", "one.sqlite", serial=True)
    >>> with mdsbench.open_store("one.sqlite") as store:
    ...     store.count("one")
    Count(done=1, failed=0, left=0)
    """
    return Store.read(Path(path))
