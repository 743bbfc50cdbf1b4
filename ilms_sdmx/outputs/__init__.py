"""What goes out to people, offices and programs: reports, forms, packages, a service."""
