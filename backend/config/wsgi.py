"""The web site for a WSGI server: `gunicorn --chdir backend config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.site_settings")
application = get_wsgi_application()
