"""What every test stands on."""

pytest_plugins = ["tests.plugins.database", "tests.plugins.network", "tests.plugins.browser"]
