"""The endpoints of the OpenID provider, its few pages, and the pages of app registrations."""
