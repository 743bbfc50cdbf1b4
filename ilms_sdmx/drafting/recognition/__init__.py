"""Recognition of printed tables: where they are, what heads them, what their words say."""
