"""Mail in the terminal, for a machine without a mail server: what a reader of it reads, without the envelope's alternatives."""

from typing import Any

from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Django's writes the whole message: its HTML says the text again, and pushes what else was printed off the screen."""

    def write_message(self, message: Any) -> None:
        """Write to whom, about what, and the text."""
        self.stream.write(f"Mail to {', '.join(message.recipients())}: {message.subject}\n")
        self.stream.writelines(f"    {line}\n" if line else "\n" for line in message.body.strip().splitlines())
