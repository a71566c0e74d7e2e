"""Reports: figures, maps, animations and the page, drawn from finished runs."""
