"""Entry of `python -m ilms_sdmx`."""

from ilms_sdmx.cli import main

if __name__ == "__main__":
    main()
