"""The sections that only the page of the reproduction has: its findings, protocols and numbers."""

from typing import Any

from mdsbench.report.page import sections
from mdsbench.report.page.findings import findings
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import Results


def story(results: Results, currency: Currency = CALLS) -> dict[str, Any]:
    """The variables of the templates of these sections."""
    return {
        "findings": findings(results, currency),
        "counted": None if currency.counts_calls else currency.label(*(size.dimension for size in results.sizes)),
        "prices": currency.prices(),
        "published": {size.map.points: sections.published(size) for size in results.sizes if size.as_published},
        "budgets": sections.budgets(results),
        "singles": sections.singles(results, currency),
    }
