"""The doors: the command `duban`, the web page, settings."""
