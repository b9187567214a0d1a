"""The only settings. What differs between installations comes from the environment (config/env.py)."""

import sys
from typing import Any

from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from config import env, keyring
from core import logs

try:
    ENVIRONMENT = env.read()
    DATABASES = {"default": env.database(ENVIRONMENT.database_url)}
except keyring.BadSetting as problem:
    sys.stderr.write(f"Gatepass cannot start: {problem}\n")
    raise SystemExit(2) from None

BASE_DIR = env.ROOT
DATA_DIR = ENVIRONMENT.data_dir
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.secret_key_fallbacks)
PUBLIC_URL = ENVIRONMENT.public_url
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
IS_LOCAL = ENVIRONMENT.is_local

PEPPER_KEYS = ENVIRONMENT.pepper_keys
AUDIT_SIGNING_KEY = ENVIRONMENT.audit_signing_key
AUDIT_PUBLIC_KEYS = ENVIRONMENT.audit_public_keys
AUDIT_RETENTION_DAYS = ENVIRONMENT.audit_retention_days
PASS_RETENTION_DAYS = ENVIRONMENT.pass_retention_days
SESSION_RETENTION_DAYS = ENVIRONMENT.session_retention_days
ARGON2_MEMORY_KIB = ENVIRONMENT.argon2_memory_kib
ARGON2_TIME_COST = ENVIRONMENT.argon2_time_cost
HASHES_IN_FLIGHT = ENVIRONMENT.hashes_in_flight
METRICS_TOKEN = ENVIRONMENT.metrics_token
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
HOST, PORT = ENVIRONMENT.host, ENVIRONMENT.port
WEB_WORKERS, WEB_THREADS = ENVIRONMENT.web_workers, ENVIRONMENT.web_threads

INSTALLED_APPS = [
    "config.apps.GatepassConfig",
    "core",
    "audit",
    "accounts",
    "notices",
    "tap",
    "authmethods",
    "bulk",
    "directory",
    "signin",
    "oidc",
    "graph",
    "support",
    "oauth2_provider",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    # What every answer carries: those below may answer by themselves, and their answers carry it too.
    "core.middleware.RequestContext",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "graph.middleware.GraphGate",  # outside of all that may answer with a page
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.Language",
    "core.middleware.SoundRequests",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.CurrentSignIn",
    "accounts.middleware.RequireSignIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.middleware.DomainErrors",
    "accounts.middleware.ConfirmSignIn",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.messages.context_processors.messages",
                "core.context_processors.appearance",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS: list[str] = []  # signin establishes sessions; nothing else may
PASSWORD_HASHERS = ["core.hashers.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("upn", "display_name", "mail")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Every model of the package is swapped for one of ours: its migrations make no table, and took half of a first start.
MIGRATION_MODULES = {"oauth2_provider": None}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oidc.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oidc.AccessToken"  # noqa: S105  a model
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oidc.RefreshToken"  # noqa: S105  a model
OAUTH2_PROVIDER_GRANT_MODEL = "oidc.Grant"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oidc.IDToken"  # noqa: S105  a model
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "oidc.DeviceGrant"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],  # http for loopback only: oidc.rules
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
}
# http is a scheme of redirect addresses because native apps listen on loopback (RFC 8252 §7.3); our own rule allows no other.
# Django's own sessions and sign-in are not installed: the support desk stands on ours (docs/decisions/0050).
SILENCED_SYSTEM_CHECKS = ["oauth2_provider.W008", "admin.E408", "admin.E410"]
LOGIN_URL = reverse_lazy("signin:identify")

# Cookies carry the __Host- prefix (RFC 6265bis §4.1.3.2) wherever the product is served over https.
COOKIE_PREFIX = "" if IS_LOCAL else "__Host-"
COOKIE_SECURE = not IS_LOCAL
SIGN_IN_COOKIE = f"{COOKIE_PREFIX}gatepass"
SIGN_IN_FLOW_COOKIE = f"{COOKIE_PREFIX}gatepass-flow"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}gatepass-csrf"
CSRF_COOKIE_SECURE = COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # as long as the browser
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
SESSION_COOKIE_SECURE = COOKIE_SECURE  # Django's sessions are not installed; the messages cookie follows these two
SESSION_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "core.messages.HostCookieStorage"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}gatepass-language"
THEME_COOKIE = f"{COOKIE_PREFIX}gatepass-theme"

SECURE_SSL_REDIRECT = not IS_LOCAL
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "require-trusted-types-for": ["'script'"],
    },
}

vars().update(env.mail(ENVIRONMENT.email_url))  # EMAIL_BACKEND, EMAIL_HOST, …
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from

DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["core.uploads.SmallFiles"]

# docs/decisions/0035. "long" is for tasks of minutes, so that they never keep a mail waiting.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "long"]}}

LANGUAGE_CODE = ENVIRONMENT.default_language
LANGUAGES = env.LANGUAGES
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else uses our files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}


LOGGING = logs.configuration(ENVIRONMENT.log_level, ENVIRONMENT.log_format)
