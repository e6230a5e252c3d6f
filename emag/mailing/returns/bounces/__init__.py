"""Reading what comes back by mail, in whatever form it comes."""
