"""Pages: the administrator's (home, user_methods, issue, policies) and the person's own (the rest)."""
