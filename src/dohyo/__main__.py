"""`python -m dohyo`: the command line."""

from dohyo.cli.main import main

if __name__ == "__main__":
    main()
