"""Letters to one person: confirmations to readers, notices to editors."""
