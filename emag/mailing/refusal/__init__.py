"""Judges what a mail server's refusal means: one verdict for bounces, webhooks and SMTP replies."""
