"""`python -m cmelab` is the command `cmelab`."""

from cmelab.cli import main

raise SystemExit(main())
