"""The smallest project around django-helpdesk: its settings, nothing of ours unless asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.conf import settings

PACKAGE = Path(__file__).parents[3] / "examples" / "incidentkit-django" / "src"


def set_up(folder: Path, *, together: bool = False) -> None:
    """Configure Django for this process and make the tables.

    `together`: with our app and its tables, and each request in one transaction.
    """
    if together:
        sys.path.insert(0, str(PACKAGE))
    settings.configure(
        SECRET_KEY="tests",
        USE_TZ=True,
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.hosts.helpdesk.urls",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "hd.db"),
                "ATOMIC_REQUESTS": together,
            }
        },
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.sites",
            "django.contrib.humanize",
            "django.contrib.staticfiles",
            "rest_framework",
            "helpdesk",
            *(["incidentkit_django"] if together else []),
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        SITE_ID=1,
        STATIC_URL="/static/",
        MEDIA_ROOT=str(folder / "media"),
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        LOGIN_URL="/login/",
        HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_ENABLE_PER_QUEUE_STAFF_PERMISSION=True,
        HELPDESK_ALLOW_NON_STAFF_TICKET_UPDATE=False,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    setup_test_environment()
