"""Published methods, each written from its paper, to be run on the same recordings as the locator."""
