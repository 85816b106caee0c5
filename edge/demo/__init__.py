"""The demo: a site file and what `edge demo` puts together around the daemon."""
