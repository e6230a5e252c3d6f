"""What an editor does: one verb for each thing, called by the command line and the web."""
