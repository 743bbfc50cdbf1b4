"""Commands about this installation: what it has, what a shell completes, a first look."""
