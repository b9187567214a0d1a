"""The keys that sign tokens."""

from django.db import models


class SigningKey(models.Model):
    """An RSA key. The private half is sealed (core/secrets.py); the public half is published until ``retires_at``."""

    kid = models.CharField(max_length=64, primary_key=True)
    public = models.TextField()
    sealed_private = models.TextField()
    created_at = models.DateTimeField()
    retires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="signing_key_newest")]

    def __str__(self) -> str:
        return self.kid
