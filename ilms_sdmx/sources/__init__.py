"""Sources: one module a provider of international figures."""
