"""Run the generator: `python -m fixtures_generator --output rests.xml`."""

from fixtures_generator.command import main

if __name__ == "__main__":
    raise SystemExit(main())
