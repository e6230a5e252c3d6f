"""The rules of the pre-flight, one a module. The port and the list of rules: `emag.checks`."""
