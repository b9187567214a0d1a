"""The one library that all of these modules add to; templates say `{% load ui %}`."""

from django import template

register = template.Library()
